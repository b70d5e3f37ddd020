"""docs/splits.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from captureset.duplicates import pairs
from captureset.records.splits import SACRED
from captureset.reporting import wording
from captureset.splits import minimisation, summary
from rows import PARAMS

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs/splits.md").read_text(encoding="utf-8")


def table(head: str) -> set[str]:
    """Return the first words of the rows of the table whose head begins so."""
    rows = PAGE.split(f"| {head}", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return {row.split("`")[1] for row in rows}


def test_the_tables_have_every_code() -> None:
    """Kinds of pairs, rules and masks are those that can be written."""
    assert table("`kind`") == set(pairs.KINDS)
    assert table("`rule`") == set(wording.RULE_MEANS)
    assert table("`masked`") == {"bridges_frozen_splits", "copy_in_evaluation"}


def test_keys_order_and_numbers_are_the_codes() -> None:
    """Every parameter named exists; the order of splits, the algorithm and the limits are those of the code."""
    document = yaml.safe_load(PARAMS.read_text(encoding="utf-8"))
    named = re.findall(r"`(quality|filter|split)\.(\w+)", PAGE)
    assert len(named) > 5
    assert all(key in document[section] for section, key in named)
    first, *others = SACRED
    assert f"{first.capitalize()} goes before {', that before '.join(others)}." in " ".join(PAGE.split())
    assert minimisation.ALGORITHM in PAGE
    assert f"more than {summary.MANY_GROUPS}" in " ".join(PAGE.split())
    assert f"within {pairs.SAME_ASPECT:.0%}".replace("%", " %") in PAGE


def test_readme_leads_there() -> None:
    """README links the page."""
    assert "docs/splits.md" in (ROOT / "README.md").read_text(encoding="utf-8")
