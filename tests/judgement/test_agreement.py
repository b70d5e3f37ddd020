"""Evidence for a label: the foreground of the twin, the size in cm, the model's own boxes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from captureset.judgement.evidence import Evidence
from captureset.judgement.foreground import MaskAgreement, mask_agreement, mask_flags, spoilt_twin
from captureset.judgement.independent import Doubts, doubts
from captureset.judgement.scores import examine
from captureset.judgement.settings import QualityParams
from captureset.judgement.sizes import size_disagreement, size_flags
from rows import SIZES, annotation, capture, confirmed, known, mask, model_box, settings

OURS = settings(
    QualityParams,
    "quality",
    foreground_from=0.01,
    foreground_to=0.95,
    cut_above=0.1,
    loose_above=0.25,
    elsewhere_below=0.1,
    largest_size_cm=1000.0,
    size_tolerance=2.0,
)
Place = tuple[float, float, float, float]


def seen(foreground: Place, *boxes: Place) -> Evidence:
    """Return a capture with this foreground and these boxes."""
    drawn = tuple(annotation(xywh_px=place) for place in boxes)
    return known(boxes=drawn, mask=replace(mask(xywh_px=foreground), foreground_fraction=0.2))


def test_how_far_the_foreground_reaches_beyond_the_box() -> None:
    """As shares of the box's sides; negative where the box reaches farther."""
    found = mask_agreement(seen((86, 110, 154, 40), (100, 100, 100, 50)), OURS)
    assert found is not None
    assert found.beyond == (0.14, 0.4, -0.2, 0.0)
    assert found.iou == pytest.approx(100 * 40 / (154 * 40 + 100 * 50 - 100 * 40), abs=1e-6)


def test_several_boxes_are_compared_together_or_the_one_that_fits() -> None:
    """A foreground of both things fits the two boxes together, one that kept a single thing fits that one."""
    boxes = ((100, 100, 100, 100), (300, 100, 100, 100))
    for foreground in ((100, 100, 300, 100), (300, 100, 100, 100)):
        assert mask_agreement(seen(foreground, *boxes), OURS) == MaskAgreement(1.0, (0.0, 0.0, 0.0, 0.0))


@pytest.mark.parametrize(
    ("iou", "beyond", "flags"),
    [
        (1.0, (0.0, 0.0, 0.0, 0.0), []),
        (0.9, (0.1, 0.1, 0.1, -0.25), []),
        (0.9, (0.0, 0.11, 0.0, 0.0), ["box_cuts_object"]),
        (0.6, (0.0, 0.0, -0.26, 0.0), ["box_loose"]),
        (0.5, (0.5, 0.0, 0.0, -0.5), ["box_cuts_object", "box_loose"]),
        (0.09, (0.5, -0.5, 0.0, 0.0), ["box_elsewhere"]),
    ],
)
def test_flags_of_the_foreground(iou: float, beyond: Place, flags: list[str]) -> None:
    """Cut and loose by their thresholds; a box elsewhere is only that."""
    assert list(mask_flags(MaskAgreement(iou, beyond), OURS)) == flags


def test_a_foreground_that_cannot_be_the_thing_says_nothing() -> None:
    """Next to nothing, next to everything, no alpha, unreadable: no agreement; no alpha alone is no fault."""
    here = seen((100, 100, 100, 100), (100, 100, 100, 100))
    faults: dict[str, dict[str, Any]] = {
        "nothing": {"foreground_fraction": 0.0, "x_px": None, "y_px": None, "w_px": None, "h_px": None},
        "little": {"foreground_fraction": 0.009},
        "everything": {"foreground_fraction": 0.96},
        "unreadable": {"foreground_fraction": None, "failure": "cut off"},
    }
    assert here.mask is not None
    assert not spoilt_twin(here.mask, OURS)
    for name, changes in faults.items():
        spoilt = replace(here.mask, **changes)
        assert spoilt_twin(spoilt, OURS), name
        assert mask_agreement(replace(here, mask=spoilt), OURS) is None
    opaque = replace(here.mask, foreground_fraction=None, x_px=None)
    assert not spoilt_twin(opaque, OURS)
    assert mask_agreement(replace(here, mask=opaque), OURS) is None
    assert mask_agreement(replace(here, boxes=()), OURS) is None


def test_a_box_made_from_the_twin_is_no_evidence() -> None:
    """It agrees with the twin in any case."""
    here = seen((100, 100, 100, 100), (100, 100, 100, 100))
    made = tuple(replace(box, derived_from="alpha") for box in here.boxes)
    assert mask_agreement(replace(here, boxes=made), OURS) is None


def sized(place: Place, width: float, height: float, depth: float | None = None) -> float | None:
    """Return how far a box is from what a size allows."""
    row = capture(width_cm=width, height_cm=height, depth_cm=depth)
    return size_disagreement(known(row, boxes=(annotation(xywh_px=place),)), OURS)


@pytest.mark.parametrize(
    ("place", "size", "times"),
    [
        ((10, 10, 200, 100), (200, 100), 1.0),
        ((10, 10, 100, 100), (200, 100), 2.0),
        ((10, 10, 100, 100), (200, 100, 100), 1.0),
        ((10, 10, 100, 100), (200, 100, 50), 1.0),
        ((10, 10, 50, 100), (200, 100, 100), 2.0),
        ((10, 10, 500, 100), (30, 100, 40), 10.0),
        ((10, 10, 100, 200), (200, 100, 90), 1.8),
    ],
)
def test_a_thing_may_be_turned_but_not_stretched(place: Place, size: tuple[float, ...], times: float) -> None:
    """Upright it is seen between its narrower side and its diagonal; beyond that is disagreement."""
    assert sized(place, *size) == pytest.approx(times, abs=1e-6)


def test_what_cannot_be_judged_by_size() -> None:
    """A box at the photo's edge may go on outside; of two boxes nobody knows which; no height, an impossible one."""
    assert sized((0, 10, 200, 100), 10, 100) is None
    assert sized((599, 10, 200, 100), 10, 100) is None
    assert sized((10, 10, 200, 100), 10, 0) is None
    row = capture(width_cm=10.0, height_cm=100.0)
    assert size_disagreement(known(row, boxes=(annotation(), annotation())), OURS) is None
    assert size_disagreement(known(replace(row, height_cm=None), boxes=(annotation(),)), OURS) is None


@pytest.mark.parametrize("length", [0.0, -1.0, 1000.1])
def test_impossible_lengths(length: float) -> None:
    """Nothing is 0 cm, nothing is over ten metres; on any axis."""
    for axis in SIZES:
        wrong: dict[str, Any] = {axis: length}
        assert list(size_flags(known(capture(**wrong)), OURS)) == ["size_impossible"]
        assert list(size_flags(known(capture(**{**wrong, axis: 1000.0})), OURS)) == []


HERE, THERE = (10, 20, 100, 100), (400, 300, 100, 100)


def opinions(
    boxes: tuple[tuple[str, Place], ...], said: tuple[tuple[str, Place, float], ...], **changes: Any
) -> Doubts:
    """Return the doubts about a confirmed label when a model said these boxes."""
    drawn = tuple(annotation(category=category, xywh_px=place) for category, place in boxes)
    model = tuple(model_box(category=category, xywh_px=place, confidence=sure) for category, place, sure in said)
    return doubts(known(confirmed(**changes), boxes=drawn, model_boxes=model))


def test_the_three_kinds_of_label_error() -> None:
    """Overlooked, badly located, swapped: each brings down its own score only, the surer the model the more."""
    sofa: Any = ("FURN_SOFA", HERE)
    assert opinions((sofa,), ((*sofa, 0.9),)) == Doubts(1.0, 1.0, 1.0)
    assert opinions((sofa,), ((*sofa, 0.9), ("FURN_SOFA", THERE, 0.9))) == Doubts(0.1, 1.0, 1.0)
    assert opinions((sofa,), ((*sofa, 0.9), ("FURN_SOFA", THERE, 0.6))).overlooked == 0.4
    moved = opinions((sofa,), (("FURN_SOFA", (60, 20, 100, 100), 0.9),))
    assert moved.badly_located == pytest.approx(1 / 3, abs=1e-6)
    assert moved.swapped == 1.0
    assert opinions((sofa,), (("FURN_BED", HERE, 0.9),)) == Doubts(1.0, None, 0.1)
    assert opinions((), (("FURN_SOFA", HERE, 0.9),), label_kind="empty") == Doubts(0.1, None, None)


def test_only_an_independent_opinion_counts() -> None:
    """The model's own answer, a correction of it, an unsure box and a label without boxes say nothing."""
    sofa: Any = (("FURN_SOFA", HERE),)
    other: Any = (("FURN_BED", HERE, 0.9),)
    assert opinions(sofa, other, label_origin="model", review_state="unreviewed") == Doubts()
    assert opinions(sofa, other, review_state="corrected") == Doubts()
    assert opinions(sofa, (("FURN_BED", HERE, 0.49),)) == Doubts()
    assert opinions((), other, label_kind="category") == Doubts()
    assert opinions(sofa, other, label_origin="source", review_state="unreviewed").swapped == 0.1


def test_the_evidence_stands_in_one_row() -> None:
    """What the scores are made of is written down, None where nothing is known."""
    row = examine(seen((86, 110, 154, 40), (100, 100, 100, 50)), OURS)
    assert (row.beyond_left, row.beyond_right, row.beyond_top, row.beyond_bottom) == (0.14, 0.4, -0.2, 0.0)
    assert (row.size_disagreement, row.overlooked_score, row.badly_located_score, row.swapped_score) == (None,) * 4
    assert examine(known(), OURS).mask_iou is None
