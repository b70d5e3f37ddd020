"""How noisy a gray picture is."""

from __future__ import annotations

import math

import numpy as np

from captureset.pixels.picture import GrayImage
from captureset.pixels.sharpness import DIGITS

BLOCK_PX = 16


def noise_sigma(gray: GrayImage) -> float:
    """Return the standard deviation of the noise, in gray levels: the median over blocks of Immerkær's estimate.

    Immerkær's mask (1996) is blind to edges but not to texture, which the median over blocks leaves aside. 0 for a
    picture smaller than a block.
    """
    g = gray.astype(np.int16)
    rows = g[:-2] - 2 * g[1:-1] + g[2:]
    response = np.abs(rows[:, :-2] - 2 * rows[:, 1:-1] + rows[:, 2:])
    high, wide = response.shape[0] // BLOCK_PX, response.shape[1] // BLOCK_PX
    if not high * wide:
        return 0.0
    blocks = response[: high * BLOCK_PX, : wide * BLOCK_PX].reshape(high, BLOCK_PX, wide, BLOCK_PX)
    sums = np.sort(blocks.sum(axis=(1, 3), dtype=np.int32).ravel())
    return round(math.sqrt(math.pi / 2) * float(sums[(sums.size - 1) // 2]) / (6 * BLOCK_PX**2), DIGITS)
