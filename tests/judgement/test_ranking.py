"""Which captures are most worth a person's look, and the reason that is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from captureset.judgement.ranking import Candidate, Known, ranked, records_of
from captureset.judgement.settings import QualityParams
from captureset.records.quality_rows import LabelRow, ReliabilityRow
from captureset.records.rows import CaptureRow, FeedbackRow, QualityRow
from rows import answer, capture, confirmed, quality, settings

OURS = settings(QualityParams, "quality", feedback_wanted=0)
NOTHING: Any = (None,) * 9


def said(verdict: str) -> FeedbackRow:
    """Return something a person said about capture `a`."""
    at = "2024-01-16T00:00:00.000000Z"
    return FeedbackRow("a", "f", at, verdict, None, None, None, has_note=False, note_categories=(), applies=True)


def noted(verdict: str, *named: str) -> FeedbackRow:
    """Return the same with a note that names these categories."""
    return replace(said(verdict), has_note=True, note_categories=named)


def label(capture_id: str = "a", **found: Any) -> LabelRow:
    """Return what evidence says about a label."""
    return replace(LabelRow(capture_id, *NOTHING), **found)


def record(right: int, judged: int) -> ReliabilityRow:
    """Return how often people agreed with what a model calls a sofa."""
    unknown: dict[str, Any] = dict.fromkeys(ReliabilityRow.__dataclass_fields__)
    facts: dict[str, Any] = {"model_name": "m", "model_version": "1", "category": "FURN_SOFA"}
    return ReliabilityRow(**{**unknown, **facts, "category_right": right, "judged": judged})


def flagged(flag: str, sentence: str) -> QualityRow:
    """Return the quality of a capture with one flag and its advice."""
    return quality(flags=(flag,), recommendation_codes=(flag,), recommendations=(sentence,))


def look(
    *captures: CaptureRow,
    judged: QualityRow | None = None,
    seen: LabelRow | None = None,
    feedback: Sequence[FeedbackRow] = (),
    records: Sequence[ReliabilityRow] = (),
    params: QualityParams = OURS,
) -> list[Candidate]:
    """Return the ranking when this is known of capture `a`."""
    known = Known(
        {judged.capture_id: judged} if judged else {},
        {seen.capture_id: seen} if seen else {},
        {"a": feedback},
        {"a": answer("a")},
        records_of(records),
    )
    return ranked(captures, known, params)


SURE: dict[str, Any] = {"model_confidence": 0.99}
CASES: dict[str, tuple[CaptureRow, dict[str, Any], str]] = {
    "review_wanted": (confirmed(review_reasons=("note", "vanished")), {}, "marked for review: note, vanished"),
    "note_contradicts": (
        confirmed(),
        {"feedback": [said("confirm"), noted("note", "FURN_BED")]},
        "a note names FURN_BED, the label FURN_SOFA",
    ),
    "note": (confirmed(), {"feedback": [noted("note")]}, "a person left a note"),
    "low_rating": (confirmed(rating=2), {}, "a person rated the answer 2 of 5"),
    "box_tiny": (
        confirmed(),
        {"judged": flagged("box_tiny", "draw it")},
        "draw it",
    ),
    "size_disagrees": (
        confirmed(),
        {
            "judged": quality(
                flags=("size_disagrees",), recommendation_codes=("size_disagrees",), recommendations=("s",)
            )
        },
        "s",
    ),
    "mask_disagrees": (
        confirmed(),
        {"seen": label(mask_iou=0.5)},
        "boxes and foreground of the twin share 50 % (IoU)",
    ),
    "overlooked": (
        confirmed(),
        {"seen": label(overlooked_score=0.1)},
        "the model is sure of something that the label lacks",
    ),
    "badly_located": (confirmed(), {"seen": label(badly_located_score=0.3)}, "the model has the box elsewhere"),
    "swapped": (confirmed(), {"seen": label(swapped_score=0.1)}, "the model is sure of another category"),
    "no_label": (capture(label_kind="none", label_origin="none", category=None), {}, "nobody has said what it shows"),
    "low_confidence": (capture(model_confidence=0.42), {}, "the model is 42 % sure"),
    "often_wrong": (
        capture(**SURE),
        {"records": [record(2, 5)]},
        "people agreed with 2 of 5 that this model calls FURN_SOFA",
    ),
}


@pytest.mark.parametrize("code", CASES)
def test_every_doubt_has_its_reason(code: str) -> None:
    """One doubt, one code, one sentence; without it the capture is not on the list."""
    row, found, sentence = CASES[code]
    (candidate,) = look(row, **found)
    assert (candidate.capture_id, candidate.reasons, candidate.details) == ("a", (code,), (sentence,))
    assert 0 < candidate.worth < 1
    assert look(confirmed(), capture("b", **SURE)) == []


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (confirmed(), {"feedback": [noted("note", "FURN_BED"), said("confirm")]}),
        (confirmed(), {"feedback": [noted("correct", "FURN_BED", "FURN_SOFA")]}),
        (confirmed(), {"feedback": [noted("correct")]}),
        (confirmed(rating=3), {}),
        (confirmed(review_state="corrected", rating=1), {}),
        (
            confirmed(),
            {"seen": label(mask_iou=0.85, overlooked_score=0.9, badly_located_score=0.85, swapped_score=1.0)},
        ),
        (confirmed(model_confidence=0.1), {"records": [record(0, 9)]}),
        (capture(**SURE), {"records": [record(1, 2)]}),
        (capture(**SURE), {"records": [record(4, 5)]}),
        (confirmed(), {"judged": flagged("dark", "retake")}),
        (capture(review_state="rejected", model_confidence=0.0), {}),
    ],
)
def test_what_is_no_doubt(row: CaptureRow, found: dict[str, Any]) -> None:
    """Settled notes, good ratings, small disagreement, a person's word against the model's, a mere dark photo."""
    assert look(row, **found) == []


def test_a_correction_whose_note_names_something_else_is_a_contradiction() -> None:
    """A person corrects to a sofa and writes that it is a bed."""
    (candidate,) = look(confirmed(review_state="corrected"), feedback=[noted("correct", "FURN_BED")])
    assert candidate.reasons == ("note_contradicts",)


def test_doubts_add_up_gravest_first() -> None:
    """Two doubts are worth more than each, as independent chances, never more than 1."""
    unsure, marked = look(capture(model_confidence=0.6)), look(capture(review_reasons=("note",), **SURE))
    (both,) = look(capture(review_reasons=("note",), model_confidence=0.6))
    assert both.reasons == ("review_wanted", "low_confidence")
    assert both.worth == pytest.approx(1 - (1 - unsure[0].worth) * (1 - marked[0].worth))


def test_what_a_category_lacks_counts_for_half_of_the_rest() -> None:
    """Nobody answered: .5; 10 of 40: .375; the target reached, or answered already: no reason."""
    wanted = replace(OURS, feedback_wanted=40)
    (first,) = look(capture(**SURE), params=wanted)
    assert (first.worth, first.reasons) == (0.5, ("few_answered",))
    assert first.details == ("0 of 40 wanted captures of its category have feedback",)
    some = [confirmed(f"c{n}") for n in range(10)]
    assert [one.worth for one in look(capture(**SURE), *some, params=wanted)] == [0.375]
    enough = [confirmed(f"c{n}") for n in range(40)]
    assert look(capture(**SURE), *enough, params=wanted) == []


def test_the_order_is_by_worth_then_id() -> None:
    """The least sure first; of equals the lower id; the order they come in does not matter."""
    rows = [capture("c", model_confidence=0.5), capture("b", model_confidence=0.5), capture("d", model_confidence=0.2)]
    assert [one.capture_id for one in look(*rows)] == ["d", "b", "c"]
    assert look(*rows) == look(*reversed(rows))


def test_what_is_set_aside_is_left_alone() -> None:
    """An excluded capture is nobody's work."""
    known = Known({}, {}, {}, {}, {})
    assert ranked([capture(model_confidence=0.1)], known, OURS, {"a"}) == []
