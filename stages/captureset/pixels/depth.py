"""Sixteen bits a channel to eight: Pillow clips where the high byte is meant."""

from __future__ import annotations

import numpy as np
from PIL import Image

PNG_DEPTH_AT = 24  # the byte of a PNG header that says how many bits a channel has
BITS = 8


def is_deep(data: bytes) -> bool:
    """Say whether a file is a PNG of more than 8 bits a channel; Pillow shows 16-bit colour as plain RGB."""
    return data.startswith(b"\x89PNG") and len(data) > PNG_DEPTH_AT and data[PNG_DEPTH_AT] > BITS


def eight_bit(image: Image.Image) -> Image.Image:
    """Return a 16-bit gray image as L, or LA if one of its levels is transparent; any other image unchanged."""
    if not image.mode.startswith("I"):
        return image
    deep = np.asarray(image).astype(np.uint32)
    gray = Image.fromarray((deep >> BITS).clip(0, 255).astype(np.uint8))
    level = image.info.get("transparency")
    if level is not None:
        gray.putalpha(Image.fromarray(np.where(deep == level, 0, 255).astype(np.uint8)))
    return gray
