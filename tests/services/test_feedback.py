"""What users say, in an app's shapes: confirmed, corrected, rejected, noted; at once or days later."""

from __future__ import annotations

from typing import Any

import pytest

from captureset import catalog
from captureset.capture.commit import commit
from captureset.services import LabelingDataService
from captureset.services.image_metadata import ImageMetadataService
from captureset.store.repository import Repository
from photos import jpeg

RESULT = {"analysis_id": "a-1", "category": "소파", "confidence": 0.8, "size_estimation": {"width_cm": 190}}
SESSION = {"timestamp": "2025-10-21T14:03:11+09:00", "user_id": "kim"}
SAID: dict[str, tuple[Any, str, list[str]]] = {
    "agreed": ({"is_correct": True}, "confirm", []),
    "a verdict": ({"verdict": "confirm", "rating": 5}, "confirm", []),
    "the same category": ({"category": "소파"}, "confirm", []),
    "another category": ({"corrected_category": "의자"}, "correct", []),
    "another category by code": ({"corrections": {"category": "FURN_CHAIR"}}, "correct", []),
    "another size": ({"corrected_size": {"width_cm": 200}}, "correct", []),
    "a box": ({"corrected_bbox": {"x": 1, "y": 2, "w": 30, "h": 40}}, "correct", []),
    "nothing there": ({"empty": True, "category": "소파"}, "correct", []),
    "rejected": ({"rejected": True}, "reject", []),
    "a rating": ({"rating": 5}, "note", []),
    "a note": ({"notes": "가습기입니다"}, "note", ["note"]),
    "words": ("가습기입니다", "note", ["note"]),
    "disputed": ({"is_correct": False}, "note", ["disputed"]),
    "an unknown category": ({"corrected_category": "라텍스"}, "note", ["unknown_category"]),
    "an odd rating": ({"rating": 11}, "note", ["odd_rating"]),
    "an odd box": ({"corrected_bbox": [1, 2, 3, 4]}, "note", ["box_without_convention"]),
    "nothing known": ({"colour": "red"}, "note", ["unreadable_feedback"]),
}


@pytest.mark.parametrize(("said", "verdict", "reasons"), SAID.values(), ids=SAID)
def test_what_was_said_becomes_a_verdict(
    prepared: Repository, service: LabelingDataService, said: Any, verdict: str, reasons: list[str]
) -> None:
    """With the capture or later, the same words are the same verdict; twice is once; all of it commits."""
    saved = service.save_analysis_data(jpeg(64, 48), RESULT, said, SESSION)
    assert saved["metadata"]["feedback"]["verdict"] == verdict, saved
    later = {"timestamp": "2025-10-25T09:00:00", **(said if isinstance(said, dict) else {"note": said})}
    first = service.save_user_feedback("a-1", later, SESSION)
    assert (first["success"], first["verdict"]) == (True, verdict)
    assert service.save_user_feedback("a-1", later, SESSION) == first
    assert commit(prepared).refusals == ()
    known = ImageMetadataService({"data_storage_path": prepared.root}).history("a-1")["history"]
    said_twice = [event for event in known if event["event"] == "feedback"]
    assert [event["verdict"] for event in said_twice] == [verdict, verdict]
    assert said_twice[0].get("review", {}).get("reasons", []) == reasons


def test_a_correction_is_the_final_label(prepared: Repository, service: LabelingDataService) -> None:
    """The model's answer stays what it was; the user is a keyed hash, the same as in the capture."""
    service.save_analysis_data(jpeg(64, 48), RESULT, None, SESSION)
    box = {"x1": 1, "y1": 2, "x2": 31, "y2": 42}
    said = {"corrected_category": "의자", "corrected_bbox": box, "dimensions": {"w_cm": 45}, "rating": 2}
    assert service.save_user_feedback("a-1", said, SESSION)["verdict"] == "correct"
    commit(prepared)
    found = catalog.current(prepared.root)
    (row,), (annotation,) = found.captures, found.annotations
    assert (row.category, row.review_state, row.model_category, row.width_cm) == (
        "FURN_CHAIR",
        "corrected",
        "FURN_SOFA",
        45,
    )
    assert (annotation.x_px, annotation.w_px, annotation.category) == (1, 30, "FURN_CHAIR")
    assert b"kim" not in b"".join(path.read_bytes() for path in prepared.root.rglob("*.json"))


def test_feedback_may_come_before_its_capture(prepared: Repository, service: LabelingDataService) -> None:
    """A category can be said of a photo nobody has seen, and a box whose frame is told; any other has no place."""
    said = service.save_user_feedback(
        "a-1", {"corrected_category": "의자", "corrected_bbox": {"x": 1, "y": 1, "w": 2, "h": 2}}
    )
    assert said["verdict"] == "correct"
    service.save_analysis_data(jpeg(64, 48), RESULT, None, SESSION)
    commit(prepared)
    found = catalog.current(prepared.root)
    assert (found.captures[0].category, found.annotations) == ("FURN_CHAIR", [])
    place = {"bbox": {"x": 10, "y": 20, "w": 20, "h": 30}, "image_width": 640, "image_height": 480, "category": "의자"}
    assert service.save_user_feedback("a-1", place)["verdict"] == "correct"
    commit(prepared)
    (box,) = catalog.current(prepared.root).annotations
    assert (box.x_px, box.y_px, box.w_px, box.h_px) == (1, 2, 2, 3)
    assert found.captures[0].review_reasons == ("box_without_frame",)


@pytest.mark.parametrize("nothing", [None, {}, "", "  "])
def test_nothing_said_is_no_feedback(prepared: Repository, service: LabelingDataService, nothing: Any) -> None:
    """Silence is not agreement."""
    assert service.save_analysis_data(jpeg(64, 48), RESULT, nothing)["metadata"]["feedback"]["verdict"] is None
    answer = service.save_user_feedback("a-1", nothing)
    assert (answer["success"], answer["analysis_id"]) == (False, "a-1")
    assert [path.suffix for path in prepared.inbox.iterdir()] == [".capture"]


def test_feedback_that_may_not_come_in_keeps_no_capture_out(service: LabelingDataService) -> None:
    """The capture is saved; what is wrong with the feedback is said beside it."""
    saved = service.save_analysis_data(jpeg(64, 48), RESULT, ["no dict"], SESSION)
    assert (saved["success"], saved["metadata"]["feedback"]["success"]) == (True, False)
    assert "list" in saved["metadata"]["feedback"]["error"]
