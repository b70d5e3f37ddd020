"""One label of the EcoGuide app, in any of its three generations.

A label has no version; its keys tell the generation: G1 `dimensions.width_cm`, G2 `dimensions.w_cm`, G3 also
`ai_inference`. Three things in it are kept apart: the final label (`classification`, `dimensions`), what the model
said (`ai_inference.raw_response` alone: its other fields were overwritten by the user's edit), and what the user said
(`confidence`, which is a rating of 1 to 5 divided by 5, and `user_feedback.notes`).
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from captureset.errors import RefusedCaptureError
from captureset.records.sidecar import SizeCm

LARGEST_CM = 2000
FIRST_YEAR, LAST_YEAR = 1990, 9998  # years whose every offset is whole minutes, and which UTC can hold
DAY_ONLY = len("2024-01-15")
RATINGS = 5
UNKNOWN_OBJECT, FAILED_PARSING = "알 수 없음", "자동 파싱 실패"
AXES = {
    "width_cm": ("w_cm", "width_cm"),
    "height_cm": ("h_cm", "height_cm"),
    "depth_cm": ("d_cm", "depth_cm"),
}
CODE = re.compile(r"[A-Z]{4}|[A-Z]+(_[A-Z]+)+")
MAIN_KEYS = ("primary_category", "main_category")
SUB_KEYS = ("secondary_category", "sub_category")


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody called the object, in the app's words: main category, sub category, name."""

    main: str | None
    sub: str | None
    object_name: str | None


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """What the model answered before the user touched it."""

    words: Words
    size: SizeCm
    confidence: float | None  # 0 to 1
    reasoning: str | None
    answered_at: datetime | None  # without an offset it is the app's local time
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EcoguideLabel:
    """One label; times without an offset are the app's local time. `oddities` are codes of what a person must see."""

    generation: str  # G1, G2, G3
    saved_at: datetime
    words: Words
    name_corrected: bool
    size: SizeCm
    rating: int | None
    confidence: Any  # as it came; the rating was made from it
    reasoning: str | None  # the model's words, stale after an edit
    answer: ModelAnswer | None
    note: str | None
    noted_at: datetime | None
    oddities: tuple[str, ...]


def parse(document: Any, name: str) -> EcoguideLabel:
    """Return the label in a parsed JSON file.

    Sizes of 0 are missing; one that is no number, negative, or above 20 m is left out and named in `oddities`.

    Raises:
        RefusedCaptureError: `not_a_label`, `no_time`, `parse_failure` or `script_record`.
    """
    if not isinstance(document, dict) or not isinstance(document.get("classification"), dict):
        raise RefusedCaptureError("not_a_label", f"{name} has no `classification`; it is no label of the app.")
    saved_at = moment_of(document.get("timestamp"))
    if saved_at is None:
        raise RefusedCaptureError("no_time", f"{name} has the timestamp {document.get('timestamp')!r}; mend it.")
    words = words_of(document["classification"])
    inference, said = _section(document, "ai_inference"), _section(document, "user_feedback")
    _require_made_by_the_app(words, _section(inference, "raw_response"), name)
    rating, sizes = _rating(document.get("confidence")), document.get("dimensions")
    size, wrong_size = size_of(sizes)
    return EcoguideLabel(
        generation=_generation(document),
        saved_at=saved_at,
        words=words,
        name_corrected=document["classification"].get("is_object_name_corrected") is True,
        size=size,
        rating=rating,
        confidence=document.get("confidence"),
        reasoning=text_of(document.get("reasoning")),
        answer=_answer(inference),
        note=text_of(said.get("notes")),
        noted_at=moment_of(said.get("timestamp")),
        oddities=tuple(_oddities(document, words, rating, wrong_size=wrong_size)),
    )


def _require_made_by_the_app(words: Words, raw: Mapping[str, Any], name: str) -> None:
    if words.object_name == UNKNOWN_OBJECT:
        raise RefusedCaptureError(
            "parse_failure", f"{name} names its object {UNKNOWN_OBJECT!r}, a failed parse; label the photo again."
        )
    if raw.get("type") == "large_furniture":
        raise RefusedCaptureError(
            "script_record", f"{name} was written by a script (its raw_response has a type), not by the app's users."
        )


def _oddities(document: Mapping[str, Any], words: Words, rating: int | None, *, wrong_size: bool) -> Iterator[str]:
    """Give the codes of what a person must see before the label is trusted."""
    if FAILED_PARSING in str(document.get("reasoning")):
        yield "parse_failure"
    if is_code(words.main) or is_code(words.sub):
        yield "category_code"
    if wrong_size:
        yield "implausible_size"
    if rating is None and document.get("confidence") not in (None, 0):
        yield "odd_rating"
    raw = _section(document, "ai_inference").get("raw_response")
    if raw is not None and not isinstance(raw, dict):
        yield "unreadable_answer"


def is_code(word: str | None) -> bool:
    """Say whether a category is written as scripts write it, `FURN_SOFA`, not as the app does, `소파`."""
    return word is not None and CODE.fullmatch(word) is not None


def _generation(document: Mapping[str, Any]) -> str:
    if "ai_inference" in document:
        return "G3"
    return "G1" if {"width_cm", "height_cm", "depth_cm"} & _section(document, "dimensions").keys() else "G2"


def _answer(inference: Mapping[str, Any]) -> ModelAnswer | None:
    raw = _section(inference, "raw_response")
    if not raw:
        return None
    confidence = number_of(raw.get("confidence"))
    return ModelAnswer(
        words_of(raw),
        size_of(raw.get("dimensions") or raw.get("size_estimation"))[0],
        confidence if confidence is not None and 0 <= confidence <= 1 else None,
        text_of(raw.get("reasoning")),
        moment_of(inference.get("inference_timestamp")),
        raw,
    )


def words_of(part: Mapping[str, Any]) -> Words:
    """Return what a part of a label calls the object."""
    return Words(_first(part, MAIN_KEYS), _first(part, SUB_KEYS), text_of(part.get("object_name")))


def _first(part: Mapping[str, Any], keys: tuple[str, ...]) -> str | None:
    return next((text for key in keys if (text := text_of(part.get(key)))), None)


def _section(part: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = part.get(key)
    return found if isinstance(found, dict) else {}


def text_of(value: Any) -> str | None:
    """Return a text composed (NFC) and without outer space, None when nothing is left."""
    return unicodedata.normalize("NFC", value).strip() or None if isinstance(value, str) else None


def number_of(value: Any) -> float | None:
    """Return a JSON number, None for anything else; true is none."""
    whole = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if whole and abs(value) < 1e300 and math.isfinite(value) else None  # noqa: PLR2004 - a float


def size_of(part: Any) -> tuple[SizeCm, bool]:
    """Return a size, and whether an axis was no size and left out; 0 and null are missing, which is no fault."""
    part = part if isinstance(part, dict) else {}
    told = {axis: next((part[key] for key in keys if part.get(key)), None) for axis, keys in AXES.items()}
    sizes = {axis: number_of(value) for axis, value in told.items()}
    good = {axis: cm for axis, cm in sizes.items() if cm is not None and 0 < cm <= LARGEST_CM}
    return SizeCm(**good), any(value is not None and axis not in good for axis, value in told.items())


def _rating(confidence: Any) -> int | None:
    """Return the user's rating, 1 to 5; None where the number is none, as 0.0 (not rated) and 95.0."""
    number = number_of(confidence)
    stars = (number or 0) * RATINGS
    return round(stars) if 1 <= round(stars) <= RATINGS and math.isclose(stars, round(stars), abs_tol=0.01) else None


def moment_of(text: Any) -> datetime | None:
    """Return a time, with or without an offset; None when the text is none, or of a year before there were apps."""
    try:
        moment = (
            datetime.fromisoformat(text.strip()) if isinstance(text, str) and len(text.strip()) > DAY_ONLY else None
        )
    except ValueError:
        return None
    return moment if moment and FIRST_YEAR <= moment.year <= LAST_YEAR else None
