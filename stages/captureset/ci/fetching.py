"""An output of the pipeline brought from the remote into a clone: every byte by its md5, or refused by name."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path, PurePosixPath

from captureset.errors import CapturesetError, MissingObjectError
from captureset.store.objects import ObjectStore


def fetch(store: ObjectStore, path: str, address: str) -> int:
    """Put an output where dvc.lock says it stands, and return how many files it has.

    The files are links into the clone's cache.

    Raises:
        CapturesetError: the remote lacks a byte of it or has it damaged, or a path leads out of the output.
    """
    target = store.root / _inside(path, "dvc.lock")
    if not address.endswith(".dir"):
        _link(store, path, address, target)
        return 1
    try:
        listing = {entry["relpath"]: entry["md5"] for entry in json.loads(store.read(address))}
    except MissingObjectError as error:
        raise _unfetchable(path, error) from None
    for below in listing:
        _inside(below, f"{path} ({address})")
    with suppress(MissingObjectError):  # the first one, in the order of paths, is named below
        store.fetch_missing(list(listing.values()))
    for below, md5 in sorted(listing.items()):
        _link(store, f"{path}/{below}", md5, target / below)
    return len(listing)


def _link(store: ObjectStore, path: str, address: str, target: Path) -> None:
    try:
        store.read(address)  # its md5 is verified
    except MissingObjectError as error:
        raise _unfetchable(path, error) from None
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    os.link(store.cache_path(address), target)


def _unfetchable(path: str, error: MissingObjectError) -> CapturesetError:
    return CapturesetError(
        f"{path} cannot be fetched: {str(error).partition(';')[0]}; run `dvc push` where it was built."
    )


def _inside(path: str, named_by: str) -> str:
    parts = PurePosixPath(path)
    if parts.is_absolute() or ".." in parts.parts or not parts.parts:
        raise CapturesetError(f"{named_by} names {path!r}, which leads out of its folder; build it again.")
    return path
