"""The stage quality: the formulas of the app's contract, with nothing relative to the other captures."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captureset.judgement.scores import ADVICE, QualityParams, analysis_score, assess, find_flags, image_score
from captureset.quality import assess_all
from rows import capture, confirmed, measurement, settings

OURS = settings(
    QualityParams,
    "quality",
    blurred_below=60.0,
    dark_below=0.32,
    overexposed_above=0.95,
    low_contrast_below=0.2,
    usable_from=0.6,
    medium_from=0.6,
    high_from=0.75,
    high_confidence=0.8,
)


def judged(
    changes: dict[str, Any] | None = None, numbers: dict[str, Any] | None = None, params: QualityParams = OURS
) -> Any:
    """Return the quality of a capture with these changes and this photo."""
    return assess(capture(**(changes or {})), measurement(**(numbers or {})), params)


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
    """A capture with a twin scores 0.1 more."""
    assert image_score(capture(twin_md5="f" * 32), (), OURS) == 0.8


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
        ({"model_confidence": None}, 0.3 / 0.5),
        ({"label_origin": "person"}, 0.3 / 0.5),
        ({"label_origin": "person", "width_cm": 1.0, "height_cm": 1.0}, 1.0),
        ({"label_origin": "person", "source_kind": "import"}, 1.0),
        ({"source_kind": "import"}, (0.5 * 0.9 + 0.3) / 0.8),
        ({"source_kind": "import", "width_cm": 1.0, "height_cm": 1.0}, 0.5 * 0.9 + 0.3 + 0.2),
        ({"label_origin": "person", "source_kind": "import", "label_kind": "category"}, 1.0),
        ({"label_origin": "person", "source_kind": "app", "label_kind": "category"}, 1.0),
        ({"label_origin": "person", "label_kind": "empty"}, 1.0),
        ({"label_kind": "none", "label_origin": "none"}, 0.0),
    ],
)
def test_analysis_score_leaves_out_what_a_capture_cannot_have(changes: dict[str, Any], score: float) -> None:
    """0.5 confidence, 0.3 box, 0.2 size; terms that cannot be there are left out and the weights renormalised."""
    assert analysis_score(capture(**changes), OURS) == pytest.approx(score, abs=1e-6)


def test_no_weight_at_all_scores_zero() -> None:
    """With every weight that applies set to 0 there is nothing to divide by, and the score is 0."""
    nothing = replace(OURS, confidence_weight=0.0, box_weight=0.0, size_weight=0.0)
    assert analysis_score(capture(), nothing) == 0.0


def test_overall_score_is_the_weighted_mean() -> None:
    """Image 0.7 and analysis 0.75 make 0.725; other weights, another mean."""
    assert judged().overall_score == pytest.approx((0.7 + 0.75) / 2)
    other = judged(params=replace(OURS, image_weight=0.1, analysis_weight=0.3))
    assert other.overall_score == pytest.approx((0.1 * 0.7 + 0.3 * 0.75) / 0.4)


def test_usable_from_is_included() -> None:
    """A capture is usable at the threshold itself, not below."""
    score = judged().overall_score
    assert judged(params=replace(OURS, usable_from=score)).usable_for_training
    assert not judged(params=replace(OURS, usable_from=score + 1e-6)).usable_for_training


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
    assert judged(everything, params=replace(OURS, high_from=0.5, medium_from=0.4)).grade == grade


def test_grade_follows_the_score() -> None:
    """A confirmed capture is high, medium or low by its overall score, thresholds included."""
    row = confirmed()
    score = assess(row, measurement(), OURS).overall_score
    for high, medium, grade in ((score, score, "high"), (score + 1e-6, score, "medium"), (1.0, score + 1e-6, "low")):
        assert assess(row, measurement(), replace(OURS, high_from=high, medium_from=medium)).grade == grade


@pytest.mark.parametrize(
    ("numbers", "flags"),
    [
        ({}, []),
        ({"sharpness_p99": 59.9}, ["blurred"]),
        ({"sharpness_p99": 60.0}, []),
        ({"brightness_p99": 0.31}, ["dark"]),
        ({"brightness_p05": 0.96, "brightness_p95": 1.0}, ["overexposed", "low_contrast"]),
        ({"brightness_p05": 0.5, "brightness_p95": 0.69}, ["low_contrast"]),
        ({"brightness_p05": 0.375, "brightness_p95": 0.625}, []),
        ({"sharpness_p99": None, "failure": "cut off"}, ["unreadable"]),
    ],
)
def test_flags_by_name(numbers: dict[str, Any], flags: list[str]) -> None:
    """Each flag has its own threshold; an unreadable photo has no other."""
    assert list(find_flags(capture(), measurement(**numbers), OURS)) == flags


def test_small_is_below_400_by_300() -> None:
    """A photo under 400x300 px is flagged `small`."""
    assert list(find_flags(capture(width_px=399, height_px=300), measurement(), OURS)) == ["small"]
    assert list(find_flags(capture(width_px=300, height_px=400), measurement(), OURS)) == []


def test_an_unreadable_photo_is_never_usable() -> None:
    """No weight makes a photo usable that cannot be decoded."""
    row = judged({"label_origin": "person"}, {"failure": "cut off"}, replace(OURS, image_weight=0.0, usable_from=0.0))
    assert (row.image_score, row.flags, row.usable_for_training) == (0.0, ("unreadable",), False)


def test_every_flag_has_advice() -> None:
    """A recommendation goes with each flag, and with what a person could still do about the label."""
    row = judged({"label_kind": "category"}, {"sharpness_p99": 1.0})
    assert row.recommendations[0] == ADVICE["blurred"]
    assert [advice.partition(":")[0] for advice in row.recommendations[1:]] == [
        "draw a box",
        "ask a person to confirm or correct the label",
    ]
    assert judged({"label_kind": "none", "label_origin": "none"}).recommendations[0].startswith("give it a label")
    assert assess(confirmed(), measurement(), OURS).recommendations == ()


SHARES = st.floats(0, 1)
PHOTOS = st.fixed_dictionaries(
    dict.fromkeys(("brightness_p05", "brightness_p95", "brightness_p99"), SHARES)
    | {"sharpness_p99": st.floats(0, 1020)}
)


@given(PHOTOS, st.floats(0, 1020), st.floats(0, 1020))
def test_a_stricter_threshold_only_adds_flags(numbers: dict[str, float], one: float, other: float) -> None:
    """Flags are monotone: raising a `below` threshold never takes a flag away, nor does it raise the score."""
    photo = measurement("0" * 32, **numbers)
    low, high = sorted((one, other))
    for name, scale in (("blurred_below", 1), ("dark_below", 1020), ("low_contrast_below", 1020)):
        lax, strict = (assess(capture(), photo, replace(OURS, **{name: at / scale})) for at in (low, high))
        assert set(lax.flags) <= set(strict.flags)
        assert lax.overall_score >= strict.overall_score


@given(PHOTOS, st.booleans(), st.one_of(st.none(), SHARES), st.sampled_from(["boxes", "category", "empty", "none"]))
def test_every_score_is_between_0_and_1(
    numbers: dict[str, float],
    person: bool,  # noqa: FBT001 - hypothesis gives it
    confidence: float | None,
    kind: str,
) -> None:
    """Whatever a capture is, its three scores are shares."""
    changes = {"model_confidence": confidence, "label_kind": kind, "label_origin": "person" if person else "model"}
    row = judged(changes, numbers)
    assert all(0 <= score <= 1 for score in (row.image_score, row.analysis_score, row.overall_score))


def test_other_captures_never_change_a_verdict() -> None:
    """The same capture has the same row alone and among others, in the catalog's order."""
    captures = [capture(name) for name in ("b", "a", "c")]
    photos = [measurement(each.image_md5, sharpness_p99=place * 50.0) for place, each in enumerate(captures)]
    together = assess_all(captures, photos, OURS)
    assert [row.capture_id for row in together] == ["b", "a", "c"]
    assert together == [row for each in captures for row in assess_all([each], photos, OURS)]


def test_every_setting_matters() -> None:
    """No key of the section is there for nothing: changing any one changes the row of some capture."""
    photo = {"sharpness_p99": 61.0, "brightness_p05": 0.9, "brightness_p95": 0.97, "brightness_p99": 0.98}
    dark = {"brightness_p99": 0.33}
    captures = [
        (confirmed("a", width_cm=1.0, height_cm=1.0, twin_md5="f" * 32), photo),
        (capture("b"), dark),
        (capture("c", label_kind="category", model_confidence=0.85), {}),
        (confirmed("d"), {}),
    ]

    def all_rows(params: QualityParams) -> list[Any]:
        return [assess(row, measurement("0" * 32, **numbers), params) for row, numbers in captures]

    changed = {
        "blurred_below": 100.0,
        "medium_from": 0.74,
        "high_from": 0.61,
        "usable_from": 0.9,
        "high_confidence": 0.95,
    }
    for field in fields(QualityParams):
        value = changed.get(field.name, round(1 - getattr(OURS, field.name) * 0.6, 3))
        assert all_rows(replace(OURS, **{field.name: value})) != all_rows(OURS), field.name
