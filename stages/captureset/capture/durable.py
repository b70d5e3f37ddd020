"""Files that appear whole or not at all, and stay.

The order is what counts: bytes, then their name, then the folder that holds the name, each on disk before the next.
A failed fsync is an error for the caller: the system may have dropped the bytes, so asking again would prove nothing.
"""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from captureset.errors import NotKeptError, one_line

UNFINISHED = ".*.partial"
MODE = 0o666  # less what the umask takes
NAMELESS = hasattr(os, "O_TMPFILE") and Path("/proc/self/fd").is_dir()
CANNOT_BE_NAMELESS = {errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOSYS}
_safe_folders: set[tuple[int, int]] = set()  # device and inode of folders whose own name is on disk


class Draft:
    """A file that is being written into a folder and that nobody sees; gone when its block ends without a name.

    It has no name at all, so that a killed writer leaves nothing behind; where a disk cannot do so, a hidden one.
    """

    def __init__(self, folder: Path) -> None:
        self._hidden: Path | None = None
        descriptor = _nameless(folder) if NAMELESS else None
        if descriptor is None:
            self._hidden = folder / f".{secrets.token_hex(8)}.partial"
            descriptor = os.open(self._hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE)
        self._descriptor = descriptor

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)
        if self._hidden:
            self._hidden.unlink(missing_ok=True)

    def write(self, *parts: bytes) -> None:
        """Add bytes at the end."""
        for part in parts:
            rest = memoryview(part)
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]

    def name(self, path: Path) -> bool:
        """Give the file its name, once its bytes are on disk; False when that name is taken.

        The name itself is on disk after `sync_folder`.
        """
        os.fsync(self._descriptor)
        try:
            if self._hidden:
                os.link(self._hidden, path)
            else:  # with a descriptor Python follows the link that /proc shows
                os.link(f"/proc/self/fd/{self._descriptor}", path, src_dir_fd=self._descriptor)
        except FileExistsError:
            return False
        return True


def _nameless(folder: Path) -> int | None:
    """Return the descriptor of a new file without a name, None where the disk has none."""
    try:
        return os.open(folder, os.O_WRONLY | os.O_TMPFILE | os.O_CLOEXEC, MODE)
    except OSError as error:
        if error.errno in CANNOT_BE_NAMELESS:
            return None
        raise


def write_new(path: Path, *parts: bytes) -> bool:
    """Write a file that is not there yet; after this returns no crash can lose or tear it.

    Returns:
        False when a file of that name was already there; it is left as it is, and its name is safe.
    """
    make_folder(path.parent)
    new = False
    if not path.exists():
        with Draft(path.parent) as draft:
            draft.write(*parts)
            new = draft.name(path)
    sync_folder(path.parent)  # also when it was there: who wrote it may have been killed before its name was safe
    return new


def write_over(path: Path, data: bytes) -> None:
    """Write a file, whether it is there or not; a crash leaves the old one or the new one."""
    make_folder(path.parent)
    with Draft(path.parent) as draft:
        draft.write(data)
        beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}.partial")
        draft.name(beside)
        beside.replace(path)
    sync_folder(path.parent)


def remove(path: Path) -> None:
    """Remove a file, if it is there, so that no crash brings it back."""
    path.unlink(missing_ok=True)
    sync_folder(path.parent)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, if they are not there; their names are on disk when this returns."""
    try:
        state = folder.stat()
    except FileNotFoundError:
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        state = folder.stat()
        _safe_folders.discard((state.st_dev, state.st_ino))  # an earlier folder had that number
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
        said = one_line(f"{what} is not on disk for good: {error.strerror or error}{where}")
        raise NotKeptError(f"{said}; make room or mend the disk, then do the same again, nothing is lost.") from error
