"""The catalog's rows, made from a sidecar, its feedback and the final label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    addresses: Addresses, document: Mapping[str, Any], final: Label, feedback: Sequence[Feedback], memo_key: str
) -> CaptureRow:
    """Return the row of one capture, given its sidecar, its final label and its feedback in the order it was given."""
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
        feedback_count=len(feedback),
        rating=final.rating,
        review_reasons=open_review_reasons(document, feedback),
        memo_key=memo_key,
    )


def open_review_reasons(document: Mapping[str, Any], feedback: Sequence[Feedback]) -> tuple[str, ...]:
    """Return why a person should still look, sorted; a later verdict that asks for no review has settled it.

    A verdict of the very moment of the capture came with it, so it settles nothing.
    """
    marked = [
        (utc(document["captured_at"]), document.get("review")),
        *((said.given_at, said.review) for said in feedback),
    ]
    settled = [said.given_at for said in feedback if said.verdict != "note" and not said.review]
    latest = max(settled, default=None)
    return tuple(
        sorted(
            {
                reason
                for moment, review in marked
                if review and review["wanted"] and (latest is None or latest <= moment)
                for reason in review["reasons"]
            }
        )
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


def feedback_row(said: Feedback, note_categories: tuple[str, ...], *, applies: bool) -> FeedbackRow:
    """Return the row of one feedback, given the categories its note names; it applies once its capture has arrived."""
    boxes = None if said.answer.annotations is None else len(said.answer.annotations)
    return FeedbackRow(
        said.capture_id,
        said.feedback_id,
        utc_text(said.given_at),
        said.verdict,
        said.answer.category,
        boxes,
        said.rating,
        bool(said.note),
        note_categories,
        applies,
    )
