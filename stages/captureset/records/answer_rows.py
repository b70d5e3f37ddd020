"""What the model said about a capture, kept beside the final label: its answer, and its boxes as it gave them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from captureset.records.box import Frame
from captureset.records.label import Label, main_category
from captureset.records.sidecar import Answer, SizeCm


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """data/catalog/answers.parquet: one capture's answer of a model; captures no model looked at have no row."""

    capture_id: str
    model_name: str | None
    model_version: str | None
    category: str | None  # the one named, else the largest box's
    confidence: float | None
    boxes: int | None  # how many were given; None: the model looked for none
    width_cm: float | None
    height_cm: float | None
    depth_cm: float | None


@dataclass(frozen=True, slots=True)
class ModelBoxRow:
    """data/catalog/model_boxes.parquet: one bounding box as the model gave it, in pixels of the upright photo."""

    capture_id: str
    position: int  # in the model's own order
    category: str
    x_px: float
    y_px: float
    w_px: float
    h_px: float
    confidence: float | None


def answer_rows(document: Mapping[str, Any]) -> list[AnswerRow]:
    """Return the row of a sidecar's model, none when no model looked at the capture."""
    model = document.get("model")
    if not model:
        return []
    answer = Answer.from_document(model)
    size = answer.size or SizeCm()
    named = main_category(Label("model", "unreviewed", answer.category, answer.annotations or ()))
    return [
        AnswerRow(
            document["capture_id"],
            model.get("name"),
            model.get("version"),
            named,
            _float(answer.confidence),
            None if answer.annotations is None else len(answer.annotations),
            *map(_float, (size.width_cm, size.height_cm, size.depth_cm)),
        )
    ]


def model_box_rows(document: Mapping[str, Any], image: Frame) -> list[ModelBoxRow]:
    """Return the boxes of a sidecar's model in the photo's pixels, in the model's own order."""
    found = Answer.from_document(document.get("model", {})).annotations or ()
    return [
        ModelBoxRow(
            document["capture_id"],
            position,
            annotation.category,
            *annotation.box_in(image).xywh_px,
            _float(annotation.confidence),
        )
        for position, annotation in enumerate(found)
    ]


def _float(value: float | None) -> float | None:
    return None if value is None else float(value)
