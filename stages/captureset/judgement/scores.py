"""Scores, grade, flags and recommendations of one capture, by the thresholds and weights of params.yaml.

None is relative to the other captures, so growth never flips an old verdict.
"""

from __future__ import annotations

from collections.abc import Container, Sequence

from captureset.judgement.advice import Findings, recommendations
from captureset.judgement.evidence import Evidence
from captureset.judgement.foreground import mask_agreement, mask_flags, spoilt_twin
from captureset.judgement.gate import GATE_FLAGS, gate_flags
from captureset.judgement.independent import doubts
from captureset.judgement.photo import FULL_SIZE_PX, HALF_SIZE_PX, at_least, photo_flags
from captureset.judgement.settings import QualityParams
from captureset.judgement.sizes import size_counts, size_disagreement, size_flags, size_is_possible, size_is_whole
from captureset.records.quality_rows import LabelRow
from captureset.records.rows import CaptureRow, QualityRow

GRADES = ("low", "medium", "high")
UNPENALISED = frozenset({"small", "twin_spoilt"})  # what they cost is the bonus that they miss

Term = tuple[float, float]  # weight, value


def assess(known: Evidence, settings: QualityParams, categories: Container[str] | None = None) -> QualityRow:
    """Return the quality of one capture.

    Without measurements, as right after `submit`, photo and label are judged by what is known already.

    Args:
        known: the capture and what was measured of it.
        settings: section `quality` of params.yaml.
        categories: codes that a label may name; None when they were checked already.
    """
    capture = known.capture
    agreement, disagreement = mask_agreement(known, settings), size_disagreement(known, settings)
    of_photo, of_gate = list(photo_flags(known, settings)), gate_flags(known, settings, categories)
    if spoilt_twin(known.mask, settings) and "unreadable" not in of_photo:
        of_photo.append("twin_spoilt")
    flags = (*of_photo, *of_gate, *mask_flags(agreement, settings), *size_flags(known, settings))
    image, analysis = image_score(capture, of_photo, settings), analysis_score(capture, settings, disagreement)
    label = 0.0 if of_gate else None if agreement is None else agreement.iou
    overall = overall_score(image, analysis, label, settings)
    advice = recommendations(Findings(known, flags, agreement, disagreement))
    return QualityRow(
        capture_id=capture.capture_id,
        image_score=image,
        analysis_score=analysis,
        label_score=label,
        overall_score=overall,
        grade=grade_of(capture, overall, settings),
        usable_for_training=overall >= settings.usable_from and not {"unreadable", *GATE_FLAGS} & set(flags),
        flags=flags,
        recommendation_codes=tuple(advice),
        recommendations=tuple(advice.values()),
    )


def examine(known: Evidence, settings: QualityParams) -> LabelRow:
    """Return how far independent evidence agrees with the label of one capture."""
    agreement, doubtful = mask_agreement(known, settings), doubts(known)
    left, right, top, bottom = (None, None, None, None) if agreement is None else agreement.beyond
    return LabelRow(
        capture_id=known.capture.capture_id,
        mask_iou=None if agreement is None else agreement.iou,
        beyond_left=left,
        beyond_right=right,
        beyond_top=top,
        beyond_bottom=bottom,
        size_disagreement=size_disagreement(known, settings),
        overlooked_score=doubtful.overlooked,
        badly_located_score=doubtful.badly_located,
        swapped_score=doubtful.swapped,
    )


def weighted_mean(terms: Sequence[Term]) -> float | None:
    """Return the mean of what is known, the weights renormalised; None when nothing is, or has no weight."""
    total = sum(weight for weight, _ in terms)
    return round(sum(weight * value for weight, value in terms) / total, 6) if total else None


def overall_score(image: float, analysis: float, label: float | None, settings: QualityParams) -> float:
    """Return the one score, 0 to 1, of the photo, of the label and, where there is any, of the evidence for it."""
    terms = [(settings.image_weight, image), (settings.analysis_weight, analysis)]
    return weighted_mean(terms if label is None else [*terms, (settings.label_weight, label)]) or 0.0


def image_score(capture: CaptureRow, flags: Sequence[str], settings: QualityParams) -> float:
    """Return the score of the photo, 0 to 1, given its flags; an unreadable one has 0."""
    if "unreadable" in flags:
        return 0.0
    full, half = at_least(capture, FULL_SIZE_PX), at_least(capture, HALF_SIZE_PX)
    size = settings.size_bonus if full else settings.size_bonus / 2 if half else 0.0
    twin = settings.background_removed_bonus if capture.twin_md5 and "twin_spoilt" not in flags else 0.0
    penalty = settings.flag_penalty * sum(flag not in UNPENALISED for flag in flags)
    return round(min(max(settings.image_base + size + twin - penalty, 0.0), 1.0), 6)


def analysis_score(capture: CaptureRow, settings: QualityParams, disagreement: float | None = None) -> float:
    """Return the score of the label, 0 to 1, given how far the box is from what the size in cm allows.

    A person who gave or confirmed the label is as sure as can be: confidence 1. Terms the capture does not have are
    left out and the weights renormalised: a source's label has no confidence, an import no physical size, a photo
    verified as empty neither box nor size, and a person's category without size is not asked for one.
    """
    if capture.label_kind == "none":
        return 0.0
    terms = [*_confidence_term(capture, settings)]
    if capture.label_kind != "empty":
        terms += [
            (settings.box_weight, float(capture.label_kind == "boxes")),
            *_size_term(capture, settings, disagreement),
        ]
    known = weighted_mean(terms)
    return float(not terms) if known is None else known


def _confidence_term(capture: CaptureRow, settings: QualityParams) -> list[Term]:
    if capture.label_origin == "person":
        return [(settings.confidence_weight, 1.0)]
    if capture.label_origin == "model" and capture.model_confidence is not None:
        return [(settings.confidence_weight, min(max(capture.model_confidence, 0.0), 1.0))]
    return []


def _size_term(capture: CaptureRow, settings: QualityParams, disagreement: float | None) -> list[Term]:
    """Give the term of a physical size: whole and possible, and less the farther it is beyond the tolerance."""
    if not size_counts(capture):
        return []
    if not (size_is_whole(capture) and size_is_possible(capture, settings)):
        return [(settings.size_weight, 0.0)]
    return [(settings.size_weight, min(1.0, settings.size_tolerance / (disagreement or 1.0)))]


def grade_of(capture: CaptureRow, overall: float, settings: QualityParams) -> str:
    """Return high, medium or low: by the overall score, capped by what is known about the label."""
    by_score = 2 if overall >= settings.high_from else 1 if overall >= settings.medium_from else 0
    if capture.review_state in {"confirmed", "corrected"}:
        cap = 2
    else:
        cap = 1 if (capture.model_confidence or 0.0) >= settings.high_confidence else 0
    return GRADES[min(by_score, cap)]
