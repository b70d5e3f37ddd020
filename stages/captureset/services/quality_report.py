"""A calendar week or month of captures in numbers, against the one before; a pure function of captures and day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any, get_args

from captureset.errors import CapturesetError
from captureset.reporting import periods
from captureset.reporting.kpis import Targets
from captureset.services.judged import Judged
from captureset.services.statistics import statistics

MOST_ADVICE = 5


def report(captures: Sequence[Judged], period: Any, today: date, targets: Targets) -> dict[str, Any]:
    """Return the quality of the captures of the week or month that today is in; shares are 0 to 1, of nothing 0.

    Args:
        captures: all there are.
        period: `weekly` or `monthly`.
        today: a day in it.
        targets: section `report` of params.yaml.

    Raises:
        CapturesetError: there is no such period.
    """
    if period not in get_args(periods.Kind):
        raise CapturesetError(f"{period!r} is no period; ask for weekly or monthly.")
    asked = periods.of_day(period, today.isoformat())
    now, earlier = ([one for one in captures if one.capture.captured_at in time] for time in (asked, asked.before()))
    counts, counts_before = statistics(now), statistics(earlier)
    mean, mean_before = _mean(now), _mean(earlier)
    coverage, coverage_before = counts["feedback_coverage"], counts_before["feedback_coverage"]
    return {
        "period": period,
        "summary": {
            "total_records": len(now),
            **{f"{name}_count": count for name, count in counts["quality_distribution"].items()},
            "average_quality_score": mean,
        },
        "trends": {
            "quality_improvement": round(mean - mean_before, 6) if now and earlier else 0.0,
            "feedback_coverage_trend": round(coverage - coverage_before, 6) if now and earlier else 0.0,
        },
        "recommendations": _recommendations(now, counts, targets),
        "detailed_analysis": {
            "name": asked.name,
            "from": asked.first.isoformat(),
            "to": asked.last.isoformat(),
            "feedback_coverage": coverage,
            "usable_for_training": sum(one.quality.usable_for_training for one in now),
            "measured": sum(one.measured for one in now),
            "category_distribution": counts["category_distribution"],
            "flags": dict(sorted(Counter(flag for one in now for flag in one.quality.flags).items())),
            "before": {"total_records": len(earlier), "average_quality_score": mean_before},
        },
    }


def _mean(captures: Sequence[Judged]) -> float:
    return round(sum(one.quality.overall_score for one in captures) / len(captures), 6) if captures else 0.0


def _recommendations(captures: Sequence[Judged], counts: dict[str, Any], targets: Targets) -> list[str]:
    """Return what helps most: the targets that are missed, then the commonest advice."""
    if not captures:
        return ["no capture came in: check that the app saves, and that `captureset commit` runs"]
    said = []
    if counts["quality_distribution"]["high_quality"] <= targets.target_high_share * len(captures):
        said.append(f"{targets.target_high_share:.0%} high quality is the goal: ask users to confirm or correct")
    if counts["feedback_coverage"] <= targets.target_feedback_share:
        said.append(
            f"{targets.target_feedback_share:.0%} with feedback is the goal: ask for it when the result is shown"
        )
    advice = Counter(one for judged in captures for one in judged.quality.recommendations)
    ranked = sorted(advice.items(), key=lambda item: (-item[1], item[0]))
    return said + [f"{count} of {len(captures)}: {words}" for words, count in ranked[:MOST_ADVICE]]
