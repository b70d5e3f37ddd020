"""The quality report of a week or month: what belongs to it, what is compared, what is advised."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import rows
from captureset.formats import jsontext
from captureset.judgement.proportions import wilson
from captureset.reporting.collection import Collection
from captureset.reporting.kpis import Targets
from captureset.reporting.periods import parse
from captureset.reporting.quality_report import quality_report
from collection_world import GAP, collection, said

TARGETS = rows.settings(Targets, "report")
NEW_YEAR = "2024-01-01T00:00:00.000000Z"
OLD_YEAR = "2023-12-31T23:59:59.999999Z"


def report(whole: Collection, name: str = "2024-01") -> dict[str, Any]:
    """Return the report of a period."""
    return quality_report(whole, parse(name), TARGETS)


def two_months() -> Collection:
    """Three captures of January, two of December; one of each month corrected, in January."""
    captures = [
        rows.confirmed("a", captured_at=NEW_YEAR, feedback_count=1),
        rows.confirmed("b", review_state="corrected", category="FURN_BED", feedback_count=1),
        rows.capture("c"),
        rows.confirmed("d", captured_at=OLD_YEAR, review_state="corrected", category="APPL_TV", feedback_count=1),
        rows.capture("e", captured_at=OLD_YEAR),
    ]
    spoken = [said("a"), said("b", verdict="correct"), said("d", verdict="correct")]
    low = {"grade": "low", "overall_score": 0.2}
    return collection(captures, spoken, quality=[rows.quality("c", **low), rows.quality("e", **low)])


def test_it_has_what_the_design_document_asks_for() -> None:
    """Period, summary, trends, recommendations and analysis, by the names its users know."""
    document = report(two_months())
    assert {"period", "summary", "trends", "recommendations", "detailed_analysis"} <= set(document)
    asked = {
        "total_records",
        "high_quality_count",
        "medium_quality_count",
        "low_quality_count",
        "average_quality_score",
    }
    assert asked <= set(document["summary"])
    assert {"quality_improvement", "feedback_coverage_trend"} <= set(document["trends"])
    assert (document["period"], document["name"], document["last_day"]) == ("monthly", "2024-01", "2024-01-31")
    assert report(two_months(), "2024-W03")["period"] == "weekly"


def test_a_capture_belongs_to_the_day_it_was_taken_in_utc() -> None:
    """A microsecond decides between two years."""
    summary = report(two_months())["summary"]
    assert (summary["total_records"], summary["high_quality_count"], summary["low_quality_count"]) == (3, 2, 1)
    assert summary["average_quality_score"] == 0.6
    assert report(two_months(), "2023-12")["summary"]["total_records"] == 2


def test_feedback_and_what_it_judges_belong_to_the_day_it_was_given() -> None:
    """December's capture was corrected in January, so January knows the mistake and December none."""
    january = report(two_months())["detailed_analysis"]
    assert january["feedback"]["verdicts"] == {"confirm": 1, "correct": 2}
    assert [(row["person"], row["examples"]) for row in january["model"]["confusions"]] == [
        ("APPL_TV", ["d"]),
        ("FURN_BED", ["b"]),
    ]
    december = report(two_months(), "2023-12")
    assert december["detailed_analysis"]["model"]["judged"] == 0
    assert december["summary"]["feedback_coverage"]["count"] == 1


def test_shares_come_with_their_wilson_interval() -> None:
    """Coverage, acceptance, right categories; of nothing everything is null."""
    summary = report(two_months())["summary"]
    low, high = wilson(1, 3)
    assert summary["category_right"] == {"count": 1, "of": 3, "share": 0.333333, "low": low, "high": high}
    assert summary["feedback_coverage"]["share"] == 0.666667
    empty = report(two_months(), "2022-05")["summary"]
    assert empty["feedback_coverage"] == {"count": 0, "of": 0, "share": None, "low": None, "high": None}
    assert empty["average_quality_score"] is None


def test_trends_compare_with_the_period_before() -> None:
    """0.6 after 0.5, two of three with feedback after one of two; nothing to compare is null."""
    trends = report(two_months())["trends"]
    assert (trends["previous_period"], trends["records_change"]) == ("2023-12", 1)
    assert (trends["quality_improvement"], trends["feedback_coverage_trend"]) == (0.1, 0.166667)
    assert trends["previous"]["total_records"] == 2
    assert report(two_months(), "2023-12")["trends"]["quality_improvement"] is None


def test_calibration_is_of_the_period() -> None:
    """Three answers at 0.9, one right: off by 0.566667."""
    model = report(two_months())["detailed_analysis"]["model"]
    (bin_,) = model["calibration"]
    assert (bin_["confidence_from"], bin_["judged"], bin_["category_right_share"]) == (0.9, 3, 0.333333)
    assert model["by_model"][0]["calibration_error"] == pytest.approx(0.566667, abs=1e-6)
    assert "answered_share" not in model["by_model"][0]


def test_intake_has_every_day_and_the_months_since_the_first_capture() -> None:
    """Days without a capture are 0, months before the first are not there, months after the period neither."""
    intake = report(two_months())["detailed_analysis"]["intake"]
    assert len(intake["daily"]) == 31
    assert {day for day, count in intake["daily"].items() if count} == {"2024-01-01", "2024-01-15"}
    assert intake["monthly"] == {"2023-12": 2, "2024-01": 3}
    assert report(two_months(), "2023-12")["detailed_analysis"]["intake"]["monthly"] == {"2023-12": 2}


def test_months_of_intake_are_twelve_at_most() -> None:
    """An old capture does not make a long list."""
    whole = collection([rows.capture("a", captured_at="2020-01-01T00:00:00Z"), rows.capture("b")])
    months = list(report(whole)["detailed_analysis"]["intake"]["monthly"])
    assert (len(months), months[0], months[-1]) == (12, "2023-02", "2024-01")


def test_a_report_does_not_change_when_later_captures_come_in() -> None:
    """What the collection lacks now, and how often a category occurs in all, would change every old report."""
    whole = two_months()
    before = report(whole, "2023-12")
    later = [*whole.captures, rows.capture("f", captured_at="2024-03-01T00:00:00Z", category="FURN_SOFA")]
    assert report(collection(later, whole.feedback, quality=whole.quality.values()), "2023-12") == before
    assert GAP.recommendation not in before["recommendations"]
    assert GAP.recommendation in report(whole)["recommendations"]
    assert {row["category"]: row["captures_so_far"] for row in before["detailed_analysis"]["categories"]} == {
        "APPL_TV": 1,
        "FURN_SOFA": 1,
    }


def test_recommendations_name_missed_targets_first_then_what_helps_most() -> None:
    """Advice is counted by its code, whatever numbers its sentences name."""
    advised = {"recommendation_codes": ("box_loose",), "recommendations": ("box is loose: 30 % on the left",)}
    other = {"recommendation_codes": ("box_loose",), "recommendations": ("box is loose: 40 % on the right",)}
    whole = collection(
        [rows.capture("a"), rows.capture("b")], quality=[rows.quality("a", **advised), rows.quality("b", **other)]
    )
    assert report(whole)["recommendations"] == [
        "bring in more captures: 2 taken in 2024-01, 1000 wanted",
        "captures with feedback: 0 of 2, more than 40 % wanted",
        "box is loose: 30 % on the left (2 captures)",
        GAP.recommendation,
    ]


def test_a_capture_without_a_score_is_counted_as_such() -> None:
    """It came in after the last `dvc repro`."""
    whole = collection([rows.capture("a")])
    summary = report(replace(whole, quality={}))["summary"]
    assert (summary["total_records"], summary["not_judged_count"], summary["average_quality_score"]) == (1, 1, None)


def test_the_document_is_strict_json() -> None:
    """Of any period, also one without anything."""
    for name in ("2024-01", "2024-W03", "1999-12"):
        assert jsontext.parse(jsontext.dump(report(two_months(), name)), name)["name"] == name
    assert jsontext.dump(report(collection([])))
