"""A file is replaced at once and whole, and the bytes that give way are kept."""

from __future__ import annotations

import os
from pathlib import Path


def give_way(path: Path, kept: Path) -> None:
    """Keep the bytes of a file that is about to be replaced; what nobody can read cannot be kept."""
    try:
        data = path.read_bytes()
    except OSError:
        return
    keep(kept, data)


def keep(path: Path, data: bytes) -> None:
    """Keep bytes that give way; what an earlier repair kept stays beside them."""
    numbered = path
    while numbered.exists() and numbered.read_bytes() != data:
        numbered = numbered.with_name(numbered.name + "+")
    write_whole(numbered, data, None)


def write_whole(path: Path, data: bytes, mode: int | None) -> None:
    """Write a file that is there with all its bytes, on disk for good, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    with partial.open("wb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())
    if mode is not None:
        partial.chmod(mode)
    partial.replace(path)
