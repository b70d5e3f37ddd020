"""How well one number tells two kinds apart, and where to cut."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Point:
    """One threshold: what is below it is called blurred."""

    threshold: float
    true_positive_rate: float  # blurred ones called so
    false_positive_rate: float  # sharp ones called blurred

    @property
    def gain(self) -> float:
        """Youden's J: 0 for guessing, 1 for no error."""
        return self.true_positive_rate - self.false_positive_rate


@dataclass(frozen=True, slots=True)
class Roc:
    """Every threshold that tells them apart differently, lowest first, and the area under the curve."""

    points: tuple[Point, ...]
    auc: float
    sharp: int
    blurred: int

    @property
    def best(self) -> Point:
        """The point of the highest gain; of equal ones the middle one."""
        most = max(point.gain for point in self.points)
        equal = [point for point in self.points if point.gain >= most - 1e-12]
        return equal[len(equal) // 2]


def roc(sharp: Sequence[float], blurred: Sequence[float]) -> Roc:
    """Return how well a number that is lower when blurred tells the two apart.

    The area is the share of pairs in the right order (Mann and Whitney), ties counted half. Thresholds lie half way
    between neighbouring values.

    Args:
        sharp: one value at least.
        blurred: one value at least.
    """
    low, high = sorted(blurred), sorted(sharp)
    values = sorted({*low, *high})
    cuts = [values[0], *((a + b) / 2 for a, b in pairwise(values)), values[-1] + 1]
    points = tuple(Point(cut, bisect_left(low, cut) / len(low), bisect_left(high, cut) / len(high)) for cut in cuts)
    area = sum(
        (b.false_positive_rate - a.false_positive_rate) * (a.true_positive_rate + b.true_positive_rate) / 2
        for a, b in pairwise(points)
    )
    return Roc(points, area, len(high), len(low))
