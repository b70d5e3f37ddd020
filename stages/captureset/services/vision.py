"""A vision result as the `model` section of a sidecar: our words, boxes in their frame, the answer as it came.

What cannot be read is left out with a code in `review.reasons`, so that a person looks; the capture itself is never
refused for it. The whole answer stays in `raw_response`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from captureset.capture.ecoguide_documents import FALLBACK, size_document
from captureset.capture.images import ImageFacts
from captureset.errors import CapturesetError
from captureset.formats import jsontext
from captureset.formats.sources.ecoguide_label import number_of, size_of, text_of
from captureset.records.box import Frame
from captureset.records.taxonomy import Taxonomy
from captureset.services.places import MisplacedError, frame_of, placed
from captureset.services.plain import plain

PICTURES = ("background_removed_image", "processed_image", "original_image", "image")
CATEGORY_KEYS = ("category", "secondary_category", "sub_category", "primary_category", "main_category")
SIZE_KEYS = ("size_estimation", "size_cm", "dimensions", "size")
MOST_BOXES = 1000
LARGEST_RAW_BYTES = 1024 * 1024
SHORT, LONG = 400, 20_000  # characters, as the schema allows

Document = dict[str, Any]


@dataclass(slots=True)
class Reading:
    """What an answer is read with, and the codes of what a person must look at."""

    taxonomy: Taxonomy
    photo: ImageFacts | None  # None: the capture has not arrived
    twin: ImageFacts | None = None
    reasons: set[str] = field(default_factory=set)

    def code(self, word: str | None) -> str | None:
        """Return the category a word leads to; a word of nobody's leads to MISC_UNCLASS and a review."""
        if word is None:
            return None
        found = self.taxonomy.find(word)
        if found is not None:
            return found.code
        self.reasons.add("unknown_category")
        return FALLBACK if FALLBACK in self.taxonomy else None

    def share(self, value: Any) -> float | None:
        """Return a confidence, 0 to 1; any other number is none of a model's."""
        number = number_of(value)
        if value is None or (number is not None and 0 <= number <= 1):
            return number
        self.reasons.add("odd_confidence")
        return None

    def size(self, part: Document) -> dict[str, float] | None:
        """Return the physical size that a part of an answer names."""
        size, wrong = size_of(next((part[key] for key in SIZE_KEYS if part.get(key)), None))
        if wrong:
            self.reasons.add("implausible_size")
        return size_document(size)

    def box(self, told: Any, named: Any, frame: Frame | None) -> Document | None:
        """Return a box without its category, None when it cannot be placed."""
        try:
            found = placed(told, named, frame, self.photo)
        except MisplacedError as fault:
            self.reasons.add(str(fault))
            return None
        if found.clipped:
            self.reasons.add("box_clipped")
        return found.document


def plain_result(result: Any) -> Document:
    """Return a vision result as plain JSON without its pictures.

    Raises:
        CapturesetError: it is no dict.
    """
    told = {} if result is None else result
    if not isinstance(told, Mapping):
        raise CapturesetError(f"vision_result is a {type(result).__name__}; hand over a dict or a MeasurementResult.")
    found: Document = plain({key: value for key, value in told.items() if key not in PICTURES})
    return found


def model_section(told: Document, reading: Reading) -> Document:
    """Return the `model` section for a plain vision result, empty when it says nothing."""
    detections, hand = _detections(told), told.get("hand_detection")
    word = category_word(
        (*(told.get(key) for key in CATEGORY_KEYS), *(one.get("label") for one in detections)), reading
    )
    category = reading.code(word)
    confidence = told.get("confidence", detections[0].get("confidence") if detections else None)
    frame = frame_told(told, reading)
    section = {
        "name": _cut(told.get("model_name"), SHORT // 2),
        "version": _cut(told.get("model_version"), SHORT // 2),
        "category": category,
        "category_text": _cut(word),
        "object_name": _cut(told.get("object_name")) or _cut(detections[0].get("label") if detections else None),
        "confidence": reading.share(confidence),
        "reasoning": _cut(told.get("reasoning"), LONG) or _cut(told.get("notes"), LONG),
        "boxes": list(_boxes(told, detections, category, frame, reading))[:MOST_BOXES] or None,
        "size_cm": reading.size(told),
        "hand": _hand(hand, frame, reading) if isinstance(hand, dict) else None,
        **_scales(told),
        "raw_response": _raw(told, reading),
    }
    return {key: value for key, value in section.items() if value is not None}


def category_word(values: Iterable[Any], reading: Reading) -> str | None:
    """Return the first word that leads to a category, else the first word: a main category names no thing."""
    words = [text for value in values if (text := text_of(value))]
    return next((word for word in words if reading.taxonomy.find(word)), words[0] if words else None)


def _detections(told: Document) -> list[Document]:
    found = told.get("object_detection")
    return [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict)]


def _cut(value: Any, longest: int = SHORT) -> str | None:
    text = text_of(value)
    return text and text[:longest]


def frame_told(told: Document, reading: Reading) -> Frame | None:
    """Return what the boxes were measured in.

    Where the answer does not say, it is the photo, unless there is a twin of another size: then nobody knows.
    """
    said = frame_of(told, "image_width", "image_height")
    if said or "frame_unknown" in told:
        return said
    if reading.photo is None or (reading.twin and reading.twin.upright != reading.photo.upright):
        return None
    return reading.photo.upright


def _boxes(
    told: Document, detections: list[Document], category: str | None, frame: Frame | None, reading: Reading
) -> Iterator[Document]:
    """Give the boxes. The answer's own `bbox` goes before the detections, which are of the same object."""
    for part in [told] if told.get("bbox") else [one for one in detections if one.get("bbox")]:
        named = part.get("bbox_format", part.get("bbox_convention", None if part is told else "xyxy"))
        place = reading.box(part["bbox"], named, frame)
        found = reading.taxonomy.find(str(part.get("label"))) if part is not told else None
        code = found.code if found else category
        if place is not None and code is None:
            reading.reasons.add("box_without_category")
        elif place is not None:
            own = part if part is not told else part["bbox"] if isinstance(part["bbox"], dict) else {}
            confidence = reading.share(own.get("confidence"))
            yield {"category": code, **place, **({} if confidence is None else {"confidence": confidence})}


def _hand(hand: Document, frame: Frame | None, reading: Reading) -> Document:
    length, confidence = number_of(hand.get("hand_px")), reading.share(hand.get("confidence"))
    place = reading.box(hand["bbox"], hand.get("bbox_format", "xyxy"), frame) if hand.get("bbox") else None
    told = {"hand_px": length if length is not None and length >= 0 else None, "confidence": confidence}
    return {**{key: value for key, value in told.items() if value is not None}, **(place or {})}


def _scales(told: Document) -> dict[str, float]:
    fee = told.get("fee_krw", told.get("fee"))
    numbers = {key: number_of(told.get(key)) for key in ("cm_per_px", "perspective_scale")}
    positive = {key: number for key, number in numbers.items() if number is not None and number > 0}
    cost = number_of(fee)
    return {**positive, **({"fee_krw": cost} if cost is not None and cost >= 0 else {})}


def _raw(told: Document, reading: Reading) -> Document | None:
    kept = {key: value for key, value in told.items() if key != "frame_unknown"}
    if len(jsontext.dump(kept).encode()) > LARGEST_RAW_BYTES:
        reading.reasons.add("answer_too_large")
        return None
    return kept or None
