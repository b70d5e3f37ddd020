"""Rows of the pipeline's tables with defaults, so that a test says only what it is about."""

from __future__ import annotations

import hashlib
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar

from captureset import params
from captureset.judgement.evidence import Evidence
from captureset.pixels.measures import METRIC_VERSION
from captureset.records.answer_rows import AnswerRow, ModelBoxRow
from captureset.records.rows import (
    AnnotationRow,
    CaptureRow,
    FrozenSplit,
    MaskRow,
    MeasurementRow,
    QualityRow,
    RegionRow,
    SplitRow,
)
from captureset.splits.minimisation import ALGORITHM

PARAMS = Path(__file__).resolve().parents[1] / "params.yaml"

Settings = TypeVar("Settings")
SIZES = ("width_cm", "height_cm", "depth_cm")


def settings(record: type[Settings], section: str, **changes: Any) -> Settings:
    """Return what a params record takes of a section of this repository's own params.yaml, with changes."""
    return replace(params.record(record, section, PARAMS), **changes)  # type: ignore[type-var]


def capture(capture_id: str = "a", **changes: Any) -> CaptureRow:
    """Return an app's capture that a model boxed and nobody has looked at; its photo is its own."""
    own = hashlib.sha256(capture_id.encode()).hexdigest()
    defaults: dict[str, Any] = {
        "capture_id": capture_id,
        "captured_at": "2024-01-15T03:20:00.000000Z",
        "source_kind": "app",
        "source_name": "ecoguide",
        "image_md5": own[:32],
        "image_sha256": own,
        "pixel_sha256": own[::-1],
        "image_format": "jpeg",
        "image_bytes": 1000,
        "width_px": 800,
        "height_px": 600,
        "sidecar_md5": own[32:],
        "label_kind": "boxes",
        "label_origin": "model",
        "category": "FURN_SOFA",
        "review_state": "unreviewed",
        "model_category": "FURN_SOFA",
        "model_confidence": 0.9,
        "feedback_count": 0,
        "review_reasons": (),
        "memo_key": own,
    }
    return CaptureRow(**{**dict.fromkeys(field.name for field in fields(CaptureRow)), **defaults, **changes})


def confirmed(capture_id: str = "a", **changes: Any) -> CaptureRow:
    """Return a capture whose label a person confirmed."""
    return capture(capture_id, **{"label_origin": "person", "review_state": "confirmed", **changes})


def annotation(
    capture_id: str = "a",
    category: str = "FURN_SOFA",
    xywh_px: tuple[float, float, float, float] = (10.0, 20.0, 30.0, 40.0),
    position: int = 0,
    **changes: Any,
) -> AnnotationRow:
    """Return one box of a capture."""
    rest = {"origin": "model", "confidence": None, "derived_from": None, **changes}
    return AnnotationRow(capture_id, position, category, *xywh_px, **rest)


def answer(capture_id: str = "a", category: str | None = "FURN_SOFA", **changes: Any) -> AnswerRow:
    """Return what a sure model said about a capture."""
    rest = {"model_name": "m", "model_version": "1", "confidence": 0.9, "boxes": 1, **changes}
    return AnswerRow(capture_id=capture_id, category=category, **{**dict.fromkeys(SIZES), **rest})


def model_box(
    capture_id: str = "a",
    category: str = "FURN_SOFA",
    xywh_px: tuple[float, float, float, float] = (10.0, 20.0, 30.0, 40.0),
    confidence: float | None = 0.9,
) -> ModelBoxRow:
    """Return one box as a model gave it, where `annotation` has its own."""
    return ModelBoxRow(capture_id, 0, category, *xywh_px, confidence)


def known(row: CaptureRow | None = None, **found: Any) -> Evidence:
    """Return a capture with a sharp photo, and what else was found about it; `measured` may be None."""
    row = capture() if row is None else row
    return Evidence(**{"capture": row, "measured": measurement(row.image_md5), **found})


def measurement(image_md5: str = "0" * 32, **changes: Any) -> MeasurementRow:
    """Return the numbers of a sharp, well lit photo."""
    defaults: dict[str, Any] = {
        "image_md5": image_md5,
        "metric_version": METRIC_VERSION,
        "measured_width_px": 800,
        "measured_height_px": 600,
        "sharpness_p99": 200.0,
        "sharpness_mlv": 60.0,
        "laplacian_variance": 900.0,
        "brightness_mean": 0.5,
        "brightness_p05": 0.1,
        "brightness_p95": 0.9,
        "brightness_p99": 0.95,
        "dark_fraction": 0.0,
        "bright_fraction": 0.0,
        "noise_sigma": 1.0,
        "entropy_bits": 7.0,
        "jpeg_quality": 85,
        "phash": hashlib.sha256(image_md5.encode()).hexdigest(),
        "phash_texture": 5.0,
        "failure": None,
    }
    return MeasurementRow(**{**defaults, **changes})


def region(
    image_md5: str = "0" * 32, xywh_px: tuple[float, float, float, float] = (10.0, 20.0, 30.0, 40.0), **changes: Any
) -> RegionRow:
    """Return the numbers of a box as sharp and as light as its photo."""
    defaults: dict[str, Any] = {
        "metric_version": METRIC_VERSION,
        "measured_width_px": 30,
        "measured_height_px": 40,
        "sharpness_p99": 200.0,
        "background_sharpness_p99": 200.0,
        "brightness_mean": 0.5,
        "brightness_p99": 0.95,
        "failure": None,
    }
    place = dict(zip(("x_px", "y_px", "w_px", "h_px"), xywh_px, strict=True))
    return RegionRow(**{"image_md5": image_md5, **place, **defaults, **changes})


def mask(
    image_md5: str = "0" * 32,
    twin_md5: str = "1" * 32,
    xywh_px: tuple[float | None, ...] = (10.0, 20.0, 30.0, 40.0),
    **changes: Any,
) -> MaskRow:
    """Return the numbers of a foreground that fills the default box."""
    defaults: dict[str, Any] = {
        "metric_version": METRIC_VERSION,
        "foreground_fraction": 0.0025,
        "sharpness_p99": 200.0,
        "background_sharpness_p99": 200.0,
        "failure": None,
    }
    place = dict(zip(("x_px", "y_px", "w_px", "h_px"), xywh_px, strict=True))
    return MaskRow(**{"image_md5": image_md5, "twin_md5": twin_md5, **place, **defaults, **changes})


def quality(capture_id: str = "a", **changes: Any) -> QualityRow:
    """Return the quality of a good capture."""
    defaults: dict[str, Any] = {
        "capture_id": capture_id,
        "image_score": 0.8,
        "analysis_score": 0.8,
        "label_score": None,
        "overall_score": 0.8,
        "grade": "high",
        "usable_for_training": True,
        "flags": (),
        "recommendation_codes": (),
        "recommendations": (),
    }
    return QualityRow(**{**defaults, **changes})


def placed(
    capture_id: str = "a", split: str = "train", group: str | None = None, masked: str | None = None
) -> SplitRow:
    """Return where a capture goes; its group is its own unless one is named."""
    return SplitRow(capture_id, group or f"g-{capture_id}", split, "minimised", masked)


def frozen(capture_id: str = "a", split: str = "train", group: str | None = None) -> FrozenSplit:
    """Return a row of the ledger."""
    return FrozenSplit(capture_id, group or f"g-{capture_id}", split, "minimised", ALGORITHM, "waste@v0.1.0")
