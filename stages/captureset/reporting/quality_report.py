"""The weekly and monthly quality report as a document: docs/quality-reports.md explains every key.

A superset of what the app's design document calls a quality report: period, summary, trends, recommendations,
detailed_analysis. Shares are 0 to 1 with six digits; of nothing they are null.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from itertools import chain
from typing import Any

from captureset.judgement.proportions import wilson
from captureset.records.quality_rows import ReliabilityRow
from captureset.reporting import counts
from captureset.reporting.collection import Collection
from captureset.reporting.kpis import DIGITS, Kpi, Targets, kpis
from captureset.reporting.periods import CalendarPeriod, of_day
from captureset.reporting.trust import Trust, model_name
from captureset.reporting.wording import counted

MOST = 10  # rows of a ranked list
SAMPLES = 3  # captures named for a confused pair
MONTHS = 12  # of intake
UNJUDGED = frozenset({"captures", "answered", "answered_share"})


def quality_report(whole: Collection, period: CalendarPeriod, targets: Targets) -> dict[str, Any]:
    """Return the report of a period.

    It depends on the tables alone: what has become known since about captures of the period is in it.
    """
    now, before = whole.within(period), whole.within(period.before())
    found = period_kpis(now, period, targets)
    advised = recommendations(now, found)
    return {
        "schema_version": 1,
        "period": period.kind,
        "name": period.name,
        "first_day": period.first.isoformat(),
        "last_day": period.last.isoformat(),
        "summary": summary(now),
        "trends": trends(now, before, period),
        "recommendations": list(chain.from_iterable(advised.values())),
        "detailed_analysis": {
            "recommendations": advised,
            "kpis": [kpi.document() for kpi in found],
            "intake": _intake(whole, now, period),
            "categories": _categories(whole, now, period),
            "flags": dict(counts.most_common(flag for row in now.scores for flag in row.flags)),
            "review_states": counts.review_states(now.captures),
            "feedback": _feedback(now),
            "model": _model(now),
        },
    }


def period_kpis(now: Collection, period: CalendarPeriod, targets: Targets) -> list[Kpi]:
    """Return the figures of a period; a week should bring 12/52 of a month's captures."""
    brought = (period.name, len(now.captures), period.share_of_month)
    return kpis(now.captures, now.quality, now.released, targets, brought)


def summary(now: Collection) -> dict[str, Any]:
    """Return how many captures were taken, how good they are, and how many people spoke about."""
    grades = counts.grades(now.scores)
    judged = [case for case in now.cases if case.person is not None]
    return {
        "total_records": len(now.captures),
        **{f"{grade}_quality_count": count for grade, count in grades.items()},
        "not_judged_count": len(now.captures) - len(now.scores),
        "average_quality_score": _mean(row.overall_score for row in now.scores),
        "usable_count": sum(row.usable_for_training for row in now.scores),
        "feedback_coverage": rate(sum(row.feedback_count > 0 for row in now.captures), len(now.captures)),
        "category_right": rate(sum(case.right for case in judged), len(judged)),
        "model_acceptance": rate(sum(case.right and case.boxes_stand for case in judged), len(judged)),
    }


def trends(now: Collection, before: Collection, period: CalendarPeriod) -> dict[str, Any]:
    """Return what changed since the period before; null where one of the two has nothing to compare."""
    new, old = summary(now), summary(before)
    return {
        "previous_period": period.before().name,
        "quality_improvement": _change(new["average_quality_score"], old["average_quality_score"]),
        "feedback_coverage_trend": _change(new["feedback_coverage"]["share"], old["feedback_coverage"]["share"]),
        "category_right_trend": _change(new["category_right"]["share"], old["category_right"]["share"]),
        "model_acceptance_trend": _change(new["model_acceptance"]["share"], old["model_acceptance"]["share"]),
        "high_share_trend": _change(_high_share(new), _high_share(old)),
        "records_change": new["total_records"] - old["total_records"],
        "previous": old,
    }


def _high_share(found: dict[str, Any]) -> float | None:
    return _share(found["high_quality_count"], found["total_records"])


def rate(count: int, whole: int) -> dict[str, Any]:
    """Return a share as JSON has it, with its 95 % Wilson interval; nulls of nothing."""
    low, high = wilson(count, whole)
    return {"count": count, "of": whole, "share": _share(count, whole), "low": low, "high": high}


def recommendations(now: Collection, found: Iterable[Kpi]) -> dict[str, list[str]]:
    """Return what people could do: about missed targets, about captures of the period, about the whole collection."""
    return {
        "targets": [_missed(kpi) for kpi in found if kpi.met is False],
        "captures": [f"{text} ({counted(count, 'capture')})" for text, count in counts.advice(now.scores)[:MOST]],
        "collection": [gap.recommendation for gap in now.gaps[:MOST]],
    }


def _missed(kpi: Kpi) -> str:
    if kpi.whole is None:
        return f"bring in more captures: {kpi.count} {kpi.means.removeprefix('captures ')}, {kpi.target:g} wanted"
    return f"{kpi.means}: {kpi.count} of {kpi.whole}, more than {100 * kpi.target:g} % wanted"


def _intake(whole: Collection, now: Collection, period: CalendarPeriod) -> dict[str, Any]:
    """Return captures of each day of the period, and of the twelve months up to its end, from the first capture on."""
    days = Counter(row.captured_at[:10] for row in now.captures)
    months = Counter(row.captured_at[:7] for row in whole.captures)
    month = of_day("monthly", period.last.isoformat())
    names = [month.name]
    while len(names) < MONTHS and month.name > min(months, default=month.name):
        month = month.before()
        names.append(month.name)
    return {"daily": {day: days[day] for day in period.days}, "monthly": {name: months[name] for name in names[::-1]}}


def _categories(whole: Collection, now: Collection, period: CalendarPeriod) -> list[dict[str, Any]]:
    """Return every category seen up to the end of the period, in the order of the taxonomy."""
    so_far = Counter(row.category for row in whole.captures if row.captured_at[:10] <= period.last.isoformat())
    taken = Counter(row.category for row in now.captures)
    spoken = Counter(row.category for row in now.captures if row.feedback_count > 0)
    high = Counter(row.category for row in now.captures if _grade(now, row.capture_id) == "high")
    judged = [case for case in now.cases if case.person is not None]
    said = Counter(case.said for case in judged)
    right = Counter(case.said for case in judged if case.right)
    return [
        {
            "category": category.code,
            "name": category.name,
            "captures": taken[category.code],
            "captures_so_far": so_far[category.code],
            "with_feedback": spoken[category.code],
            "high": high[category.code],
            "category_right": rate(right[category.code], said[category.code]),
        }
        for category in whole.taxonomy.categories
        if so_far[category.code] or said[category.code]
    ]


def _grade(now: Collection, capture_id: str) -> str | None:
    row = now.quality.get(capture_id)
    return row.grade if row is not None else None


def _feedback(now: Collection) -> dict[str, Any]:
    """Return what people said in the period, about captures of any period."""
    verdicts = counts.most_common(row.verdict for row in now.feedback)
    agreed, changed = (sum(row.verdict == verdict for row in now.feedback) for verdict in ("confirm", "correct"))
    return {
        "records": len(now.feedback),
        "verdicts": dict(verdicts),
        "confirmed": rate(agreed, agreed + changed),
        "waiting": sum(not row.applies for row in now.feedback),
    }


def _model(now: Collection) -> dict[str, Any]:
    """Return what people made, in the period, of what models had said."""
    trust = Trust.of(now.cases)
    return {
        "judged": trust.judged,
        "by_model": [_reliability(row) for row in trust.models],
        "most_reliable": [_reliability(row) for row in trust.most_reliable[:MOST]],
        "least_reliable": [_reliability(row) for row in trust.least_reliable[:MOST]],
        "confusions": [
            {
                "model": model_name(row),
                "said": row.said,
                "person": row.person,
                "captures": row.captures,
                "examples": list(row.sample_ids[:SAMPLES]),
            }
            for row in trust.mistakes[:MOST]
        ],
        "calibration": [asdict(row) for row in trust.calibration],
    }


def _reliability(row: ReliabilityRow) -> dict[str, Any]:
    """Return a row without what counts answers that nobody judged: those belong to no period."""
    shown = {key: value for key, value in asdict(row).items() if key not in UNJUDGED}
    return {"model": model_name(row), **shown}


def _mean(values: Iterable[float]) -> float | None:
    listed = list(values)
    return round(sum(listed) / len(listed), DIGITS) if listed else None


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, DIGITS) if whole else None


def _change(new: float | None, old: float | None) -> float | None:
    return None if new is None or old is None else round(new - old, DIGITS)
