"""Scores and grades: the formulas of the app's contract, with nothing relative to the other captures."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captureset.judgement.evidence import Evidence
from captureset.judgement.scores import analysis_score, assess, image_score, overall_score
from captureset.judgement.settings import QualityParams
from captureset.records.rows import CaptureRow, QualityRow
from rows import annotation, capture, confirmed, known, mask, measurement, region, settings

OURS = settings(QualityParams, "quality", blurred_below=60.0, blurred_below_small=60.0)
CODES = frozenset({"FURN_SOFA", "FURN_BED"})
TWIN = "1" * 32


def judged(found: Evidence, params: QualityParams = OURS) -> QualityRow:
    """Return the quality of what is known."""
    return assess(found, params, CODES)


def of(row: CaptureRow, params: QualityParams = OURS) -> QualityRow:
    """Return the quality of a capture with a good photo."""
    return judged(known(row), params)


@pytest.mark.parametrize(
    ("width_px", "height_px", "score"),
    [
        (800, 600, 0.7),
        (600, 800, 0.7),
        (4000, 3000, 0.7),
        (799, 600, 0.6),
        (1600, 599, 0.6),
        (400, 300, 0.6),
        (300, 400, 0.6),
        (399, 300, 0.5),
        (4000, 299, 0.5),
    ],
)
def test_image_score_grows_with_size(width_px: int, height_px: int, score: float) -> None:
    """Half a point, 0.2 more from 800x600 on, 0.1 more from 400x300 on, lying or standing."""
    assert image_score(capture(width_px=width_px, height_px=height_px), (), OURS) == score


def test_a_background_removed_twin_adds_a_tenth() -> None:
    """A capture with a twin scores 0.1 more, unless the twin is spoilt."""
    assert image_score(capture(twin_md5="f" * 32), (), OURS) == 0.8
    assert image_score(capture(twin_md5="f" * 32), ("twin_spoilt",), OURS) == 0.7


@pytest.mark.parametrize(
    ("flags", "score"), [(("blurred",), 0.45), (("blurred", "dark"), 0.2), (("blurred", "dark", "low_contrast"), 0.0)]
)
def test_each_flag_takes_a_quarter_and_never_below_zero(flags: tuple[str, ...], score: float) -> None:
    """A flag costs 0.25; `small` costs nothing more than the size bonus it misses."""
    assert image_score(capture(), flags, OURS) == score
    assert image_score(capture(), (*flags, "small"), OURS) == score


def test_image_score_never_exceeds_one() -> None:
    """Generous bonuses do not lead beyond 1."""
    assert image_score(capture(twin_md5="f" * 32), (), replace(OURS, image_base=0.9)) == 1.0


@pytest.mark.parametrize(
    ("changes", "score"),
    [
        ({"width_cm": 190.0, "height_cm": 80.0}, 0.5 * 0.9 + 0.3 + 0.2),
        ({}, 0.5 * 0.9 + 0.3),
        ({"label_kind": "category"}, 0.5 * 0.9),
        ({"label_kind": "category", "model_confidence": 0.0}, 0.0),
        ({"width_cm": 190.0}, 0.5 * 0.9 + 0.3),
        ({"width_cm": 190.0, "height_cm": 0.0}, 0.5 * 0.9 + 0.3),
        ({"width_cm": 1900.0, "height_cm": 80.0}, 0.5 * 0.9 + 0.3),
        ({"model_confidence": None}, 0.3 / 0.5),
        ({"model_confidence": 95.0}, 0.5 + 0.3),
        ({"label_origin": "person"}, 0.5 + 0.3),
        ({"label_origin": "person", "width_cm": 1.0, "height_cm": 1.0}, 1.0),
        ({"label_origin": "person", "source_kind": "import"}, 1.0),
        ({"source_kind": "import"}, (0.5 * 0.9 + 0.3) / 0.8),
        ({"source_kind": "import", "width_cm": 1.0, "height_cm": 1.0}, 0.5 * 0.9 + 0.3 + 0.2),
        ({"label_origin": "source", "source_kind": "import"}, 1.0),
        ({"label_origin": "person", "source_kind": "import", "label_kind": "category"}, 0.5 / 0.8),
        ({"label_origin": "person", "source_kind": "app", "label_kind": "category"}, 0.5 / 0.8),
        ({"label_origin": "person", "label_kind": "category", "width_cm": 1.0, "height_cm": 1.0}, 0.5 + 0.2),
        ({"label_origin": "person", "label_kind": "empty"}, 1.0),
        ({"label_kind": "none", "label_origin": "none"}, 0.0),
    ],
)
def test_analysis_score_leaves_out_what_a_capture_cannot_have(changes: dict[str, Any], score: float) -> None:
    """0.5 confidence, 0.3 box, 0.2 size; what cannot be there is left out, a person's label is sure."""
    assert analysis_score(capture(**changes), OURS) == pytest.approx(score, abs=1e-6)


def test_no_weight_at_all_scores_zero() -> None:
    """With every weight that applies set to 0 there is nothing to divide by, and the score is 0."""
    nothing = replace(OURS, confidence_weight=0.0, box_weight=0.0, size_weight=0.0)
    assert analysis_score(capture(), nothing) == 0.0


def test_overall_score_is_the_weighted_mean_of_what_is_known() -> None:
    """Image 0.7 and analysis 0.75 make 0.725; other weights, another mean; evidence for the label joins in."""
    assert of(capture()).overall_score == pytest.approx((0.7 + 0.75) / 2)
    other = of(capture(), replace(OURS, image_weight=0.1, analysis_weight=0.3))
    assert other.overall_score == pytest.approx((0.1 * 0.7 + 0.3 * 0.75) / 0.4)
    assert overall_score(0.8, 0.6, 0.4, OURS) == pytest.approx((0.5 * 0.8 + 0.5 * 0.6 + 0.25 * 0.4) / 1.25)
    assert overall_score(0.8, 0.6, 0.0, replace(OURS, label_weight=0.0)) == pytest.approx(0.7)


def test_label_score_is_what_the_twin_says() -> None:
    """IoU of boxes and foreground; None without a twin."""
    here, half = mask(xywh_px=(10, 20, 30, 40)), mask(xywh_px=(10, 20, 30, 20))
    for seen, score in ((here, 1.0), (half, 0.5)):
        evidence = replace(seen, foreground_fraction=0.1)
        assert judged(known(capture(twin_md5=TWIN), boxes=(annotation(),), mask=evidence)).label_score == score
    assert judged(known(boxes=(annotation(),))).label_score is None


def test_a_size_that_the_box_contradicts_counts_less() -> None:
    """Up to the tolerance it is whole, beyond it less and less."""
    row = capture(width_cm=100.0, height_cm=100.0)
    scores = [analysis_score(row, replace(OURS, size_tolerance=2.0), times) for times in (None, 1.0, 2.0, 4.0, 20.0)]
    assert scores == pytest.approx([0.95, 0.95, 0.95, 0.85, 0.77])


def test_usable_from_is_included() -> None:
    """A capture is usable at the threshold itself, not below."""
    score = of(capture()).overall_score
    assert of(capture(), replace(OURS, usable_from=score)).usable_for_training
    assert not of(capture(), replace(OURS, usable_from=score + 1e-6)).usable_for_training


def test_a_label_that_fails_the_gate_is_never_usable() -> None:
    """However good the rest: its label score is 0 and it is not usable."""
    row = judged(known(confirmed(), boxes=(annotation(xywh_px=(1, 1, 2, 2)),)), replace(OURS, usable_from=0.0))
    assert (row.flags, row.label_score, row.usable_for_training) == (("box_tiny",), 0.0, False)


@pytest.mark.parametrize(
    ("changes", "grade"),
    [
        ({"review_state": "confirmed"}, "high"),
        ({"review_state": "corrected"}, "high"),
        ({"review_state": "unreviewed", "model_confidence": 0.99}, "medium"),
        ({"review_state": "unreviewed", "model_confidence": 0.8}, "medium"),
        ({"review_state": "unreviewed", "model_confidence": 0.79}, "low"),
        ({"review_state": "unreviewed", "model_confidence": None}, "low"),
        ({"review_state": "rejected", "model_confidence": 0.5}, "low"),
    ],
)
def test_grade_is_capped_by_what_is_known(changes: dict[str, Any], grade: str) -> None:
    """However high the score: high needs a person's word, medium that or a sure model."""
    everything = {"twin_md5": "f" * 32, "width_cm": 1.0, "height_cm": 1.0, **changes}
    assert of(capture(**everything), replace(OURS, high_from=0.5, medium_from=0.4)).grade == grade


def test_grade_follows_the_score() -> None:
    """A confirmed capture is high, medium or low by its overall score, thresholds included."""
    row = confirmed()
    score = of(row).overall_score
    for high, medium, grade in ((score, score, "high"), (score + 1e-6, score, "medium"), (1.0, score + 1e-6, "low")):
        assert of(row, replace(OURS, high_from=high, medium_from=medium)).grade == grade


def test_an_unreadable_photo_is_never_usable() -> None:
    """No weight makes a photo usable that cannot be decoded."""
    cut_off = known(confirmed(), measured=measurement(failure="cut off"))
    row = judged(cut_off, replace(OURS, image_weight=0.0, usable_from=0.0))
    assert (row.image_score, row.flags, row.usable_for_training) == (0.0, ("unreadable",), False)


def test_a_capture_is_judged_before_it_is_measured() -> None:
    """Right after `submit` there are no numbers: what the sidecar says is judged, nothing is held against the photo."""
    row = judged(known(capture(width_px=100), measured=None, boxes=(annotation(),)))
    assert (row.flags, row.image_score, row.analysis_score) == (("small",), 0.5, 0.75)


SHARES = st.floats(0, 1)
PHOTOS = st.fixed_dictionaries(
    dict.fromkeys(("brightness_p05", "brightness_p95", "brightness_p99"), SHARES)
    | {"sharpness_p99": st.floats(0, 1020)}
)


@given(PHOTOS, st.floats(0, 1020), st.floats(0, 1020))
def test_a_stricter_threshold_only_adds_flags(numbers: dict[str, Any], one: float, other: float) -> None:
    """Flags are monotone: raising a `below` threshold never takes a flag away, nor does it raise the score."""
    photo = known(measured=measurement(**numbers))
    low, high = sorted((one, other))
    for name, scale in (("blurred_below_small", 1), ("dark_below", 1020), ("low_contrast_below", 1020)):
        thresholds: list[dict[str, Any]] = [{name: at / scale} for at in (low, high)]
        lax, strict = (judged(photo, replace(OURS, **one)) for one in thresholds)
        assert set(lax.flags) <= set(strict.flags)
        assert lax.overall_score >= strict.overall_score


KINDS = st.sampled_from(["boxes", "category", "empty", "none"])


@given(PHOTOS, st.booleans(), st.one_of(st.none(), SHARES), KINDS, st.lists(st.floats(0, 900), min_size=8, max_size=8))
def test_every_score_is_between_0_and_1(
    numbers: dict[str, Any],
    person: bool,  # noqa: FBT001 - hypothesis gives it
    confidence: float | None,
    kind: str,
    places: list[float],
) -> None:
    """Whatever a capture is and wherever box and foreground lie, its scores are shares."""
    changes: dict[str, Any] = {
        "model_confidence": confidence,
        "label_kind": kind,
        "label_origin": "person" if person else "model",
    }
    seen = replace(mask(xywh_px=tuple(places[4:])), foreground_fraction=0.3)
    box = annotation(xywh_px=(places[0], places[1], places[2], places[3]))
    found = known(capture(twin_md5=TWIN, **changes), measured=measurement(**numbers), boxes=(box,), mask=seen)
    row = judged(found)
    scores = (row.image_score, row.analysis_score, row.overall_score, row.label_score or 0.0)
    assert all(0 <= score <= 1 for score in scores)


@given(st.sampled_from(["model", "source"]), st.one_of(st.none(), SHARES), KINDS, st.sampled_from(["app", "import"]))
def test_a_persons_word_never_lowers_a_score(origin: str, confidence: float | None, kind: str, source: str) -> None:
    """Confirming a label raises score or grade unless both are full, whatever model or source said."""
    before = capture(label_origin=origin, label_kind=kind, model_confidence=confidence, source_kind=source)
    if kind == "none":
        return
    after = replace(before, label_origin="person", review_state="confirmed")
    low, high = of(before), of(after)
    rank = ("low", "medium", "high")
    assert high.overall_score >= low.overall_score
    assert rank.index(high.grade) >= rank.index(low.grade)


def test_every_setting_matters() -> None:
    """No key of the section is there for nothing: changing any one changes the row of some capture."""
    flat: dict[str, Any] = {
        "sharpness_p99": 61.0,
        "brightness_p05": 0.9,
        "brightness_p95": 0.97,
        "brightness_p99": 0.98,
    }
    large: dict[str, Any] = {"measured_width_px": 1024, "sharpness_p99": 61.0}
    grainy: dict[str, Any] = {"noise_sigma": 11.0, "entropy_bits": 3.5, "jpeg_quality": 35}
    dim = region(sharpness_p99=25.0, brightness_p99=0.33)
    twin = {"twin_md5": TWIN}
    boxed = {"boxes": (annotation(xywh_px=(10, 20, 100, 100)),)}

    def seen(*xywh: float, fraction: float = 0.3) -> Any:
        return {**boxed, "mask": replace(mask(xywh_px=xywh), foreground_fraction=fraction)}

    found = [
        known(confirmed("a", width_cm=1.0, height_cm=1.0, twin_md5="f" * 32), measured=measurement(**flat)),
        known(capture("b"), measured=measurement(brightness_p99=0.33)),
        known(capture("c", label_kind="category", model_confidence=0.85)),
        known(confirmed("d")),
        known(measured=measurement(**large)),
        known(measured=measurement(**grainy)),
        known(regions=(dim,), boxes=(annotation(),)),
        *(
            known(capture(**twin), **seen(*place))
            for place in ((2, 20, 108, 100), (30, 20, 80, 100), (70, 20, 100, 100))
        ),
        *(known(capture(**twin), **seen(10, 20, 100, 100, fraction=share)) for share in (0.02, 0.94)),
        known(capture(width_cm=100.0, height_cm=60.0), boxes=(annotation(xywh_px=(10, 20, 180, 60)),)),
        known(capture(width_cm=990.0, height_cm=330.0, **twin), **seen(10, 20, 100, 100)),
        known(boxes=(annotation(xywh_px=(1, 1, 5, 4)),)),
        known(boxes=(annotation(xywh_px=(1, 1, 790, 590)),)),
        known(boxes=(annotation(xywh_px=(1, 1, 190, 10)),)),
        known(boxes=(annotation(xywh_px=(0, 0, 100, 100)), annotation(xywh_px=(0, 0, 100, 88)))),
    ]
    changed: dict[str, Any] = {
        "blurred_below": 100.0,
        "blurred_below_small": 100.0,
        "subject_blurred_below": 30.0,
        "noisy_above": 10.0,
        "low_information_below": 4.0,
        "compressed_below": 40,
        "medium_from": 0.74,
        "high_from": 0.8,
        "usable_from": 0.9,
        "high_confidence": 0.95,
        "smallest_box_px2": 21.0,
        "largest_box_share": 0.9,
        "longest_box_aspect": 18.0,
        "repeated_box_iou": 0.8,
        "foreground_from": 0.03,
        "foreground_to": 0.9,
        "cut_above": 0.05,
        "loose_above": 0.15,
        "elsewhere_below": 0.3,
        "largest_size_cm": 900.0,
        "size_tolerance": 1.5,
    }
    before = [judged(one) for one in found]
    of_the_collection = {"captures_wanted", "feedback_wanted"}
    for field in fields(QualityParams):
        if field.name not in of_the_collection:
            value = changed.get(field.name, round(1 - getattr(OURS, field.name) * 0.6, 3))
            assert [judged(one, replace(OURS, **{field.name: value})) for one in found] != before, field.name
