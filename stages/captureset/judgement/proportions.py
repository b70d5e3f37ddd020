"""Shares with their uncertainty, and how well confidence foretells them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

Z_95 = 1.959963984540054
BINS = 10

Told = tuple[float, bool]  # confidence, and whether it was right
Bin = tuple[tuple[float, float], int, float, float]  # bounds, how many, mean confidence, share that was right


def wilson(successes: int, trials: int) -> tuple[float | None, float | None]:
    """Return the 95 % Wilson score interval of a share; (None, None) without trials.

    Unlike share ± error it stays inside 0 to 1 and is honest for few trials: 3 of 3 is .44 to 1, not certainty.
    """
    if not trials:
        return None, None
    share, square = successes / trials, Z_95**2 / trials
    middle = share + square / 2
    reach = Z_95 * math.sqrt(share * (1 - share) / trials + square / (4 * trials))
    low, high = (middle - reach) / (1 + square), (middle + reach) / (1 + square)
    return round(max(low, 0.0), 6), round(min(high, 1.0), 6)


def confidence_bins(told: Iterable[tuple[float | None, bool]]) -> Iterator[Bin]:
    """Give the bins of ten equal widths that hold anything; 1.0 is in the last one, unknown confidence in none."""
    bins: dict[int, list[Told]] = {}
    for confidence, right in told:
        if confidence is not None and 0 <= confidence <= 1:
            bins.setdefault(min(int(confidence * BINS), BINS - 1), []).append((confidence, right))
    for place, members in sorted(bins.items()):
        count = len(members)
        mean = round(math.fsum(confidence for confidence, _ in members) / count, 6)
        yield (place / BINS, (place + 1) / BINS), count, mean, round(sum(right for _, right in members) / count, 6)


def calibration_error(told: Sequence[Told]) -> float | None:
    """Return the expected calibration error: the mean distance of confidence and share over the bins, weighted."""
    bins = list(confidence_bins(told))
    total = sum(count for _, count, _, _ in bins)
    if not total:
        return None
    return round(math.fsum(count * abs(mean - share) for _, count, mean, share in bins) / total, 6)
