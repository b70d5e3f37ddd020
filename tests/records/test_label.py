from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from captureset.records.box import Box, Frame
from captureset.records.label import Label, main_category, resolve, with_whole_image_box
from captureset.records.sidecar import Feedback, SizeCm
from deliveries import box, feedback, sidecar

SOFA = {"category": "FURN_SOFA", "confidence": 0.8, "boxes": [box("FURN_SOFA", [1, 2, 30, 20])]}
TWO = {"boxes": [box("FURN_SOFA", [1, 2, 30, 20]), box("FURN_CHAIR", [40, 2, 5, 5])]}


def resolved(sections: dict[str, Any], *said: dict[str, Any]) -> Label:
    """Return the label after these answers, given one hour apart in this order."""
    records = [
        Feedback.from_document(feedback(f"f{hour}", "c", given_at=f"2024-01-17T{hour:02}:00:00Z", **answer))
        for hour, answer in enumerate(said)
    ]
    return resolve(sidecar("c", **sections), records)


def test_silence_is_not_agreement() -> None:
    """Without feedback the model's answer stands unreviewed."""
    label = resolved({"model": SOFA})
    assert (label.origin, label.review_state, label.kind) == ("model", "unreviewed", "boxes")


def test_nothing_said_is_no_label() -> None:
    """Never looked at is neither empty nor a category."""
    assert resolved({}).kind == "none"
    assert resolved({}).origin == "none"


def test_a_label_that_came_goes_before_the_model() -> None:
    """A reviewed label is a person's and confirmed; an unreviewed one is the source's, and nobody vouches for it."""
    chair = {"category": "FURN_CHAIR"}
    person = resolved({"model": SOFA, "label": {"reviewed": True, **chair}})
    source = resolved({"model": SOFA, "label": {"reviewed": False, **chair}})
    assert (person.origin, person.review_state, person.category) == ("person", "confirmed", "FURN_CHAIR")
    assert (source.origin, source.review_state, source.category) == ("source", "unreviewed", "FURN_CHAIR")


@pytest.mark.parametrize("said", [{"empty": True}, {"boxes": []}])
def test_verified_empty_is_a_label(said: dict[str, Any]) -> None:
    """A person who said `empty`, or left the box list empty, saw that nothing is there; the model is overruled."""
    label = resolved({"model": SOFA, "label": {"reviewed": True, **said}})
    assert (label.kind, label.origin, label.annotations) == ("empty", "person", ())
    assert main_category(label) is None


@pytest.mark.parametrize("said", [{"empty": True}, {"boxes": []}])
def test_unverified_empty_is_none(said: dict[str, Any]) -> None:
    """An empty list that nobody vouches for is no verified-empty."""
    assert resolved({"label": {"reviewed": False, **said}}).kind == "none"


def test_a_confirmation_keeps_the_label_and_makes_it_a_person_s() -> None:
    """The model's boxes stand, now vouched for."""
    label = resolved({"model": SOFA}, {"verdict": "confirm", "rating": 5})
    assert (label.origin, label.review_state, label.rating) == ("person", "confirmed", 5)
    assert label.annotations == resolved({"model": SOFA}).annotations


def test_confirming_nothing_gives_no_label() -> None:
    """A confirmation of a capture without any label cannot make one."""
    label = resolved({}, {"verdict": "confirm"})
    assert (label.kind, label.origin) == ("none", "none")


def test_a_corrected_category_renames_its_boxes() -> None:
    """A single box is what the correction is about; among several only those of the old category change."""
    one = resolved({"model": SOFA}, {"verdict": "correct", "category": "FURN_DESK"})
    assert (one.category, one.annotations[0].category) == ("FURN_DESK", "FURN_DESK")
    both = resolved({"model": {**TWO, "category": "FURN_SOFA"}}, {"verdict": "correct", "category": "FURN_DESK"})
    assert [a.category for a in both.annotations] == ["FURN_DESK", "FURN_CHAIR"]
    assert both.review_state == "corrected"


def test_corrected_boxes_take_the_old_category_with_them() -> None:
    """When no corrected box has the old category, the capture is what its boxes are."""
    desk = {"verdict": "correct", "boxes": [box("FURN_DESK", [1, 2, 30, 20])]}
    label = resolved({"model": SOFA}, desk)
    assert main_category(label) == "FURN_DESK"
    kept = resolved({"model": SOFA}, {"verdict": "correct", "boxes": [box("FURN_SOFA", [0, 0, 9, 9])]})
    assert (kept.category, kept.annotations[0].box) == ("FURN_SOFA", Box(0, 0, 9, 9))


def test_a_correction_to_no_box_at_all_is_empty_unless_a_category_stands() -> None:
    """Without a category nothing is left, which a person saw; with one it is a category without a box."""
    none = {"verdict": "correct", "boxes": []}
    assert resolved({"model": TWO}, none).kind == "empty"
    assert resolved({"model": SOFA}, none).kind == "category"


def test_empty_can_be_corrected_away() -> None:
    """A category said later replaces a verified-empty; a size alone does not."""
    empty = {"verdict": "correct", "empty": True}
    assert resolved({"model": SOFA}, empty).kind == "empty"
    assert resolved({"model": SOFA}, empty, {"verdict": "correct", "category": "FURN_BED"}).kind == "category"
    assert resolved({"model": SOFA}, empty, {"verdict": "correct", "size_cm": {"width_cm": 9}}).kind == "empty"


def test_a_corrected_size_replaces_only_what_it_names() -> None:
    """Width said by a person, height still the model's."""
    label = resolved(
        {"model": {"size_cm": {"width_cm": 190, "height_cm": 82}}},
        {"verdict": "correct", "size_cm": {"width_cm": 90}},
    )
    assert label.size == SizeCm(90, 82, None)


def test_the_latest_verdict_decides() -> None:
    """A rejection holds until somebody confirms or corrects later; a note changes only the rating."""
    reject: dict[str, Any] = {"verdict": "reject"}
    assert resolved({"model": SOFA}, {"verdict": "confirm"}, reject).review_state == "rejected"
    assert resolved({"model": SOFA}, reject, {"verdict": "confirm"}).review_state == "confirmed"
    noted = resolved({"model": SOFA}, {"verdict": "note", "rating": 1, "note": "?"})
    assert (noted.review_state, noted.rating, noted.origin) == ("unreviewed", 1, "model")


def test_a_confirmed_correction_stays_a_correction() -> None:
    """Somebody agreeing with a correction does not hide that the model was wrong."""
    label = resolved({"model": SOFA}, {"verdict": "correct", "category": "FURN_BED"}, {"verdict": "confirm"})
    assert (label.review_state, label.category) == ("corrected", "FURN_BED")


ANSWERS = st.fixed_dictionaries(
    {"verdict": st.sampled_from(["confirm", "correct", "reject", "note"])},
    optional={
        "category": st.sampled_from(["FURN_BED", "FURN_SOFA"]),
        "boxes": st.sampled_from([[], [box("FURN_DESK", [1, 1, 5, 5])]]),
        "empty": st.booleans(),
        "rating": st.integers(1, 5),
        "size_cm": st.sampled_from([{"width_cm": 9}, {"depth_cm": 7}]),
    },
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(ANSWERS, st.integers(0, 2)), min_size=2, max_size=5),
    st.sampled_from([{}, {"model": SOFA}, {"label": {"reviewed": True, **TWO}}]),
    st.data(),
)
def test_the_label_does_not_depend_on_the_order_of_arrival(
    answers: list[tuple[dict[str, Any], int]], sections: dict[str, Any], data: st.DataObject
) -> None:
    """Feedback given at these times (equal ones too) gives one label in whatever order it is read."""
    said = [
        Feedback.from_document(feedback(f"f{n}", "c", given_at=f"2024-01-17T0{hour}:00:00Z", **answer))
        for n, (answer, hour) in enumerate(answers)
    ]
    shuffled = data.draw(st.permutations(said))
    assert resolve(sidecar("c", **sections), shuffled) == resolve(sidecar("c", **sections), said)


def test_the_main_category_is_the_named_one_else_the_largest_box_s() -> None:
    """Boxes are compared by their share of their own frame."""
    tiny_frame = box("FURN_BED", [0, 0, 5, 5], 6, 6)
    assert main_category(resolved({"model": TWO})) == "FURN_SOFA"
    assert main_category(resolved({"model": {"boxes": [*TWO["boxes"], tiny_frame]}})) == "FURN_BED"
    assert main_category(resolved({"model": {**TWO, "category": "FURN_DESK"}})) == "FURN_DESK"


def test_a_whole_image_box_is_given_only_to_a_bare_category() -> None:
    """It says that nobody drew it; labels with boxes, and empty ones, stay as they are."""
    frame = Frame(64, 48)
    (annotation,) = with_whole_image_box(resolved({"model": {"category": "FURN_BED"}}), frame).annotations
    assert (annotation.box, annotation.derived_from) == (Box(0, 0, 64, 48), "whole_image")
    for label in (resolved({"model": SOFA}), resolved({"label": {"reviewed": True, "empty": True}})):
        assert with_whole_image_box(label, frame) is label
