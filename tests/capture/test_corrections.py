"""What a person left in a tool against the label that stands."""

from __future__ import annotations

import random
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from captureset.capture import documents
from captureset.capture.corrections import Speaker, Standing, correction, feedback_documents
from captureset.errors import CapturesetError
from captureset.formats.exchange.tasks import NamedBox, Reviewed, ReviewedTask
from captureset.formats.taxonomy import load_taxonomy
from captureset.records.box import Box, Frame
from captureset.records.catalog_rows import annotation_rows
from captureset.records.label import Label, main_category, resolve
from captureset.records.sidecar import Feedback
from deliveries import sidecar

ROOT = Path(__file__).resolve().parents[2]
TAXONOMY = load_taxonomy(ROOT / "data" / "categories.yaml")
FRAME = Frame(640, 480)
SPEAKER = Speaker("2024-01-17T09:05:00+09:00", "6b3a55e0261b0304143f805a24924d0c")
SOFA = NamedBox("FURN_SOFA", Box(10.0, 20.0, 300.0, 200.0))
TABLE = NamedBox("FURN_TABLE", Box(400.0, 100.0, 50.0, 60.0))
BOXED = Standing("c", FRAME, "boxes", "FURN_SOFA", (SOFA, TABLE))


def left(*boxes: NamedBox, category: str | None = None, frame: Frame | None = FRAME) -> ReviewedTask:
    """Return what a person left of capture c."""
    return ReviewedTask("c", frame, boxes, category)


def said(task: ReviewedTask, label: Standing = BOXED, *, tells_category: bool = True) -> dict[str, Any]:
    """Return the feedback on one task, checked against its schema."""
    reviewed = Reviewed("t.json", (task,), tells_category)
    (document,) = feedback_documents(reviewed, {"c": label}, TAXONOMY, SPEAKER)
    documents.require_feedback(document, "feedback", TAXONOMY)
    return document


def test_what_is_the_same_is_confirmed() -> None:
    """Order is no difference, nor an edge within 0.05 px, nor another name of the same category."""
    near = NamedBox("소파", Box(10.04, 19.96, 300.0, 200.04))
    found = said(left(TABLE, near))
    assert (found["verdict"], found["by"]) == ("confirm", {"user_key": SPEAKER.user_key})
    assert "boxes" not in found


@pytest.mark.parametrize(
    ("boxes", "expected"),
    [
        ((NamedBox("의자", SOFA.box), TABLE), [("FURN_CHAIR", SOFA.box), ("FURN_TABLE", TABLE.box)]),
        ((SOFA,), [("FURN_SOFA", SOFA.box)]),
        ((SOFA, TABLE, NamedBox("FURN_BED", Box(0.0, 0.0, 5.0, 5.0))), None),
        ((NamedBox("FURN_SOFA", Box(10.06, 20.0, 300.0, 200.0)), TABLE), None),
    ],
    ids=["renamed", "removed", "added", "moved by 0.06 px"],
)
def test_what_differs_is_corrected(boxes: tuple[NamedBox, ...], expected: list[tuple[str, Box]] | None) -> None:
    """The correction holds every box that is left, in our codes."""
    found = said(left(*boxes))
    assert found["verdict"] == "correct"
    told = [(box["category"], Box(*box["xywh_px"])) for box in found["boxes"]]
    assert told == (expected or [(box.category, box.box) for box in boxes])


def test_boxes_that_did_not_move_keep_their_numbers() -> None:
    """A tool's rounding does not creep into boxes nobody touched."""
    found = said(left(NamedBox("FURN_SOFA", Box(10.01, 20.01, 299.99, 199.99))))
    assert found["boxes"][0]["xywh_px"] == list(SOFA.box.xywh_px)


@pytest.mark.parametrize(
    ("kind", "category", "tells_category", "expected"),
    [
        ("boxes", None, True, {"empty": True}),
        ("none", None, True, {"empty": True}),
        ("empty", None, True, {}),
        ("category", None, True, {"empty": True}),
        ("category", None, False, {}),
        ("category", "FURN_BED", True, {}),
        ("category", "FURN_SOFA", True, {"category": "FURN_SOFA"}),
        ("boxes", "FURN_BED", True, {"boxes": [], "category": "FURN_BED"}),
    ],
)
def test_a_photo_without_boxes(kind: str, category: str | None, tells_category: bool, expected: dict[str, Any]) -> None:  # noqa: FBT001
    """Emptied is verified-empty; a category without boxes stays one where the format has no word for it."""
    standing = Standing("c", FRAME, kind, None if kind == "empty" else "FURN_BED", (SOFA,) if kind == "boxes" else ())
    assert correction(standing, left(category=category), tells_category=tells_category) == expected


def test_a_scaled_copy_is_scaled_back() -> None:
    """Boxes drawn on a half-size copy mean the same places."""
    half = NamedBox("FURN_SOFA", Box(5.0, 10.0, 150.0, 100.0))
    assert said(left(half, frame=Frame(320, 240)), Standing("c", FRAME, "boxes", None, (SOFA,)))["verdict"] == "confirm"


def test_every_fault_is_named_at_once() -> None:
    """Unknown captures, captures twice, strange words, other pictures, boxes outside: one refusal for all."""
    tasks = (
        ReviewedTask("stranger", FRAME, ()),
        left(SOFA),
        left(SOFA),
        ReviewedTask("d", FRAME, (NamedBox("쇼파", SOFA.box),)),
        ReviewedTask("e", Frame(480, 640), (SOFA,)),
        ReviewedTask("f", FRAME, (NamedBox("소파", Box(600.0, 0.0, 41.0, 10.0)),)),
    )
    labels = {name: Standing(name, FRAME, "none", None, ()) for name in "cdef"}
    with pytest.raises(CapturesetError) as refused:
        feedback_documents(Reviewed("t.json", tasks, tells_category=True), labels, TAXONOMY, SPEAKER)
    sentence = str(refused.value)
    for part in (
        "no committed capture is called 'stranger'",
        "c stands twice",
        "d has the unknown category '쇼파'",
        "e was reviewed as 480x640 px, but the upright photo has 640x480",
        "f: the box [600.0, 0.0, 41.0, 10.0] (소파) reaches outside",
        "nothing was imported",
    ):
        assert part in sentence


def test_the_id_is_what_was_said_not_what_it_changed() -> None:
    """The same words are the same feedback whatever label they met; another time or person is another."""
    changed = Standing("c", FRAME, "none", None, ())
    one, other = said(left(SOFA, TABLE)), said(left(TABLE, SOFA), changed)
    assert (one["verdict"], other["verdict"]) == ("confirm", "correct")
    assert one["feedback_id"] == other["feedback_id"]
    assert said(left(SOFA))["feedback_id"] != one["feedback_id"]
    reviewed = Reviewed("t.json", (left(SOFA, TABLE),), tells_category=True)
    for speaker in (Speaker("2024-01-17T09:05:01+09:00", SPEAKER.user_key), Speaker(SPEAKER.given_at)):
        (document,) = feedback_documents(reviewed, {"c": BOXED}, TAXONOMY, speaker)
        assert document["feedback_id"] != one["feedback_id"]
    (utc,) = feedback_documents(reviewed, {"c": BOXED}, TAXONOMY, Speaker("2024-01-17T00:05:00Z", SPEAKER.user_key))
    assert utc["feedback_id"] == one["feedback_id"]


def label_after(document: dict[str, Any], *feedback: dict[str, Any]) -> tuple[Label, Standing]:
    """Return the final label of a capture, as the resolver and as the catalog have it."""
    final = resolve(document, map(Feedback.from_document, feedback))
    rows = annotation_rows("c", final, FRAME)
    boxes = tuple(NamedBox(row.category, Box(row.x_px, row.y_px, row.w_px, row.h_px)) for row in rows)
    return final, Standing("c", FRAME, final.kind, main_category(final), boxes)


def test_after_the_correction_the_catalog_says_what_the_person_left() -> None:
    """200 random labels and reviews: once the feedback is applied, the same review changes nothing more."""
    dice = random.Random(7)

    def boxes() -> tuple[NamedBox, ...]:
        codes = ("FURN_SOFA", "FURN_TABLE", "FURN_CHAIR")
        return tuple(
            NamedBox(dice.choice(codes), Box(*(float(dice.randrange(1, 200)) for _ in range(4))))
            for _ in range(dice.randrange(4))
        )

    for _ in range(200):
        size = {"width_px": 640, "height_px": 480}
        model: dict[str, Any] = {
            "boxes": [{"category": box.category, "xywh_px": list(box.box.xywh_px), "frame": size} for box in boxes()]
        }
        model |= {"category": dice.choice(["FURN_SOFA", "FURN_BED"])} if dice.random() < 0.5 else {}
        document = sidecar("c", model=model)
        task = left(*boxes(), category=dice.choice([None, None, "FURN_BED", "FURN_CHAIR"]))
        _, before = label_after(document)
        first = said(task, before)
        final, after = label_after(document, first)
        assert correction(after, task, tells_category=True) == {}
        assert final.review_state in {"confirmed", "corrected"}
        assert datetime.fromisoformat(first["given_at"])
