"""What the exports of a version carry: a capture can be in the dataset and still be left out of a format."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from captureset.errors import CapturesetError
from captureset.store.objects import ObjectStore

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Classes:
    """What exports call the categories, by `export.categories`, `export.category_names` and data/categories.yaml."""

    by_code: Mapping[str, tuple[int, str]] = field(default_factory=dict)  # our code to id and name in the exports
    outlines: bool = False

    def keeps(self, earlier: Classes) -> bool:
        """Say whether a model trained before still means the same: every code leads where it led."""
        return all(self.by_code.get(code) == was for code, was in earlier.by_code.items())

    def beyond(self, earlier: Classes) -> tuple[str, ...]:
        """Return the codes that led nowhere before, sorted."""
        return tuple(sorted(self.by_code.keys() - earlier.by_code.keys()))


@dataclass(frozen=True, slots=True)
class ExportChange:
    """Captures that came into one export, and that left it."""

    path: str
    came: tuple[str, ...]
    left: tuple[str, ...]


def carried(store: ObjectStore, exports: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """Return the captures whose pictures each export holds; one that is switched off, or has none, holds nothing.

    Args:
        store: where manifests are read by hash.
        exports: path and address of every export.

    Raises:
        CapturesetError: an export's list of files or its manifest is nowhere to be had.
    """
    return {path: _captures(store, path, address) for path, address in exports.items()}


def _captures(store: ObjectStore, path: str, address: str) -> frozenset[str]:
    files = {entry["relpath"]: entry["md5"] for entry in json.loads(store.read(address))}
    found = [md5 for name, md5 in sorted(files.items()) if name.rpartition("/")[2] == MANIFEST and name.count("/") <= 1]
    if not found:
        raise CapturesetError(f"{path} ({address}) has no {MANIFEST}; build it anew with `dvc repro`.")
    return frozenset(row["capture_id"] for row in json.loads(store.read(found[0])).get("images", ()))


def export_changes(
    old: Mapping[str, frozenset[str]], new: Mapping[str, frozenset[str]], gone: frozenset[str]
) -> tuple[ExportChange, ...]:
    """Return what came into and left each export, captures that left the whole dataset not counted again."""
    empty = frozenset[str]()
    found = (
        ExportChange(
            path,
            tuple(sorted(new.get(path, empty) - old.get(path, empty))),
            tuple(sorted(old.get(path, empty) - new.get(path, empty) - gone)),
        )
        for path in sorted(old.keys() | new.keys())
    )
    return tuple(change for change in found if change.came or change.left)
