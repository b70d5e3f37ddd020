"""The gate of labels: what the trainer refuses, and a little more."""

from __future__ import annotations

import math
from typing import Any

import pytest

from captureset.judgement.gate import GATE_FLAGS, gate_flags
from captureset.judgement.settings import QualityParams
from rows import annotation, capture, known, settings

OURS = settings(
    QualityParams,
    "quality",
    smallest_box_px2=16.0,
    largest_box_share=0.98,
    longest_box_aspect=20.0,
    repeated_box_iou=0.9,
)
CODES = frozenset({"FURN_SOFA", "FURN_BED"})

Place = tuple[float, float, float, float]


def flags(*places: Place, **changes: Any) -> list[str]:
    """Return the flags of a label with these boxes in a photo of 800x600 px."""
    boxes = tuple(annotation(xywh_px=place, position=number, **changes) for number, place in enumerate(places))
    return gate_flags(known(boxes=boxes), OURS, CODES)


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ((10, 20, 30, 40), []),
        ((math.nan, 20, 30, 40), ["box_not_finite"]),
        ((10, 20, math.inf, 40), ["box_not_finite"]),
        ((10, 20, 0, 40), ["box_empty"]),
        ((10, 20, 30, -40), ["box_empty"]),
        ((770, 20, 30, 40), []),
        ((770.01, 20, 30, 40), ["box_outside"]),
        ((-0.01, 20, 30, 40), ["box_outside"]),
        ((-0.0005, 20, 30, 40), []),
        ((10, 20, 4, 4), []),
        ((10, 20, 4, 3.99), ["box_tiny"]),
        ((0, 0, 800, 588), []),
        ((0, 0, 800, 588.1), ["box_covers_frame"]),
        ((10, 20, 400, 20), []),
        ((10, 20, 20, 400.1), ["box_elongated"]),
        ((10, 20, 60, 0.1), ["box_tiny", "box_elongated"]),
    ],
)
def test_each_box_by_itself(place: Place, expected: list[str]) -> None:
    """Finite, with an area, inside the photo, neither tiny nor all of it, no stripe; thresholds are still sane."""
    assert flags(place) == expected


def test_a_box_made_of_the_whole_photo_may_cover_it() -> None:
    """catalog.whole_image_boxes asked for it."""
    assert flags((0, 0, 800, 600), derived_from="whole_image") == []
    assert flags((0, 0, 800, 600)) == ["box_covers_frame"]


def test_two_of_a_category_on_each_other() -> None:
    """IoU above .9 is one thing said twice; of two categories it may be a thing on a thing."""
    assert flags((0, 0, 100, 100), (0, 0, 100, 90)) == []
    assert flags((0, 0, 100, 100), (0, 0, 100, 91)) == ["box_repeated"]
    sofa, bed = annotation(xywh_px=(0, 0, 100, 100)), annotation(category="FURN_BED", xywh_px=(0, 0, 100, 100))
    assert gate_flags(known(boxes=(sofa, bed)), OURS, CODES) == []


def test_category_and_confidence() -> None:
    """A code the taxonomy lacks, of the capture or of a box; a confidence that is no share."""
    assert gate_flags(known(capture(category="SOFA")), OURS, CODES) == ["category_unknown"]
    assert gate_flags(known(capture(category=None)), OURS, CODES) == []
    assert gate_flags(known(boxes=(annotation(category="SOFA"),)), OURS, CODES) == ["category_unknown"]
    assert gate_flags(known(capture(category="SOFA")), OURS) == []
    assert gate_flags(known(capture(model_confidence=95.0)), OURS, CODES) == ["confidence_out_of_range"]
    assert flags((10, 20, 30, 40), confidence=-0.1) == ["confidence_out_of_range"]
    assert flags((10, 20, 30, 40), confidence=math.nan) == ["confidence_out_of_range"]


def test_each_code_once_and_in_order() -> None:
    """Two tiny boxes are one flag, and the order does not depend on the boxes'."""
    assert flags((10, 20, 1, 1), (30, 20, 1, 1), (-9, 0, 30, 30)) == ["box_outside", "box_tiny"]
    assert len(set(GATE_FLAGS)) == len(GATE_FLAGS)
