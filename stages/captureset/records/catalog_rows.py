"""The catalog's rows, made from a sidecar, its feedback and the final label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from captureset.records.box import Box, Frame
from captureset.records.label import Label, main_category
from captureset.records.rows import AnnotationRow, CaptureRow, FeedbackRow
from captureset.records.sidecar import Annotation, Feedback, utc, utc_text


@dataclass(frozen=True, slots=True)
class Addresses:
    """The md5 of a capture's files."""

    photo: str
    sidecar: str
    twin: str | None


def capture_row(
    addresses: Addresses, document: Mapping[str, Any], final: Label, feedback_count: int, memo_key: str
) -> CaptureRow:
    """Return the row of one capture, given its sidecar and its final label."""
    image, session, model = document["image"], document.get("session", {}), document.get("model", {})
    return CaptureRow(
        capture_id=document["capture_id"],
        captured_at=utc_text(utc(document["captured_at"])),
        source_kind=document["source"]["kind"],
        source_name=document["source"]["name"],
        image_md5=addresses.photo,
        image_sha256=image["sha256"],
        pixel_sha256=image["pixel_sha256"],
        image_format=image["format"],
        image_bytes=image["bytes"],
        width_px=image["width_px"],
        height_px=image["height_px"],
        twin_md5=addresses.twin,
        sidecar_md5=addresses.sidecar,
        session_key=session.get("session_key"),
        user_key=session.get("user_key"),
        item_key=session.get("item_key"),
        label_kind=final.kind,
        label_origin=final.origin,
        category=main_category(final),
        review_state=final.review_state,
        model_category=model.get("category"),
        model_confidence=model.get("confidence"),
        width_cm=_float(final.size.width_cm),
        height_cm=_float(final.size.height_cm),
        depth_cm=_float(final.size.depth_cm),
        feedback_count=feedback_count,
        rating=final.rating,
        memo_key=memo_key,
    )


def _float(value: float | None) -> float | None:
    return None if value is None else float(value)


def annotation_rows(capture_id: str, final: Label, image: Frame) -> list[AnnotationRow]:
    """Return the boxes in the photo's pixels; one that is said twice, category and place, is one box."""
    told: dict[tuple[str, Box], Annotation] = {}
    for annotation in final.annotations:
        told.setdefault((annotation.category, annotation.box_in(image)), annotation)
    return [
        AnnotationRow(
            capture_id,
            position,
            category,
            *place.xywh_px,
            final.origin,
            _float(annotation.confidence),
            annotation.derived_from,
        )
        for position, ((category, place), annotation) in enumerate(told.items())
    ]


def feedback_row(said: Feedback, *, applies: bool) -> FeedbackRow:
    """Return the row of one feedback; it applies once its capture has arrived."""
    boxes = None if said.answer.annotations is None else len(said.answer.annotations)
    return FeedbackRow(
        said.capture_id,
        said.feedback_id,
        utc_text(said.given_at),
        said.verdict,
        said.answer.category,
        boxes,
        said.rating,
        said.has_note,
        applies,
    )
