"""A perceptual hash: 256 bits that stay when a picture is saved again, scaled or brightened."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from captureset.pixels.histograms import DIGITS
from captureset.pixels.picture import GrayImage

SIDE_PX = 64  # of the picture that is transformed
WAVES = 16  # kept in each direction
ONE = 1 << 14  # of the whole-number cosines: sums of whole numbers are the same on every machine, below 2**53

COSINES = np.array(
    [[round(ONE * math.cos(math.pi * k * (2 * n + 1) / (2 * SIDE_PX))) for n in range(SIDE_PX)] for k in range(WAVES)],
    dtype=np.float64,
)


def phash(gray: GrayImage) -> tuple[str, float]:
    """Return 256 bits as 64 hexadecimal digits, and how far the middle one is from tipping over, in gray levels.

    A bit says whether a DCT coefficient of the picture at 64x64 px is above the median of the lowest 16x16. In a
    picture with little texture all are near it, so that chance decides.

    Args:
        gray: of the upright picture.
    """
    small = Image.fromarray(gray).resize((SIDE_PX, SIDE_PX), Image.Resampling.BOX, reducing_gap=2.0)
    waves = (COSINES @ np.asarray(small, dtype=np.float64) @ COSINES.T).ravel()
    low, high = np.sort(waves)[waves.size // 2 - 1 : waves.size // 2 + 1]
    distances = 2 * waves - (low + high)
    bits = np.packbits(distances > 0).tobytes().hex()
    amplitude = float(np.sort(np.abs(distances))[waves.size // 2]) / 2 / (ONE * SIDE_PX / 2) ** 2
    return bits, round(amplitude, DIGITS)
