"""docs/quality.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from captureset import params, quality
from captureset.judgement import advice, collection, ranking
from captureset.judgement.gate import GATE_FLAGS

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs/quality.md").read_text(encoding="utf-8")


def part(heading: str) -> str:
    """Return a section of the page."""
    return PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]


def first_cells(heading: str) -> list[str]:
    """Return the names in the first column of a section's table."""
    return re.findall(r"^\| `([\w.]+)` \|", part(heading), re.MULTILINE)


def yielded(module: object) -> set[str]:
    """Return the codes that stand as the first thing after `yield` in a module's source."""
    source = Path(str(module.__file__)).read_text(encoding="utf-8")  # type: ignore[attr-defined]  # a module has one
    return set(re.findall(r'yield (?:_row\()?"(\w+)",', source))


def test_every_flag_is_explained() -> None:
    """The table has the flags that have advice, the gate's marked as such, and the codes without a flag follow it."""
    assert set(first_cells("Flags")) == {*advice.PHOTO_ADVICE, *advice.LABEL_ADVICE, *advice.NUMBERED}
    assert tuple(re.findall(r"^\| `(\w+)` \| gate:", PAGE, re.MULTILINE)) == GATE_FLAGS
    others = re.search(r"without a flag: (.+)\.", PAGE)
    assert others is not None
    assert set(re.findall(r"`(\w+)`", others[1])) == yielded(advice)


def test_every_parameter_is_named() -> None:
    """Each key of section `quality` has its place on the page."""
    assert set(params.load("quality", ROOT / "params.yaml")) <= set(re.findall(r"`(\w+)`", PAGE))


def test_every_table_is_named() -> None:
    """The files that the stage writes, but for what `duplicates` keeps for itself."""
    source = Path(quality.__file__).read_text(encoding="utf-8")
    assert {*re.findall(r': \("(\w+\.parquet)"', source), "duplicates.parquet"} == set(
        first_cells("Tables in data/quality")
    )


def test_every_reason_and_gap_is_named() -> None:
    """The reasons of `captureset review` and the gaps of the collection."""
    reasons = set(re.findall(r"`(\w+)`", part("Where a person's look is worth most").split("Reasons:")[1]))
    source = Path(ranking.__file__).read_text(encoding="utf-8")
    of_model = {"overlooked", "badly_located", "swapped", "few_answered"}
    assert all(f'"{code}"' in source for code in of_model)
    assert reasons == yielded(ranking) | of_model
    assert yielded(collection) <= set(re.findall(r"`(\w+)`", part("Tables in data/quality")))
