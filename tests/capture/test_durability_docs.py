"""docs/durability.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from captureset import errors
from captureset.capture import durable
from captureset.capture.inbox import UNFINISHED_S
from captureset.capture.reasons import REASONS
from captureset.store import git, git_locks

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "durability.md").read_text(encoding="utf-8")


def test_every_file_it_names_is_there() -> None:
    """Tests and benchmarks, in its commands and in its table."""
    named = set(re.findall(r"(?:tests|benchmarks)/[\w/]+\.py", TEXT))
    assert len(named) >= 6
    assert [name for name in named if not (ROOT / name).is_file()] == []


def test_its_batteries_are_batteries() -> None:
    """Each file of the long command has a test with that marker."""
    (command,) = re.findall(r"^pytest -s -m battery (.+)$", TEXT, re.MULTILINE)
    assert all("@pytest.mark.battery" in (ROOT / name).read_text(encoding="utf-8") for name in command.split())


def test_its_words_are_those_of_the_code() -> None:
    """Errors, the reason, the hidden suffix, Git's setting, how long a lock is looked at, when files are swept."""
    assert all(hasattr(errors, name) for name in re.findall(r"\b(\w+Error)\b", TEXT))
    assert "conflict" in REASONS
    assert durable.UNFINISHED.endswith(".partial")
    assert git.ON_DISK[1] in TEXT
    assert git_locks.PATIENCE_S == 2
    assert UNFINISHED_S == 24 * 3600
