"""docs/storage.md and docs/using.md name what there is; tests/consumers types their commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

import documented
from captureset.cli.main import app
from captureset.integrity.fsck import HARMLESS

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = ("docs/storage.md", "docs/using.md")


def options() -> dict[str, set[str]]:
    """Return the options of every command of captureset, by its name."""
    group = typer.main.get_command(app)
    commands = getattr(group, "commands", {})
    return {name: {opt for p in command.params for opt in p.opts} for name, command in commands.items()}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_and_option_exists(document: str) -> None:
    """`captureset X --option`, in prose and in code blocks."""
    text = (ROOT / document).read_text(encoding="utf-8")
    known = options()
    found = re.findall(r"captureset ([a-z-]+)((?: [^\s`|]+)*)", text)
    used = [(name, set(re.findall(r"--[a-z-]+", rest))) for name, rest in found if name in known]
    assert used
    assert [(name, more - known[name]) for name, more in used if more - known[name]] == []
    assert set(re.findall(r"`captureset ([a-z-]+)", text)) <= known.keys()


def test_the_word_of_an_empty_cache_is_harmless() -> None:
    """Restoring begins with a cache that lacks everything; the document calls that `absent`."""
    assert "`absent`" in (ROOT / "docs/storage.md").read_text(encoding="utf-8")
    assert "absent" in HARMLESS


def test_readme_changes_to_s3_by_the_same_two_commands() -> None:
    """Line by line; tests/consumers types them."""
    lines = [" ".join(words) for words in documented.commands("docs/storage.md", "S3 in two commands")[:2]]
    assert "\n".join(lines) in (ROOT / "README.md").read_text(encoding="utf-8")
