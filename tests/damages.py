"""Ways in which a file is damaged on its road, each at a random place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from captureset.capture.images import inspect, pixel_sha256
from captureset.errors import RefusedCaptureError

BLOCK_BYTES = 4096


def _truncated(data: bytes, random: Random) -> bytes:
    return data[: random.randrange(1, len(data))]


def _zeroed_tail(data: bytes, random: Random) -> bytes:
    start = random.randrange(1, len(data))
    return data[:start] + bytes(len(data) - start)


def _zeroed_block(data: bytes, random: Random) -> bytes:
    start = random.randrange(max(len(data) - BLOCK_BYTES, 1))
    block = min(BLOCK_BYTES, len(data) - start)
    return data[:start] + bytes(block) + data[start + block :]


def _random_bytes(data: bytes, random: Random) -> bytes:
    garbled = bytearray(data)
    for _ in range(30):
        garbled[random.randrange(len(data))] = random.randrange(256)
    return bytes(garbled)


def _one_bit(data: bytes, random: Random) -> bytes:
    flipped = bytearray(data)
    flipped[random.randrange(len(data))] ^= 1 << random.randrange(8)
    return bytes(flipped)


DAMAGES: Mapping[str, Callable[[bytes, Random], bytes]] = {
    "truncated": _truncated,
    "zeroed tail": _zeroed_tail,
    "zeroed 4 KB block": _zeroed_block,
    "30 random bytes": _random_bytes,
    "one bit": _one_bit,
}


def damaged(data: bytes, kind: str, random: Random) -> bytes:
    """Return a file with one damage that changed it."""
    while True:
        found = DAMAGES[kind](data, random)
        if found != data:
            return found


def refused_at_intake(data: bytes) -> bool:
    """Say whether `commit` would refuse a photo."""
    try:
        inspect(data, "photo")
        pixel_sha256(data, "photo")
    except RefusedCaptureError:
        return True
    return False
