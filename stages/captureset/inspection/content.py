"""What the month pointers and dvc.lock name: files by kind, each with the address of its bytes."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from captureset.errors import MissingObjectError
from captureset.formats.schema import read_yaml
from captureset.store import pointers
from captureset.store.objects import ObjectStore

KINDS = ("originals", "twins", "sidecars", "feedback", "exports", "tables", "manifests")
PARTS = {"photo": "originals", "twin": "twins", "sidecar": "sidecars", "feedback": "feedback"}
EXPORTS = "data/exports"


@dataclass(frozen=True, slots=True)
class Named:
    """A file that the repository names: its kind, its path below the root, the md5 of its bytes."""

    kind: str
    path: str
    md5: str


@dataclass(frozen=True, slots=True)
class Content:
    """All files of one kind, whether their bytes are on this machine or not."""

    files: int
    bytes: int  # of every file
    unique_bytes: int  # the same bytes once
    shared_bytes: int  # of the unique ones, those that another kind names too
    unknown_files: int  # neither cache nor remote has them, so nobody knows their size


def named(store: ObjectStore) -> list[Named]:
    """Return every file that the workspace's pointers and dvc.lock name, folders' own manifests included.

    Raises:
        MissingObjectError: the manifest of a month is neither in the cache nor on the remote.
    """
    return [*_of_months(store), *_of_stages(store)]


def _of_months(store: ObjectStore) -> Iterator[Named]:
    for pointer in pointers.read(store.root / "data" / "captures"):
        folder = f"data/images/{pointers.month_folder(pointer.month)}"
        if pointer.manifest:
            yield Named("manifests", folder, pointer.manifest)
        for relpath, md5 in sorted(pointers.rows(store, pointer).items()):
            yield Named(PARTS[pointers.capture_of(relpath)[1]], f"{folder}/{relpath}", md5)


def _of_stages(store: ObjectStore) -> Iterator[Named]:
    path = store.root / "dvc.lock"
    stages: Mapping[str, Any] = read_yaml(path)["stages"] if path.exists() else {}
    in_git = set(_kept_by_git(store.root / "dvc.yaml")) if stages else set()
    for out in (out for stage in stages.values() for out in stage.get("outs", ())):
        if out["path"] not in in_git:
            yield from _of_output(store, out["path"], out["md5"])


def _kept_by_git(recipe: Path) -> Iterator[str]:
    """Give the outputs that dvc.yaml keeps out of the cache: small metrics, which Git has."""
    for stage in read_yaml(recipe)["stages"].values():
        outs = [out for kind in ("outs", "metrics", "plots") for out in stage.get("do", stage).get(kind, ())]
        for out in (out for out in outs if isinstance(out, dict)):
            yield from (path for path, options in out.items() if not options.get("cache", True))


def _of_output(store: ObjectStore, path: str, md5: str) -> Iterator[Named]:
    kind = "exports" if Path(path).is_relative_to(EXPORTS) else "tables"
    if not md5.endswith(".dir"):
        yield Named(kind, path, md5)
        return
    yield Named("manifests", path, md5)
    try:
        listing = json.loads(store.read(md5))
    except MissingObjectError:
        return  # nobody pushed that output: its manifest is of unknown size, its files of unknown number
    for entry in listing:
        yield Named(kind, f"{path}/{entry['relpath']}", entry["md5"])


def content(files: Sequence[Named], sizes: Mapping[str, int]) -> dict[str, Content]:
    """Return what each kind takes, every kind named.

    Args:
        files: what the repository names.
        sizes: bytes by md5, of what cache or remote have.
    """
    kinds_of: dict[str, set[str]] = defaultdict(set)
    for file in files:
        kinds_of[file.md5].add(file.kind)
    found = {}
    for kind in KINDS:
        own = [file.md5 for file in files if file.kind == kind]
        unique = {md5: sizes.get(md5, 0) for md5 in own}
        found[kind] = Content(
            files=len(own),
            bytes=sum(unique[md5] for md5 in own),
            unique_bytes=sum(unique.values()),
            shared_bytes=sum(size for md5, size in unique.items() if len(kinds_of[md5]) > 1),
            unknown_files=sum(md5 not in sizes for md5 in own),
        )
    return found
