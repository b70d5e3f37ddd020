"""docs/integrity.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import typer.main

import dvc_beside
import gc_states
from captureset.cli.main import app
from captureset.integrity import fsck, gc
from captureset.integrity.clone import UNDER_WAY

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs/integrity.md").read_text(encoding="utf-8")
WORDS = " ".join(PAGE.split())


def rows(head: str) -> list[str]:
    """Return the first cells of the tables whose head begins so."""
    found = []
    for table in PAGE.split(f"| {head} |")[1:]:
        found += [row.split("|")[1].strip().strip("`") for row in table.split("\n\n", 1)[0].splitlines()[2:]]
    return found


def test_the_tables_have_every_row() -> None:
    """Faults, DVC's commands and the planted states are those of the code."""
    assert rows("fault") == list(fsck.FAULTS)
    assert all(meaning in WORDS for meaning in fsck.FAULTS.values())
    commands = [name for named in dvc_beside.COMMANDS.values() for name in (*named, "captureset fsck --remote")]
    assert rows("command") == commands
    assert rows("lost") == [*gc_states.KEPT, *gc_states.OTHERS]


def test_the_numbers_are_the_codes() -> None:
    """Grace, share, and what Git is amid."""
    assert f"older than {gc.GRACE_DAYS:g} days" in WORDS
    assert f"more than {gc.MOST_SHARE:.0%} of the objects would go".replace("%", " %") in WORDS
    assert all(command.removeprefix("git ") in WORDS for command in UNDER_WAY.values())


def test_every_option_and_file_named_exists() -> None:
    """Options are the commands', tests and benchmarks are there."""
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    for name in ("fsck", "gc"):
        known = {option for param in commands[name].params for option in param.opts}
        used = {option for line in re.findall(rf"captureset {name} ([^#`\n]*)", PAGE) for option in line.split()}
        assert {option for option in used if option.startswith("--")} <= known
    files = re.findall(r"(?:tests|benchmarks)/[\w/]+\.py", PAGE)
    assert files
    assert all((ROOT / file).is_file() for file in files)
