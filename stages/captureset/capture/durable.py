"""Files that appear whole or not at all, and stay.

The order is what counts: bytes, then their name, then the folder that holds the name, each on disk before the next.
A failed fsync is an error for the caller: the system may have dropped the bytes, so asking again would prove nothing.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from captureset.errors import NotKeptError, one_line

UNFINISHED = ".*.partial"
_safe_folders: set[tuple[int, int]] = set()  # device and inode of folders whose own name is on disk


def write_new(path: Path, *parts: bytes) -> bool:
    """Write a file that is not there yet; after this returns no crash can lose or tear it.

    The bytes go to a temporary name and get their own by a link, which never overwrites.

    Returns:
        False when a file of that name was already there; it is left as it is, and its name is safe.
    """
    make_folder(path.parent)
    if path.exists():
        sync_folder(path.parent)  # who wrote it may have been killed before its name was safe
        return False
    partial = _written(path, parts)
    try:
        os.link(partial, path)
        new = True
    except FileExistsError:
        new = False
    finally:
        partial.unlink(missing_ok=True)
    sync_folder(path.parent)
    return new


def write_over(path: Path, data: bytes) -> None:
    """Write a file, whether it is there or not; a crash leaves the old one or the new one."""
    make_folder(path.parent)
    partial = _written(path, (data,))
    try:
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    sync_folder(path.parent)


def remove(path: Path) -> None:
    """Remove a file, if it is there, so that no crash brings it back."""
    path.unlink(missing_ok=True)
    sync_folder(path.parent)


def _written(path: Path, parts: tuple[bytes, ...]) -> Path:
    """Return a file of a hidden name beside the path, its bytes on disk; none is left when that fails."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(6)}.partial")
    try:
        with partial.open("xb") as handle:
            for part in parts:
                handle.write(part)
            handle.flush()
            os.fsync(handle.fileno())
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    return partial


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, if they are not there; their names are on disk when this returns."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
    state = folder.stat()
    known = (state.st_dev, state.st_ino)
    if known not in _safe_folders:  # also when it was there: who made it may have been killed before its name was safe
        sync_folder(folder.parent)
        _safe_folders.add(known)


def sync_folder(folder: Path) -> None:
    """Return when the names in a folder are on disk for good."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def kept(what: str) -> Iterator[None]:
    """Say in one sentence that a disk did not take something.

    Raises:
        NotKeptError: instead of any OSError.
    """
    try:
        yield
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        said = one_line(f"{what} is not safe on disk: {error.strerror or error}{where}")
        raise NotKeptError(f"{said}; make room or mend the disk, then do the same again, nothing is lost.") from error
