"""A perceptual hash: 256 bits that stay when a picture is saved again, scaled or brightened."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from captureset.pixels.picture import GrayImage
from captureset.pixels.sharpness import DIGITS

SIDE_PX = 64  # of the picture that is transformed
WAVES = 16  # kept in each direction
ONE = 1 << 14  # of the whole-number cosines: sums of whole numbers are the same on every machine

COSINES = np.array(
    [[round(ONE * math.cos(math.pi * k * (2 * n + 1) / (2 * SIDE_PX))) for n in range(SIDE_PX)] for k in range(WAVES)],
    dtype=np.int64,
)


def phash(gray: GrayImage) -> tuple[str, float]:
    """Return 256 bits as 64 hexadecimal digits, and how far they are from tipping over, in gray levels.

    A bit says whether a DCT coefficient of the picture at 64x64 px is above the median of the lowest 16x16. In a
    picture with little texture all are near it, so unrelated ones of these can have the same hash.

    Args:
        gray: of the upright picture.
    """
    small = Image.fromarray(gray).resize((SIDE_PX, SIDE_PX), Image.Resampling.BOX)
    waves = (COSINES @ np.asarray(small, dtype=np.int64) @ COSINES.T).ravel()
    middle = np.sort(waves)[waves.size // 2 - 1 : waves.size // 2 + 1]
    doubled = 2 * waves - middle.sum()
    bits = np.packbits(doubled > 0).tobytes().hex()
    texture = float(np.sort(np.abs(doubled))[waves.size // 2]) / 2 / ONE**2 / (SIDE_PX / 2) ** 2
    return bits, round(texture, DIGITS)
