"""A capture as its sidecar tells it, and what people said about it later.

These records are built from documents that already satisfy schemas/sidecar.schema.json and
schemas/feedback.schema.json; `capture.documents` checks both the schema and what a schema cannot say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from captureset.records.box import Box, Frame


@dataclass(frozen=True, slots=True)
class Annotation:
    """One bounding box with its category code; confidence is the model's, if it was the model's."""

    category: str
    box: Box
    frame: Frame
    confidence: float | None = None
    derived_from: str | None = None

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Annotation:
        """Return the record of a `$defs/box` document."""
        frame = Frame(**document["frame"])
        return cls(
            document["category"],
            Box(*map(float, document["xywh_px"])),
            frame,
            document.get("confidence"),
            document.get("derived_from"),
        )

    def box_in(self, image: Frame) -> Box:
        """Return the box in the pixels of the upright photo."""
        return self.box.snapped(self.frame).scaled(self.frame, image).snapped(image)


@dataclass(frozen=True, slots=True)
class SizeCm:
    """Physical size in centimetres; None where nobody knows."""

    width_cm: float | None = None
    height_cm: float | None = None
    depth_cm: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody says is in the photo: the model, the source, or a person.

    `annotations` is None when nobody looked for boxes; `empty` when a person saw that nothing is there.
    """

    category: str | None = None
    annotations: tuple[Annotation, ...] | None = None
    size: SizeCm | None = None
    confidence: float | None = None
    empty: bool = False
    reviewed: bool = False

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Answer:
        """Return the record of a `model`, `label` or feedback document."""
        boxes = document.get("boxes")
        size = document.get("size_cm")
        return cls(
            document.get("category"),
            None if boxes is None else tuple(map(Annotation.from_document, boxes)),
            None if size is None else SizeCm(**size),
            document.get("confidence"),
            bool(document.get("empty", False)),
            bool(document.get("reviewed", False)),
        )


@dataclass(frozen=True, slots=True)
class Feedback:
    """One thing a person said about one capture."""

    feedback_id: str
    capture_id: str
    given_at: datetime
    verdict: str
    answer: Answer
    rating: int | None
    note: str | None
    review: Mapping[str, Any] | None = None

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Feedback:
        """Return the record of a feedback document."""
        return cls(
            document["feedback_id"],
            document["capture_id"],
            utc(document["given_at"]),
            document["verdict"],
            Answer.from_document(document),
            document.get("rating"),
            document.get("note"),
            document.get("review"),
        )

    @property
    def order(self) -> tuple[datetime, str]:
        """What decides which feedback is later."""
        return self.given_at, self.feedback_id


def utc(text: str) -> datetime:
    """Return an RFC 3339 time in UTC.

    Raises:
        ValueError: there is no such day or hour, or the offset is missing.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("the offset is missing")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("in UTC it is outside the years 1 to 9999") from None


def utc_text(moment: datetime) -> str:
    """Return a UTC time as text that sorts as the time does: 2024-01-15T03:20:00.000000Z."""
    text = moment.astimezone(UTC).isoformat(timespec="microseconds")
    return text.replace("+00:00", "Z")
