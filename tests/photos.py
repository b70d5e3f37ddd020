"""Tiny photos drawn on the spot: noise that differs by seed, in real files."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

ORIENTATION_TAG = 0x0112


def picture(width: int, height: int, seed: int) -> Image.Image:
    """Return coarse coloured noise, which compresses and still differs from seed to seed."""
    cells = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    return Image.fromarray(cells).resize((width, height), Image.Resampling.BILINEAR)


def jpeg(width: int, height: int, seed: int = 0, exif_orientation: int | None = None) -> bytes:
    """Return a JPEG whose stored pixels have this size; an orientation turns it for who reads EXIF."""
    return encoded(picture(width, height, seed), "JPEG", exif_orientation)


def png(width: int, height: int, seed: int = 0, exif_orientation: int | None = None) -> bytes:
    """Return a PNG whose stored pixels have this size."""
    return encoded(picture(width, height, seed), "PNG", exif_orientation)


def encoded(image: Image.Image, kind: str, exif_orientation: int | None = None) -> bytes:
    """Return a picture as a file."""
    sink = io.BytesIO()
    if exif_orientation is None:
        image.save(sink, kind)
    else:
        exif = Image.Exif()
        exif[ORIENTATION_TAG] = exif_orientation
        image.save(sink, kind, exif=exif)
    return sink.getvalue()
