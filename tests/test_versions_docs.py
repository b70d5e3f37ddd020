"""docs/versions.md says what the code does."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import typer.main

from captureset.cli.main import app
from captureset.comparison.boxes import MATCHING_IOU
from captureset.comparison.carried import ExportChange
from captureset.comparison.difference import BOX_KINDS, LabelChange, Moved, difference
from captureset.comparison.semver import LEVELS, reasons
from captureset.comparison.snapshot import Snapshot
from captureset.release.environment import NOT_FOR_EXPORTS
from captureset.release.rebuild import FROM_NOTHING

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs/versions.md").read_text(encoding="utf-8")
ONE_LINE = " ".join(PAGE.split())


def table(head: str) -> dict[str, str]:
    """Return the rows of the table whose head begins so: first cell to second."""
    rows = PAGE.split(f"| {head}", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return {row.split("|")[1].strip(" `"): row.split("|")[2].strip() for row in rows}


def test_every_reason_for_a_number_is_there() -> None:
    """The table of levels has each sentence that can decide a number, beside its level."""
    one = ("c",)
    nothing = difference(Snapshot("a"), Snapshot("b"))
    export = ExportChange("data/exports/coco_format", one, one)
    everything = replace(
        nothing,
        added=one,
        removed=one,
        newly_masked=one,
        replaced=one,
        renumbered=one,
        labels=(LabelChange("c", None, None, "none", "none", (), ()),),
        splits=(Moved("c", "train", "val"),),
        carried=(export,),
        classes_kept=False,
    )
    rows = table("level")
    assert tuple(rows) == LEVELS
    decisive = [*reasons(everything), *reasons(replace(nothing, carried=(replace(export, left=()),)))]
    assert len(decisive) == 10
    for level, sentence in decisive:
        assert re.split(r":| \(", sentence)[0] in rows[level].split("; "), sentence


def test_states_boxes_and_numbers_are_the_codes() -> None:
    """States are the schema's, kinds of change to boxes and the limit of a match the comparison's."""
    allowed = json.loads((ROOT / "schemas/release.schema.json").read_text(encoding="utf-8"))["properties"]["state"]
    assert list(table("`state`")) == allowed["enum"]
    assert all(f"`{kind}`" in PAGE.split("- `boxes`", 1)[1].split("- `splits`", 1)[0] for kind in BOX_KINDS)
    assert f"from an IoU of {MATCHING_IOU} on" in ONE_LINE


def test_how_a_version_is_made_again_is_the_commands() -> None:
    """Every option of `rebuild` is on the page or shared with other commands, with the flags DVC is given."""
    command = typer.main.get_command(app).commands["rebuild"]  # type: ignore[attr-defined]
    options = {name for parameter in command.params for name in parameter.opts if name.startswith("--")}
    section = PAGE.split("## Made again", 1)[1].split("\n## ", 1)[0]
    assert {"--here", "--keep", "--last"} <= options
    assert all(option in section for option in options - {"--repo", "--json", "--help"})
    assert f"`dvc repro {' '.join(FROM_NOTHING)}`" in section
    assert "torch" in NOT_FOR_EXPORTS
    assert "no torch" in section


def test_readme_leads_there() -> None:
    """README links the page."""
    assert "docs/versions.md" in (ROOT / "README.md").read_text(encoding="utf-8")
