from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captureset.records.box import Box, Frame
from captureset.records.sidecar import Annotation, Answer, Feedback, SizeCm, utc, utc_text
from deliveries import box, feedback


def test_times_are_brought_to_utc() -> None:
    """Noon in Seoul is three in the morning UTC."""
    assert utc("2024-01-15T12:00:00+09:00") == datetime(2024, 1, 15, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["2024-02-30T00:00:00Z", "2024-01-15T25:00:00Z", "2024-01-15T12:00:00", "0001-01-01T00:00:00+09:00"]
)
def test_a_time_that_is_none_is_a_value_error(text: str) -> None:
    """No such day, no such hour, no offset, or before the year 1 in UTC: each is one kind of error."""
    with pytest.raises(ValueError, match=r"."):
        utc(text)


@given(st.lists(st.timedeltas(timedelta(0), timedelta(seconds=3)), min_size=2, max_size=6))
def test_utc_text_sorts_as_time_does(moments: list[timedelta]) -> None:
    """Also within one second, where a fraction must come after the whole second."""
    start = datetime(2024, 1, 15, 3, 20, tzinfo=UTC)
    times = sorted([start, *(start + moment for moment in moments)])
    texts = [utc_text(time) for time in times]
    assert texts == sorted(texts)
    assert [utc(text) for text in texts] == times


def test_a_box_from_a_smaller_copy_is_scaled_to_the_photo() -> None:
    """A box measured in 640x480 lies at twice the pixels of a photo of 1280x960."""
    annotation = Annotation.from_document(box("FURN_SOFA", [96, 150.5, 420, 240], 640, 480))
    assert annotation.box_in(Frame(1280, 960)) == Box(192, 301, 840, 480)


@given(st.integers(1, 3000), st.integers(1, 3000), st.integers(1, 700))
def test_a_box_as_large_as_its_frame_stays_inside_the_photo(width: int, height: int, frame: int) -> None:
    """Scaling rounds; the box still does not reach beyond the photo's edge."""
    annotation = Annotation("FURN_SOFA", Box(0.1, 0.1, frame - 0.1, frame - 0.1), Frame(frame, frame))
    _, _, x2, y2 = annotation.box_in(Frame(width, height)).xyxy_px
    assert x2 <= width
    assert y2 <= height


def test_no_box_list_is_not_an_empty_one() -> None:
    """`boxes` left out means nobody looked; an empty list means somebody looked."""
    assert Answer.from_document({}).annotations is None
    assert Answer.from_document({"boxes": []}).annotations == ()


def test_an_answer_keeps_what_was_said() -> None:
    """Category, boxes, size, confidence and the two flags are taken as they are; nothing is guessed."""
    document = {"category": "FURN_SOFA", "boxes": [box("FURN_SOFA", [1, 2, 3, 4])], "size_cm": {"width_cm": 90}}
    answer = Answer.from_document({**document, "confidence": 0.5, "reviewed": True})
    annotation = Annotation("FURN_SOFA", Box(1, 2, 3, 4), Frame(64, 48))
    assert answer == Answer("FURN_SOFA", (annotation,), SizeCm(width_cm=90), 0.5, empty=False, reviewed=True)


def test_feedback_is_ordered_by_moment_then_id() -> None:
    """The offset counts: ten in Seoul is before two in the morning UTC; equal times are ordered by id."""
    early = Feedback.from_document(feedback("z", "c", given_at="2024-01-17T10:00:00+09:00"))
    late = Feedback.from_document(feedback("a", "c", given_at="2024-01-17T02:00:00Z"))
    later = Feedback.from_document(feedback("b", "c", given_at="2024-01-17T02:00:00Z"))
    assert sorted([later, late, early], key=lambda item: item.order) == [early, late, later]


def test_a_note_is_known_only_by_its_presence() -> None:
    """Free text stays in the feedback file; an empty note is none."""
    assert Feedback.from_document(feedback("a", "c", "note", note="다리 하나가 부러짐")).note == "다리 하나가 부러짐"
    assert not Feedback.from_document(feedback("a", "c", "note", note="")).note
