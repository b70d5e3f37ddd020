"""How sharp a gray picture is: numbers from exact histograms, so that every machine gets the same ones."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from captureset.pixels.picture import GrayImage

Counts = NDArray[np.int64]
Responses = NDArray[np.int16]

MOST = 1020  # |Laplacian| of a chessboard of single pixels
DIGITS = 6  # kept of a float: what differs between processors comes after them


def laplacian(gray: GrayImage) -> Responses:
    """Return the four-neighbour Laplacian of a gray image, shape (H - 2, W - 2), -1020 to 1020 gray levels."""
    g = gray.astype(np.int16)
    result: Responses = g[:-2, 1:-1] + g[2:, 1:-1]
    result += g[1:-1, :-2]
    result += g[1:-1, 2:]
    result -= 4 * g[1:-1, 1:-1]
    return result


def strengths(gray: GrayImage) -> Responses:
    """Return |Laplacian|, shape (H - 2, W - 2); empty for a picture under 3 px."""
    return np.abs(laplacian(gray))


def counts_of(values: NDArray[Any], most: int = MOST) -> Counts:
    """Return how often each value from 0 to `most` occurs."""
    return np.bincount(values.ravel(), minlength=most + 1)


def percentile(counts: Counts, share: float) -> float:
    """Return the smallest value that a share of the counted pixels does not exceed; 0 when nothing was counted."""
    cumulative = np.cumsum(counts)
    total = int(cumulative[-1])
    return float(np.searchsorted(cumulative, share * total)) if total else 0.0


def sharpness_p99(counts: Counts) -> float | None:
    """Return the 99th percentile of |Laplacian|, 0 (flat) to 1020 gray levels; None when no pixel has 4 neighbours.

    One threshold at any photo size separates blur best of what was compared.
    """
    return percentile(counts, 0.99) if counts.any() else None


def laplacian_variance(lap: Responses) -> float:
    """Return the variance of the Laplacian, gray levels squared; 0 for a picture under 3 px."""
    if not lap.size:
        return 0.0
    total = int(lap.sum(dtype=np.int64))
    squares = int(np.square(lap, dtype=np.int32).sum(dtype=np.int64))
    return round((squares - total * total / lap.size) / lap.size, DIGITS)


def local_variation(gray: GrayImage) -> GrayImage:
    """Return the largest difference of each pixel to its 8 neighbours, shape (H - 2, W - 2)."""
    high = np.maximum(np.maximum(gray[:-2], gray[1:-1]), gray[2:])
    low = np.minimum(np.minimum(gray[:-2], gray[1:-1]), gray[2:])
    high = np.maximum(np.maximum(high[:, :-2], high[:, 1:-1]), high[:, 2:])
    low = np.minimum(np.minimum(low[:, :-2], low[:, 1:-1]), low[:, 2:])
    middle = gray[1:-1, 1:-1]
    return np.maximum(high - middle, middle - low)


def sharpness_mlv(gray: GrayImage) -> float:
    """Return the maximum local variation score, in gray levels (Bahrami and Kot 2014); 0 for a picture under 3 px.

    The standard deviation of the local variations, each weighted by e to the power of its rank (0 to 1).
    """
    counts = counts_of(local_variation(gray), 255)
    total = int(counts.sum())
    if not total:
        return 0.0
    ranks = (np.cumsum(counts) - counts / 2) / total
    weighted = np.arange(256) * np.exp(ranks)
    mean = float((counts * weighted).sum()) / total
    return round(math.sqrt(max(float((counts * weighted**2).sum()) / total - mean * mean, 0.0)), DIGITS)
