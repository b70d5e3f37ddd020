"""PNGs of 16 bits a channel in colour, which Pillow reads and cannot write."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import numpy.typing as npt

RGB, RGBA = (2, 3), (6, 4)  # PNG's colour type, and its channels


def levels(width: int, height: int, channels: int = 3) -> npt.NDArray[np.uint16]:
    """Return the same noise every time."""
    return np.random.default_rng(1).integers(0, 65536, (height, width, channels), dtype=np.uint16)


def deep_png(width: int, height: int, colour: tuple[int, int] = RGB) -> bytes:
    """Return that noise as a PNG."""
    kind, channels = colour
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in levels(width, height, channels))
    header = struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
