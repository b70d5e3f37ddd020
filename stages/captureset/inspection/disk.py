"""Files on this machine's disk: which they are and how many bytes they take, a file with two names once."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable
from dataclasses import dataclass
from pathlib import Path

Inode = tuple[int, int]  # device, number on it


@dataclass(frozen=True, slots=True)
class FoundFile:
    """One name of a file; a symbolic link counts as the file it leads to."""

    path: Path
    size_bytes: int
    inode: Inode


@dataclass(frozen=True, slots=True)
class Place:
    """What lies in one place; `linked_bytes` of it are the very files of the cache, by hard or symbolic link."""

    files: int
    bytes: int
    linked_bytes: int = 0


def files_below(folder: Path) -> list[FoundFile]:
    """Return every file below a folder, by path; a folder that is not there has none."""
    found = []
    for parent, _, names in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            try:
                state = path.stat()
            except FileNotFoundError:
                continue  # removed meanwhile, or a link that leads nowhere
            found.append(FoundFile(path, state.st_size, (state.st_dev, state.st_ino)))
    return sorted(found, key=lambda file: file.path)


def place(files: Iterable[FoundFile], cached: Container[Inode] = frozenset()) -> Place:
    """Return what files take together.

    Args:
        files: of one place; two names of one file count as two files and as its bytes once.
        cached: the files of the cache.
    """
    listed = list(files)
    sizes = {file.inode: file.size_bytes for file in listed}
    linked = sum(size for inode, size in sizes.items() if inode in cached)
    return Place(len(listed), sum(sizes.values()), linked)
