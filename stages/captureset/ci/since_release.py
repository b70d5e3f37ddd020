"""What changed since the last release: from tables where they can be had, from what Git holds in any case."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from captureset.ci.exports import changed, outs
from captureset.comparison import telling
from captureset.comparison.difference import difference
from captureset.comparison.snapshot import Snapshot, snapshot
from captureset.formats import yamltext
from captureset.inspection.growth import texts_at
from captureset.store import git, pointers
from captureset.store.repository import Repository

NO_RELEASE = "no release yet"
RELEASES = "*@v*[0-9]"  # the mark of a withdrawal ends with !


def last_release(clone: Repository) -> str | None:
    """Return the nearest release among the ancestors of HEAD, None before the first."""
    merged = git.git(clone.root, "tag", "--list", RELEASES, "--merged", "HEAD").split()
    if not merged:
        return None
    return git.git(clone.root, "describe", "--tags", "--abbrev=0", "--match", RELEASES, "HEAD").strip()


def from_tables(clone: Repository) -> list[str]:
    """Return captures, labels, boxes, splits and quality that changed, line by line; no photo is fetched.

    Raises:
        CapturesetError: tables of either version are not to be had.
    """
    release = last_release(clone)
    before = snapshot(clone, release) if release else Snapshot(NO_RELEASE)
    return list(telling.lines(difference(before, snapshot(clone, "HEAD"))))


def settings(clone: Repository) -> list[str]:
    """Return the parameters that are other than at the last release, line by line."""
    release = last_release(clone)
    return _lines("params", clone, release, "params.yaml") if release else []


def from_git(clone: Repository) -> list[str]:
    """Return months, parameters, metrics and exports that changed, line by line: all that needs no data."""
    release = last_release(clone)
    exports = changed(outs(clone, "HEAD"), outs(clone, release) if release else {})
    lines = [*_months(clone, release), *settings(clone)]
    lines += _lines("metrics", clone, release, "data/report/metrics.json") if release else []
    lines += [f"exports    {', '.join(exports)}"] if exports else []
    return [f"{release or NO_RELEASE} -> HEAD, as far as Git holds it", *(lines or ["nothing changed"])]


def _months(clone: Repository, release: str | None) -> Iterator[str]:
    before, now = (_files(clone, revision) for revision in (release, "HEAD"))
    for month in sorted(before.keys() | now.keys()):
        if before.get(month) != now.get(month):
            yield f"month      {month}: {before.get(month, 0)} -> {now.get(month, 0)} files"


def _files(clone: Repository, revision: str | None) -> dict[str, int]:
    named = texts_at(clone, revision, "data/captures/") if revision else ()
    return {Path(name).stem: pointers.parse(text, name).files for name, text in named if name.endswith(".dvc")}


def _document(clone: Repository, revision: str | None, path: str) -> Any:
    text = git.committed_text(clone.root, path, revision) if revision else None
    return yamltext.parse(text or "{}")


def _lines(name: str, clone: Repository, release: str | None, path: str) -> list[str]:
    told = _leaves_changed(_document(clone, release, path), _document(clone, "HEAD", path))
    return [f"{name:<10} {change}" for change in told]


def _leaves_changed(before: Any, now: Any) -> Iterator[str]:
    old, new = dict(_leaves(before)), dict(_leaves(now))
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield f"{name}: {_shown(old, name)} -> {_shown(new, name)}"


def _shown(leaves: Mapping[str, Any], name: str) -> str:
    return json.dumps(leaves[name], ensure_ascii=False, default=str) if name in leaves else "absent"


def _leaves(document: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(document, Mapping):
        for key, inner in document.items():
            yield from _leaves(inner, f"{where}.{key}" if where else str(key))
    else:
        yield where, document
