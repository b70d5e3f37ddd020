"""What changed from version to version of the data, newest first: data/metadata/CHANGELOG.md."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from captureset.formats import jsontext
from captureset.store.repository import Repository

HEAD = """# Versions of the dataset

Newest first. Written by `captureset release`; `captureset diff OLD NEW` has the whole of each change.
"""


def path(repository: Repository) -> Path:
    """Return where the history stands."""
    return repository.manifests.parent / "CHANGELOG.md"


def add(repository: Repository, manifest: Mapping[str, Any]) -> None:
    """Write a version on top of the history."""
    _put_on_top(repository, entry(manifest))


def withdraw(repository: Repository, manifest: Mapping[str, Any]) -> None:
    """Write on top of the history that a version was withdrawn."""
    said = manifest["withdrawn"]
    _put_on_top(repository, f"## {manifest['tag']} withdrawn, {said['at'][:10]}\n\n- {said['reason']}\n")


def _put_on_top(repository: Repository, text: str) -> None:
    file = path(repository)
    before = file.read_text(encoding="utf-8") if file.exists() else HEAD
    file.parent.mkdir(parents=True, exist_ok=True)
    jsontext.write_text(file, f"{HEAD}\n{text}{before.removeprefix(HEAD)}")


def entry(manifest: Mapping[str, Any]) -> str:
    """Return the entry of a version, Markdown."""
    counts = manifest["counts"]
    sizes = ", ".join(f"{name} {number}" for name, number in sorted(counts["splits"].items()))
    lines = [f"## {manifest['tag']}, {manifest['released_at'][:10]}", ""]
    lines += [f"- {manifest['description']}"] if manifest["description"] else []
    lines += [f"- {sum(counts['splits'].values())} captures ({sizes})", f"- {_changes(manifest.get('changes'))}"]
    return "\n".join(lines) + "\n"


def _changes(changes: Mapping[str, Any] | None) -> str:
    if changes is None:
        return "the first version"
    told = ("added", "removed", "masked", "relabelled")
    counted = ", ".join(f"{changes[what]} {what}" for what in told)
    return f"since {changes['since']}: {counted} ({changes['level']})"
