"""Scores, grade, flags and recommendations of one capture, by the thresholds and weights of params.yaml.

None is relative to the other captures, so growth never flips an old verdict.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from captureset.records.rows import CaptureRow, MeasurementRow, QualityRow

FULL_SIZE_PX, HALF_SIZE_PX = (800, 600), (400, 300)  # long side, short side
GRADES = ("low", "medium", "high")

ADVICE = {
    "unreadable": "fetch the photo again: its file cannot be decoded",
    "blurred": "retake: hold still and let the camera focus before pressing",
    "dark": "retake with more light, or with the light behind you",
    "overexposed": "retake away from direct light: the highlights are burnt out",
    "low_contrast": "retake: the photo is flat, wipe the lens and mind fog and backlight",
    "small": "send the photo at 400x300 px or more",
}


@dataclass(frozen=True, slots=True)
class QualityParams:
    """Section `quality` of params.yaml; scores, shares and weights are 0 to 1, sharpness is in gray levels."""

    blurred_below: float
    dark_below: float
    overexposed_above: float
    low_contrast_below: float
    flag_penalty: float
    image_base: float
    size_bonus: float
    background_removed_bonus: float
    confidence_weight: float
    box_weight: float
    size_weight: float
    image_weight: float
    analysis_weight: float
    usable_from: float
    medium_from: float
    high_from: float
    high_confidence: float


def assess(capture: CaptureRow, measured: MeasurementRow, settings: QualityParams) -> QualityRow:
    """Return the quality of one capture."""
    flags = tuple(find_flags(capture, measured, settings))
    image = image_score(capture, flags, settings)
    analysis = analysis_score(capture, settings)
    total = settings.image_weight + settings.analysis_weight
    overall = round((settings.image_weight * image + settings.analysis_weight * analysis) / total, 6)
    return QualityRow(
        capture.capture_id,
        image,
        analysis,
        overall,
        grade_of(capture, overall, settings),
        overall >= settings.usable_from and "unreadable" not in flags,
        flags,
        tuple(ADVICE[flag] for flag in flags) + tuple(label_advice(capture)),
    )


def find_flags(capture: CaptureRow, measured: MeasurementRow, settings: QualityParams) -> Iterator[str]:
    """Give the codes of what is wrong with the photo, gravest first."""
    if measured.failure is not None:
        yield "unreadable"
        return
    if (measured.sharpness_p99 or 0.0) < settings.blurred_below:
        yield "blurred"
    if (measured.brightness_p99 or 0.0) < settings.dark_below:
        yield "dark"
    if (measured.brightness_p05 or 0.0) > settings.overexposed_above:
        yield "overexposed"
    if (measured.brightness_p95 or 0.0) - (measured.brightness_p05 or 0.0) < settings.low_contrast_below:
        yield "low_contrast"
    if not _at_least(capture, HALF_SIZE_PX):
        yield "small"


def image_score(capture: CaptureRow, flags: tuple[str, ...], settings: QualityParams) -> float:
    """Return the score of the photo, 0 to 1; an unreadable one has 0."""
    if "unreadable" in flags:
        return 0.0
    full, half = _at_least(capture, FULL_SIZE_PX), _at_least(capture, HALF_SIZE_PX)
    size = settings.size_bonus if full else settings.size_bonus / 2 if half else 0.0
    twin = settings.background_removed_bonus if capture.twin_md5 else 0.0
    penalty = settings.flag_penalty * sum(flag != "small" for flag in flags)  # size is in the bonus already
    return round(min(max(settings.image_base + size + twin - penalty, 0.0), 1.0), 6)


def _at_least(capture: CaptureRow, sides: tuple[int, int]) -> bool:
    """Say whether a photo is this large, lying or standing."""
    long, short = max(capture.width_px, capture.height_px), min(capture.width_px, capture.height_px)
    return long >= sides[0] and short >= sides[1]


def analysis_score(capture: CaptureRow, settings: QualityParams) -> float:
    """Return the score of the label, 0 to 1.

    Terms the capture does not have are left out and the weights renormalised: a person's label has no model
    confidence, one that names only a category no box and no size, an import and an empty photo no physical size. With
    no term left, a person's label scores 1.
    """
    if capture.label_kind == "none":
        return 0.0
    by_person = capture.label_origin == "person"
    category_only = capture.label_kind == "category"
    terms: list[tuple[float, float]] = []
    if not (by_person and category_only):
        terms.append((settings.box_weight, 0.0 if category_only else 1.0))
    if capture.label_origin == "model" and capture.model_confidence is not None:
        terms.append((settings.confidence_weight, capture.model_confidence))
    object_known = capture.label_kind != "empty" and not (by_person and category_only)
    if capture.width_cm is not None or (capture.source_kind == "app" and object_known):
        sized = capture.width_cm is not None and capture.height_cm is not None
        terms.append((settings.size_weight, 1.0 if sized else 0.0))
    if not terms:
        return 1.0
    total = sum(weight for weight, _ in terms)
    return round(sum(weight * value for weight, value in terms) / total, 6) if total else 0.0


def grade_of(capture: CaptureRow, overall: float, settings: QualityParams) -> str:
    """Return high, medium or low: by the overall score, capped by what is known about the label."""
    by_score = 2 if overall >= settings.high_from else 1 if overall >= settings.medium_from else 0
    if capture.review_state in {"confirmed", "corrected"}:
        cap = 2
    else:
        cap = 1 if (capture.model_confidence or 0.0) >= settings.high_confidence else 0
    return GRADES[min(by_score, cap)]


def label_advice(capture: CaptureRow) -> Iterator[str]:
    """Give what a person could do about the label."""
    if capture.label_kind == "none":
        yield "give it a label: nobody has said what it shows"
    elif capture.label_kind == "category":
        yield "draw a box: the label names a category only"
    if capture.review_state == "unreviewed" and capture.label_kind != "none":
        yield "ask a person to confirm or correct the label"
