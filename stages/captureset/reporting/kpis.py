"""The four figures a collection is held to: how many captures, how good, how much feedback, how much by itself."""

from __future__ import annotations

import math
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from captureset.records.rows import CaptureRow, QualityRow

IMPORTED = "import"  # the source kind of captures that a person brought in by a command
DIGITS = 6


@dataclass(frozen=True, slots=True)
class Targets:
    """Keys of section `report` of params.yaml; shares are 0 to 1."""

    target_captures_per_month: int
    target_high_share: float
    target_feedback_share: float
    target_automatic_share: float


@dataclass(frozen=True, slots=True)
class Kpi:
    """One figure against its target: `count` itself, or its share of `whole`."""

    code: str
    means: str
    count: int
    whole: int | None  # None: the count itself is the figure
    target: float

    @property
    def value(self) -> float | None:
        """The figure; a share of nothing is None."""
        if self.whole is None:
            return self.count
        return round(self.count / self.whole, DIGITS) if self.whole else None

    @property
    def met(self) -> bool | None:
        """Whether a count reaches its target, a share exceeds it; None where there is nothing to judge."""
        if self.value is None:
            return None
        return self.value >= self.target if self.whole is None else self.value > self.target

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        named = {"kpi": self.code, "means": self.means, "count": self.count, "of": self.whole}
        return {**named, "value": self.value, "target": self.target, "met": self.met}


def kpis(
    captures: Sequence[CaptureRow],
    quality: Mapping[str, QualityRow],
    released: Container[str],
    targets: Targets,
    captures_in: tuple[str, int, float] | None = None,
) -> list[Kpi]:
    """Return the four figures of these captures.

    A capture that reached a release did so by itself unless it came in by `captureset import`.

    Args:
        captures: the ones to judge.
        quality: their rows, by id; a capture without one is not high.
        released: ids of captures that a release has exported, of any captures.
        targets: section `report` of params.yaml.
        captures_in: name of a period, how many captures it brought, and how much of a month it is; by default these
            captures are those of one month.
    """
    name, count, of_month = captures_in or ("a month", len(captures), 1.0)
    wanted = math.ceil(targets.target_captures_per_month * of_month)
    out = [row for row in captures if row.capture_id in released]
    return [
        Kpi("captures", f"captures taken in {name}", count, None, wanted),
        Kpi("high_share", "captures graded high", _high(captures, quality), len(captures), targets.target_high_share),
        Kpi(
            "feedback_share",
            "captures with feedback",
            sum(row.feedback_count > 0 for row in captures),
            len(captures),
            targets.target_feedback_share,
        ),
        Kpi(
            "automatic_share",
            "captures in a release that came there without a manual command",
            sum(row.source_kind != IMPORTED for row in out),
            len(out),
            targets.target_automatic_share,
        ),
    ]


def _high(captures: Sequence[CaptureRow], quality: Mapping[str, QualityRow]) -> int:
    return sum(row.capture_id in quality and quality[row.capture_id].grade == "high" for row in captures)
