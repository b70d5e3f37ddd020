"""How sharp a gray picture is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from captureset.pixels.histograms import DIGITS, Counts, counts_to, level_counts, percentile, spread
from captureset.pixels.picture import GrayImage

Responses = NDArray[np.int16]

STRONGEST = 1020  # |Laplacian| of a chessboard of single pixels


def laplacian(gray: GrayImage) -> Responses:
    """Return the four-neighbour Laplacian of a gray image, shape (H - 2, W - 2), -1020 to 1020 gray levels."""
    g = gray.astype(np.int16)
    result: Responses = g[:-2, 1:-1] + g[2:, 1:-1]
    result += g[1:-1, :-2]
    result += g[1:-1, 2:]
    result -= g[1:-1, 1:-1] << 2
    return result


def strength_counts(strengths: Responses) -> Counts:
    """Return how often each |Laplacian| occurs, 0 to 1020."""
    return counts_to(strengths, STRONGEST)


def sharpness_p99(counts: Counts) -> float | None:
    """Return the 99th percentile of |Laplacian|, 0 (flat) to 1020 gray levels; None when no pixel has 4 neighbours.

    One threshold at any photo size separates blur best of what was compared.
    """
    return percentile(counts, 0.99) if counts.any() else None


def laplacian_variance(total: int, counts: Counts) -> float:
    """Return the variance of the Laplacian, gray levels squared; 0 for a picture under 3 px.

    Args:
        total: sum of the Laplacian.
        counts: of its absolute values.
    """
    pixels = int(counts.sum())
    squares = int(counts @ np.arange(counts.size) ** 2)
    return round((squares - total * total / pixels) / pixels, DIGITS) if pixels else 0.0


def local_variation(gray: GrayImage) -> GrayImage:
    """Return the largest difference of each pixel in every second row to its 8 neighbours, without the rim."""
    middle = gray[1:-1:2, 1:-1]
    above = _widest(np.maximum, gray)
    above -= middle
    below = np.subtract(middle, _widest(np.minimum, gray))
    return np.maximum(above, below, out=above)


def _widest(extreme: np.ufunc, gray: GrayImage) -> GrayImage:
    """Return the maximum or minimum of the 3x3 pixels around each in every second row."""
    count = len(gray[1:-1:2])
    rows = extreme(gray[:-2:2], gray[2::2][:count])
    extreme(rows, gray[1:-1:2], out=rows)
    result: GrayImage = extreme(rows[:, :-2], rows[:, 2:])
    extreme(result, rows[:, 1:-1], out=result)
    return result


def sharpness_mlv(gray: GrayImage) -> float:
    """Return the maximum local variation score, gray levels, after Bahrami and Kot (2014); 0 for under 3 px.

    The standard deviation of the local variations in every second row, each weighted by e to the power of its rank
    (0 to 1).
    """
    counts = level_counts(local_variation(gray))
    ranks = (np.cumsum(counts) - counts / 2) / max(int(counts.sum()), 1)
    return round(spread(counts, np.arange(256) * np.exp(ranks)), DIGITS)
