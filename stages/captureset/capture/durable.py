"""Files that appear whole or not at all, and stay."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def write_new(path: Path, data: bytes) -> bool:
    """Write a file that is not there yet; after this returns no crash can lose or tear it.

    The bytes go to a temporary name, then to disk, then get their name by a link, which never overwrites, then the
    folder goes to disk.

    Returns:
        False when a file of that name was already there; it is left as it is.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(6)}.partial")
    try:
        with partial.open("xb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        try:
            path.hardlink_to(partial)
        except FileExistsError:
            sync_folder(path.parent)  # who wrote it may have been killed before its name was safe
            return False
    finally:
        partial.unlink(missing_ok=True)
    sync_folder(path.parent)
    return True


def sync_folder(folder: Path) -> None:
    """Return when the names in a folder are on disk for good."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
