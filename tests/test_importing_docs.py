"""docs/importing.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from captureset.capture.import_account import OnDirt
from captureset.formats.sources.dirt import DIRT

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "docs" / "importing.md").read_text(encoding="utf-8")


def cells(heading: str) -> list[list[str]]:
    """Return the cells of the table below a heading, without the table's own head."""
    section = TEXT.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def test_the_table_of_codes_is_the_code() -> None:
    """Each code stands in it once, in order, with what it is about, its fate and its meaning; and no other does."""
    told = [[f"`{code}`", dirt.unit.value, dirt.action.value, dirt.meaning] for code, dirt in DIRT.items()]
    assert cells("Every code") == told


def test_the_table_of_policies_is_the_option() -> None:
    """`--on-dirt` takes exactly what the table says."""
    assert [re.findall(r"`([\w-]+)`", row[0])[0] for row in cells("What to do about dirt")] == [
        each.value for each in OnDirt
    ]


def test_every_code_is_used() -> None:
    """No code is a promise that no reader keeps."""
    source = "".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "stages" / "captureset").rglob("*.py")
        if path.name != "dirt.py"
    )
    assert [code for code in DIRT if f'"{code}"' not in source] == []


def test_readme_leads_to_it() -> None:
    """Whoever reads about `import` finds the table."""
    assert "docs/importing.md" in (ROOT / "README.md").read_text(encoding="utf-8")
