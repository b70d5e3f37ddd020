"""The manifest of a release: what is in it, how it was made, by what; schemas/release.schema.json documents it."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from captureset.comparison.difference import Difference
from captureset.comparison.semver import level
from captureset.formats import tables
from captureset.formats.schema import read_yaml
from captureset.records.rows import CaptureRow, FilterRow, SplitRow
from captureset.records.sidecar import utc_text
from captureset.records.splits import splits_of
from captureset.records.taxonomy import Taxonomy
from captureset.release.version import Version
from captureset.store import locked, pointers
from captureset.store.repository import Repository

TOOLS = (
    "captureset",
    "dvc",
    "numpy",
    "pandas",
    "pillow",
    "pyarrow",
    "pycocotools",
    "simplejpeg",
    "ultralytics",
    "torch",
)


def manifest(
    repository: Repository,
    version: Version,
    *,
    description: str,
    parent: Version | None,
    built_from: str,
    released_at: datetime,
    taxonomy: Taxonomy,
    changed: Difference | None,
) -> dict[str, Any]:
    """Return the manifest of a version that is about to be tagged.

    Args:
        repository: built and frozen.
        version: its name and number.
        description: what a person says about it.
        parent: the version before, if any.
        built_from: the Git commit whose pipeline made it.
        released_at: now, UTC; the one place where a clock enters.
        taxonomy: its categories.
        changed: what changed since the parent.
    """
    root = repository.root
    captures = tables.read(root / "data/catalog/captures.parquet", CaptureRow)
    splits = tables.read(root / "data/split/split.parquet", SplitRow)
    verdicts = tables.read(root / "data/filter/filter.parquet", FilterRow)
    return {
        "schema_version": 1,
        "name": version.name,
        "version": version.number,
        "tag": version.tag,
        "state": "ready",
        "description": description,
        "parent": parent.tag if parent else None,
        "released_at": utc_text(released_at.replace(microsecond=0)),
        "built_from": built_from,
        "criteria": read_yaml(root / "params.yaml"),
        "counts": _counts(captures, verdicts, splits),
        "categories": {category.code: category.id for category in taxonomy.categories},
        "months": {pointer.month: pointer.manifest for pointer in pointers.read(repository.pointers)},
        "exports": exports(read_yaml(root / "dvc.lock")),
        "tools": tool_versions(),
        **({} if changed is None else {"changes": _changes(changed)}),
    }


def _changes(changed: Difference) -> dict[str, Any]:
    asked, why = level(changed)
    return {
        "since": changed.old,
        "level": asked,
        "because": why,
        "added": len(changed.added),
        "removed": len(changed.removed),
        "masked": len(changed.newly_masked),
        "relabelled": len(changed.labels),
    }


def _counts(
    captures: Sequence[CaptureRow], verdicts: Sequence[FilterRow], splits: Sequence[SplitRow]
) -> dict[str, Any]:
    exported = {row.capture_id: row.split for row in splits if row.masked is None}
    shown = Counter(row.category for row in captures if row.capture_id in exported and row.category)
    per_split = Counter(exported.values())
    return {
        "captures": len(captures),
        "kept": sum(row.kept for row in verdicts),
        "masked": sum(row.masked is not None for row in splits),
        "splits": {name: per_split[name] for name in splits_of(per_split)},
        "dropped": dict(Counter(reason for row in verdicts for reason in row.reasons)),
        "categories": dict(shown),
    }


def exports(lock: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return address, size and file count of every export, as dvc.lock has them."""
    return {
        out["path"]: {"md5": out["md5"], "size_bytes": out["size"], "files": out["nfiles"]}
        for out in locked.outs(lock)
        if Path(out["path"]).is_relative_to("data/exports")
    }


def tool_versions() -> dict[str, str]:
    """Return the versions of what made it; a tool that is not installed is left out."""
    found = {"python": platform.python_version()}
    for tool in TOOLS:
        try:
            found[tool] = metadata.version(tool)
        except metadata.PackageNotFoundError:
            continue
    return found
