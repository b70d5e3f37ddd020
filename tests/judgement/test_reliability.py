"""How far a model can be trusted, from what people made of its answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from captureset.judgement.evidence import Evidence
from captureset.judgement.matching import matched_ious
from captureset.judgement.proportions import wilson
from captureset.judgement.reliability import calibration, cases, confusions, reliability
from captureset.records.answer_rows import AnswerRow
from captureset.records.quality_rows import ReliabilityRow
from rows import annotation, answer, capture, confirmed, known, model_box

PLACE = (10.0, 20.0, 100.0, 100.0)
HALF = (10.0, 20.0, 100.0, 50.0)

Pair = tuple[Evidence, AnswerRow]


def pair(name: str, said: str | None = "FURN_SOFA", person: str | None = "FURN_SOFA", **changes: Any) -> Pair:
    """Return a capture that a person confirmed, or corrected when the categories differ, and the model's answer."""
    state = "confirmed" if said == person else "corrected"
    place = changes.pop("place", PLACE)
    told = {key: changes.pop(key) for key in ("model_version", "confidence", "boxes", "width_cm") if key in changes}
    row = confirmed(name, **{"category": person, "review_state": state, **changes})
    boxes = (annotation(name, person, place),) if person else ()
    model = (model_box(name, said, PLACE),) if said else ()
    return known(row, boxes=boxes, model_boxes=model), answer(name, said, **told)


def silent(name: str, said: str = "FURN_SOFA") -> Pair:
    """Return a capture that nobody answered."""
    found, told = pair(name, said, said)
    return replace(found, capture=capture(name, category=said)), told


def rows_of(*pairs: Pair) -> dict[str | None, ReliabilityRow]:
    """Return the rows by the category the model named, None for the whole."""
    found = cases([one for one, _ in pairs], [told for _, told in pairs])
    return {row.category: row for row in reliability(found)}


def test_silence_is_not_agreement() -> None:
    """Eight nobody answered, two confirmed: two judged, the answered share is a fifth, acceptance is of two."""
    row = rows_of(*(silent(f"s{n}") for n in range(8)), pair("a"), pair("b"))["FURN_SOFA"]
    assert (row.captures, row.answered, row.answered_share, row.judged, row.accepted) == (10, 2, 0.2, 2, 2)
    assert (row.acceptance, row.acceptance_low, row.acceptance_high) == (1.0, *wilson(2, 2))


def test_nobody_answered() -> None:
    """Then nothing is known, which is not zero."""
    row = rows_of(silent("a"))["FURN_SOFA"]
    assert (row.judged, row.answered_share) == (0, 0.0)
    assert (row.acceptance, row.acceptance_low, row.category_right_share, row.calibration_error) == (None,) * 4


def test_what_was_corrected_is_told_apart() -> None:
    """Category, boxes, size: a moved box is no acceptance though its category is right; a rejection judges nothing."""
    rejected, told = silent("d")
    rejected = replace(rejected, capture=replace(rejected.capture, review_state="rejected"))
    row = rows_of(
        pair("a"),
        pair("b", person="FURN_BED"),
        pair("c", place=HALF, review_state="corrected"),
        (rejected, told),
    )["FURN_SOFA"]
    assert (row.judged, row.accepted, row.category_right, row.rejected, row.answered) == (3, 1, 2, 1, 4)
    assert (row.corrected_boxes, row.mean_box_iou) == (1, 0.5)


def test_size_errors_are_of_what_was_changed() -> None:
    """Estimated 150 where a person measured 200 is a quarter off; an unchanged size is no error."""
    wrong = pair("a", width_cm=150.0)
    right = pair("b", width_cm=200.0)
    rows = rows_of(*((replace(o, capture=replace(o.capture, width_cm=200.0)), told) for o, told in (wrong, right)))
    assert (rows["FURN_SOFA"].resized, rows["FURN_SOFA"].median_size_error) == (1, 0.25)


def test_rows_are_per_version_and_category_with_the_whole_before_them() -> None:
    """Two versions of a model are two models; the row without category sums its categories."""
    pairs = [pair("a"), pair("b", "FURN_BED", "FURN_BED"), pair("c", model_version="2")]
    found = reliability(cases([one for one, _ in pairs], [told for _, told in pairs]))
    assert [(row.model_version, row.category, row.captures) for row in found] == [
        ("1", None, 2),
        ("1", "FURN_BED", 1),
        ("1", "FURN_SOFA", 1),
        ("2", None, 1),
        ("2", "FURN_SOFA", 1),
    ]


def test_empty_is_an_answer_and_silence_of_a_model_is_none() -> None:
    """To have seen nothing is right where a person verified that; a model that gave no answer at all is left out."""
    nothing, told = pair("a", None, None, label_kind="empty", review_state="confirmed", boxes=0)
    mute, no_answer = pair("b", None, "FURN_SOFA", boxes=None)
    rows = rows_of((nothing, told), (mute, no_answer))
    assert set(rows) == {None, "empty"}
    assert (rows["empty"].judged, rows["empty"].accepted) == (1, 1)


def test_the_flip_matrix_leads_to_sample_captures() -> None:
    """From what the model said to what a person says, the most frequent first, right ones included."""
    pairs = [
        *(pair(f"x{n:02}", person="FURN_BED") for n in range(14)),
        pair("a"),
        silent("b"),
        pair("c", "FURN_BED", "FURN_BED"),
    ]
    found = confusions(cases([one for one, _ in pairs], [told for _, told in pairs]))
    assert [(row.said, row.person, row.captures) for row in found] == [
        ("FURN_SOFA", "FURN_BED", 14),
        ("FURN_BED", "FURN_BED", 1),
        ("FURN_SOFA", "FURN_SOFA", 1),
    ]
    assert found[0].sample_ids == tuple(f"x{n:02}" for n in range(12))


def test_calibration_by_bins() -> None:
    """Right three of four at .9; nobody judged the rest."""
    pairs = [*(pair(name) for name in "abc"), pair("d", person="FURN_BED"), silent("e")]
    (row,) = calibration(cases([one for one, _ in pairs], [told for _, told in pairs]))
    assert (row.confidence_from, row.confidence_to, row.judged) == (0.9, 1.0, 4)
    assert (row.mean_confidence, row.category_right_share) == (0.9, 0.75)
    assert (row.category_right_low, row.category_right_high) == wilson(3, 4)
    assert rows_of(*pairs)["FURN_SOFA"].calibration_error == pytest.approx(0.15)


def test_boxes_are_matched_one_to_one() -> None:
    """The best pairs first; what is left on either side counts 0."""
    said = [model_box(xywh_px=PLACE), model_box(xywh_px=(300, 300, 50, 50))]
    drawn = [annotation(xywh_px=HALF), annotation(xywh_px=PLACE)]
    assert sorted(matched_ious(said, drawn)) == [0.0, 0.0, 1.0]
    assert matched_ious(said[:1], drawn[:1]) == [0.5]
    assert matched_ious([], []) == []


def test_a_box_said_twice_and_a_box_of_the_whole_photo_are_no_correction() -> None:
    """The catalog keeps one of two equal boxes, and may make one that nobody drew."""
    one, told = pair("a")
    twice = replace(one, model_boxes=one.model_boxes * 2)
    whole = annotation("b", xywh_px=(0, 0, 800, 600), derived_from="whole_image")
    bare = replace(pair("b")[0], model_boxes=(), boxes=(whole,))
    row = rows_of((twice, told), (bare, answer("b", boxes=None)))["FURN_SOFA"]
    assert (row.judged, row.accepted, row.corrected_boxes) == (2, 2, 0)
