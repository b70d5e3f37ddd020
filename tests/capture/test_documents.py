from __future__ import annotations

from typing import Any

import pytest

from captureset.capture.documents import require_feedback, require_sidecar
from captureset.errors import InvalidDocumentError
from captureset.formats.taxonomy import load_taxonomy
from captureset.records.box import Frame
from captureset.records.taxonomy import Taxonomy
from captureset.store.repository import Repository
from deliveries import box, feedback, sidecar

PHOTO = Frame(64, 48)


@pytest.fixture
def taxonomy(repository: Repository) -> Taxonomy:
    """The one this repository comes with."""
    return load_taxonomy(repository.categories)


def faults(document: Any, taxonomy: Taxonomy, image: Frame | None = PHOTO) -> dict[str, str]:
    """Return what is wrong with a sidecar, by JSON pointer."""
    try:
        require_sidecar(document, "sidecar c", taxonomy, image)
    except InvalidDocumentError as error:
        return {problem.pointer: f"{problem.message} ({problem.remedy})" for problem in error.problems}
    return {}


def test_three_faults_are_named_together(taxonomy: Taxonomy) -> None:
    """What the schema finds and what only we can know stand in one refusal, each with its JSON pointer."""
    wrong = sidecar(
        "c",
        session={"user_key": "kim@example.org"},
        label={"reviewed": True, "boxes": [box("FURN_SOFAA", [60, 40, 10, 10])]},
    )
    assert faults(wrong, taxonomy).keys() == {
        "/session/user_key",
        "/label/boxes/0/category",
        "/label/boxes/0/xywh_px",
    }
    with pytest.raises(InvalidDocumentError, match=r"^sidecar c has 3 problems: /.*; /.*; /.*\.$"):
        require_sidecar(wrong, "sidecar c", taxonomy, PHOTO)


def test_a_sound_sidecar_comes_in(taxonomy: Taxonomy) -> None:
    """Boxes from the photo itself and from a smaller copy, one of its sides rounded."""
    boxes = [box("FURN_SOFA", [0, 0, 64, 48]), box("FURN_SOFA", [1, 1, 5, 5], 33, 25)]
    assert faults(sidecar("c", model={"boxes": boxes, "category": "FURN_SOFA"}), taxonomy) == {}


def test_an_unknown_category_is_refused_with_the_nearest(taxonomy: Taxonomy) -> None:
    """In the model's answer, in a label, in a box; a name is no code."""
    wrong = sidecar("c", model={"category": "FURN_SOFAS"}, label={"reviewed": False, "category": "FURN_QQQQQQQQ"})
    found = faults(wrong, taxonomy)
    assert "did you mean FURN_SOFA?" in found["/model/category"]
    assert "add it there or use one that is" in found["/label/category"]


@pytest.mark.parametrize(
    ("xywh", "fault"), [([60, 0, 5, 5], "outside its frame of 64x48 px"), ([5, 5, 0, 5], "has no area")]
)
def test_a_box_must_lie_in_its_frame(taxonomy: Taxonomy, xywh: list[float], fault: str) -> None:
    """The numbers of the box and of the frame are both told."""
    (message,) = faults(sidecar("c", model={"boxes": [box("FURN_SOFA", xywh)]}), taxonomy).values()
    assert fault in message
    assert str(float(xywh[0])) in message


def test_a_frame_must_have_the_shape_of_the_upright_photo(taxonomy: Taxonomy) -> None:
    """A frame of the lying picture is refused with both sizes; without a photo at hand it is not judged."""
    wrong = sidecar("c", model={"boxes": [box("FURN_SOFA", [1, 1, 5, 5], 48, 64)]})
    (message,) = faults(wrong, taxonomy).values()
    assert "48x64" in message
    assert "64x48 px upright" in message
    assert faults(wrong, taxonomy, image=None) == {}


def test_empty_and_something_contradict(taxonomy: Taxonomy) -> None:
    """Nothing there and a sofa there cannot both be true."""
    assert faults(sidecar("c", label={"reviewed": True, "empty": True, "category": "FURN_SOFA"}), taxonomy).keys() == {
        "/label/empty"
    }
    assert faults(sidecar("c", label={"reviewed": True, "empty": True, "boxes": []}), taxonomy) == {}


@pytest.mark.parametrize("text", ["2024-02-30T00:00:00Z", "2024-01-15T24:30:00Z", "0001-01-01T00:00:00+09:00"])
def test_a_time_that_never_was_is_refused(taxonomy: Taxonomy, text: str) -> None:
    """The form is right, the day is not: the schema cannot know."""
    assert faults(sidecar("c", captured_at=text), taxonomy).keys() == {"/captured_at"}


@pytest.mark.parametrize("document", [[], "text", None, 7, {}])
def test_anything_can_be_sent_and_is_refused(taxonomy: Taxonomy, document: Any) -> None:
    """A list, a text, nothing: refused by the schema, never a traceback."""
    assert faults(document, taxonomy)


@pytest.mark.parametrize(
    "part",
    [
        {"boxes": 7},
        {"boxes": [7, None, []]},
        {"boxes": [{"frame": "64x48", "xywh_px": "1234"}]},
        {"boxes": [{"category": [], "frame": {"width_px": "a", "height_px": None}, "xywh_px": [1, 2, 3]}]},
        {"boxes": [{**box("FURN_SOFA", [1, 2, 3, 4]), "frame": {"width_px": 0, "height_px": 0}}]},
        {"boxes": [box("FURN_SOFA", [1e308, 1e308, 1e308, 1e308])]},
        {"boxes": [box("FURN_SOFA", [float("inf"), 0, 1, 1])]},
        {"boxes": [box("FURN_SOFA", [10**400, 0, 1, 1])]},
        {"category": {"code": "FURN_SOFA"}},
    ],
)
def test_values_of_the_wrong_kind_are_named_not_stumbled_over(taxonomy: Taxonomy, part: dict[str, Any]) -> None:
    """Whatever stands where a box should be, the refusal points into it."""
    assert all(pointer.startswith("/model") for pointer in faults(sidecar("c", model=part), taxonomy))
    assert faults(sidecar("c", model=part), taxonomy)


def test_feedback_is_judged_by_the_same_rules(taxonomy: Taxonomy) -> None:
    """Its category, its boxes, its times and its own contradictions."""
    wrong = feedback(
        "f",
        "c",
        "correct",
        category="FURN_NOPE",
        empty=True,
        boxes=[box("FURN_SOFA", [60, 40, 10, 10])],
        received_at="2024-13-01T00:00:00Z",
        rating=9,
    )
    with pytest.raises(InvalidDocumentError) as refused:
        require_feedback(wrong, "feedback f", taxonomy)
    pointers = {problem.pointer for problem in refused.value.problems}
    assert pointers == {"/category", "/empty", "/boxes/0/xywh_px", "/received_at", "/rating"}
