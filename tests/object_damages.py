"""What can happen to an object of a cache or remote: a hundred of these are planted, found and mended."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

Damage = Callable[[Path, random.Random], None]


def objects(folder: Path) -> list[Path]:
    """Return the files of every object below a cache or remote, sorted."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def oid_of(path: Path) -> str:
    """Return the address a file stands at."""
    return path.parent.name + path.name


def rewritten(path: Path, data: bytes) -> None:
    """Put other bytes under an object's name, read-only again, so that DVC trusts them."""
    path.chmod(0o644)
    path.write_bytes(data)
    path.chmod(0o444)


def flip(path: Path, chance: random.Random) -> None:
    """Turn one bit over."""
    data = bytearray(path.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    rewritten(path, bytes(data))


def truncate(path: Path, chance: random.Random) -> None:
    """Cut the end off."""
    data = path.read_bytes()
    rewritten(path, data[: chance.randrange(len(data))])


def zero(path: Path, chance: random.Random) -> None:
    """Overwrite a stretch with zeroes."""
    data = path.read_bytes()
    start = chance.randrange(len(data) // 2)
    rewritten(path, data[:start] + bytes(len(data) - start))


def swap(path: Path, chance: random.Random) -> None:
    """Put another object's bytes under this name."""
    others = [other for other in objects(path.parents[1]) if other != path]
    rewritten(path, chance.choice(others).read_bytes())


def delete(path: Path, _: random.Random) -> None:
    """Take it away."""
    path.unlink()


def extra(path: Path, chance: random.Random) -> None:
    """Leave a file beside it that is no object."""
    path.with_name(f"{chance.randrange(10**9)}.orig").write_bytes(path.read_bytes())


def mode(path: Path, _: random.Random) -> None:
    """Let anybody write it."""
    path.chmod(0o644)


CONTENT = {"flip": flip, "truncate": truncate, "zero": zero, "swap": swap}
HERE = {**CONTENT, "delete": delete, "extra": extra, "mode": mode}
THERE = {**CONTENT, "delete": delete, "extra": extra}
