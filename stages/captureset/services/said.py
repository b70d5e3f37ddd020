"""What an app's user said, in any of its shapes, as a feedback document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from captureset.capture.remarks import feedback_id
from captureset.errors import CapturesetError
from captureset.formats.sources.ecoguide_label import number_of, text_of
from captureset.services.plain import plain
from captureset.services.vision import SHORT, Document, Reading, category_word, frame_told

NOTE_KEYS = ("notes", "note", "comment", "comments", "text", "message")
RATING_KEYS = ("rating", "user_rating", "accuracy_rating", "stars")
CATEGORY_KEYS = ("corrected_category", "correct_category", "user_category", "category", "secondary_category")
BOX_KEYS = ("corrected_bbox", "correct_bbox", "bbox")
SIZE_KEYS = ("corrected_size", "corrected_dimensions", "size_cm", "size_estimation", "dimensions", "size")
AGREED_KEYS = ("is_correct", "is_accurate", "accurate", "confirmed", "correct")
NESTED_KEYS = ("corrections", "corrected", "correction")
VERDICTS = ("confirm", "correct", "reject", "note")
WORDS = ("category_text", "object_name")  # of a change; they stay when nothing else is corrected
LONGEST_NOTE = 5000


@dataclass(frozen=True, slots=True)
class About:
    """The capture a feedback is about: its id, the moment to use when none is said, and the model's answer."""

    capture_id: str
    given_at: str
    model: Mapping[str, Any]
    user_key: str | None = None


def plain_feedback(said: Any) -> Document:
    """Return an app's feedback as plain JSON, empty when nothing was said; corrections in a part of their own join it.

    Raises:
        CapturesetError: it is neither a dict nor a text.
    """
    if said is None:
        return {}
    if isinstance(said, str):
        return {"note": said} if said.strip() else {}
    if not isinstance(said, Mapping):
        raise CapturesetError(f"user_feedback is a {type(said).__name__}; hand over a dict.")
    told: Document = plain(said)
    nested = [told[key] for key in NESTED_KEYS if isinstance(told.get(key), dict)]
    return {**told, **{key: value for part in nested for key, value in part.items()}}


def feedback_document(told: Document, about: About, reading: Reading) -> Document:
    """Return the feedback document for what was said; its id is made from content, so twice is once.

    A value that differs from the model's corrects it, the same one confirms it. A rating alone says nothing about
    the label: silence is not agreement.
    """
    changes = _changes(told, about, reading)
    verdict = _verdict(told, changes, about)
    note, rating = text_of(_first(told, NOTE_KEYS)), _rating(told, reading)
    if note:
        reading.reasons.add("note")
    if verdict == "note" and not note and rating is None and not reading.reasons:
        reading.reasons.add("disputed" if _agreed(told) is False else "unreadable_feedback")
    content = {
        "schema_version": 1,
        "capture_id": about.capture_id,
        "given_at": about.given_at,
        "verdict": verdict,
        **{key: value for key, value in changes.items() if verdict == "correct" or key in WORDS},
        **({"note": note[:LONGEST_NOTE]} if note else {}),
        **({"rating": rating} if rating is not None else {}),
        **({"by": {"user_key": about.user_key}} if about.user_key else {}),
        **({"review": {"wanted": True, "reasons": sorted(reading.reasons)}} if reading.reasons else {}),
    }
    return {"feedback_id": feedback_id(content), **content}


def _first(told: Document, keys: tuple[str, ...]) -> Any:
    return next((told[key] for key in keys if told.get(key) is not None), None)


def _rating(told: Document, reading: Reading) -> int | None:
    value = _first(told, RATING_KEYS)
    number = number_of(value)
    if number is not None and number in {1, 2, 3, 4, 5}:
        return int(number)
    if value is not None:
        reading.reasons.add("odd_rating")
    return None


def _changes(told: Document, about: About, reading: Reading) -> Document:
    """Return what the user says it is instead."""
    word = category_word((told.get(key) for key in CATEGORY_KEYS), reading)
    known = reading.taxonomy.find(word) if word else None
    if word and known is None:
        reading.reasons.add("unknown_category")
    category = known.code if known else None
    size = reading.size({"size": _first(told, SIZE_KEYS)})
    name = text_of(told.get("corrected_object_name")) or text_of(told.get("object_name")) or ""
    words = {"category_text": word[:SHORT] if word and known is None else None, "object_name": name[:SHORT]}
    if told.get("empty") is True:
        return {key: value for key, value in words.items() if value} | {"empty": True}
    boxes = _boxes(told, category or about.model.get("category"), reading)
    changes = {**words, "category": category, "boxes": boxes, "size_cm": size}
    return {key: value for key, value in changes.items() if value}


def _boxes(told: Document, category: str | None, reading: Reading) -> list[Document] | None:
    box = _first(told, BOX_KEYS)
    place = reading.box(box, told.get("bbox_format"), frame_told(told, reading)) if box is not None else None
    if place and category is None:
        reading.reasons.add("box_without_category")
    return [{"category": category, **place}] if place and category else None


def _agreed(told: Document) -> bool | None:
    value = _first(told, AGREED_KEYS)
    return value if isinstance(value, bool) else None


def _verdict(told: Document, changes: Document, about: About) -> str:
    named = told.get("verdict")
    new = {key: value for key, value in changes.items() if key in {"category", "boxes", "size_cm", "empty"}}
    differing = {key: value for key, value in new.items() if value != about.model.get(key)}
    if named in VERDICTS and (named != "correct" or new):
        return str(named)
    if told.get("rejected") is True or told.get("reject") is True:
        return "reject"
    if differing:
        return "correct"
    return "confirm" if new or _agreed(told) is True else "note"
