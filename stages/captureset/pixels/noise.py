"""How noisy a gray picture is."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from captureset.pixels.histograms import DIGITS
from captureset.pixels.picture import GrayImage

BLOCK_PX = 16
PERIOD_PX = 64  # one row of blocks is looked at in so many: as many blocks as the median needs, a quarter of the time
MASK_GAIN = 6  # of Immerkær's mask: what it makes of noise of 1


def noise_sigma(gray: GrayImage) -> float:
    """Return the standard deviation of the noise, in gray levels: the median over blocks of Immerkær's estimate.

    Immerkær's mask (1996) is blind to edges but not to texture, which the median over blocks leaves aside. 0 for a
    picture smaller than a block. What the DCT-scaled decode averaged away is not seen.
    """
    height, width = gray.shape
    period = min(PERIOD_PX, height)
    blocks = (width - 2) // BLOCK_PX
    if height < BLOCK_PX + 2 or blocks < 1:
        return 0.0
    strips = gray[: height // period * period].reshape(-1, period, width)
    response = _response(strips[:, : BLOCK_PX + 2, : blocks * BLOCK_PX + 2].astype(np.int16))
    sums = response.sum(axis=1, dtype=np.uint16).reshape(-1, BLOCK_PX).sum(axis=1, dtype=np.int32)
    median = int(np.sort(sums)[(sums.size - 1) // 2])
    return round(math.sqrt(math.pi / 2) * median / BLOCK_PX**2 / MASK_GAIN, DIGITS)


def _response(strips: NDArray[np.int16]) -> NDArray[np.int16]:
    """Return the absolute response of Immerkær's mask, shape (strips, height - 2, width - 2), at most 2040."""
    down = strips[:, :-2] + strips[:, 2:]
    down -= strips[:, 1:-1] << 1
    result: NDArray[np.int16] = down[:, :, :-2] + down[:, :, 2:]
    result -= down[:, :, 1:-1] << 1
    return np.abs(result, out=result)
