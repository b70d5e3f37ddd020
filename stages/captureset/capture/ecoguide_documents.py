"""What a label of the EcoGuide app becomes: a sidecar, and what its user said as feedback.

The sidecar's `label` is the final label as it was first imported, `model` is the model's own answer and nothing else,
and feedback holds the user's correction, rating and note. Every feedback id is made from content, so importing the
same label again says nothing new.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from captureset.errors import CapturesetError
from captureset.formats import jsontext
from captureset.formats.sources.ecoguide_label import EcoguideLabel, Words
from captureset.records.sidecar import SizeCm
from captureset.records.taxonomy import Taxonomy, folded

FALLBACK = "MISC_UNCLASS"
BEST_RATING = 5
SIZE_TOLERANCE_CM = 0.01
DIGEST = 32


@dataclass(frozen=True, slots=True)
class Reading:
    """What every label of one import is read with."""

    taxonomy: Taxonomy
    timezone: ZoneInfo
    source_name: str

    def category(self, words: Words) -> str:
        """Return the code a label's words lead to; MISC_UNCLASS when they lead to none of ours.

        Raises:
            CapturesetError: the taxonomy has no such fallback.
        """
        found = self.found(words)
        if found is None and FALLBACK not in self.taxonomy:
            raise CapturesetError(
                f"data/categories.yaml has no {FALLBACK}, which {words.sub!r} falls back to; append that category."
            )
        return found or FALLBACK

    def found(self, words: Words) -> str | None:
        """Return the code of the sub category, None when it is none of ours: a main category names no thing."""
        category = self.taxonomy.find(words.sub) if words.sub else None
        return category.code if category else None

    def main_disagrees(self, words: Words) -> bool:
        """Say whether the main category is another one than the sub category's own."""
        category = self.taxonomy.find(words.sub) if words.sub else None
        if category is None or words.main is None:
            return False
        (main,) = (one for one in self.taxonomy.supercategories if one.code == category.supercategory)
        return folded(words.main) not in {folded(word) for word in (main.code, main.name, main.name_en, *main.aliases)}

    def at(self, moment: datetime) -> str:
        """Return a time of the app as RFC 3339; one without an offset is local."""
        return (moment if moment.tzinfo else moment.replace(tzinfo=self.timezone)).isoformat()


def review_reasons(label: EcoguideLabel, reading: Reading) -> list[str]:
    """Return why a person should look at a label before it is trusted: sorted codes, none for a sound one."""
    reasons = set(label.oddities)
    if label.note:
        reasons.add("note")
    if reading.found(label.words) is None:
        reasons.add("unknown_category")
    if reading.main_disagrees(label.words):
        reasons.add("main_category_disagrees")
    return sorted(reasons)


def content_key(label: EcoguideLabel) -> str:
    """Return a digest of what a label says; saving it again unchanged, or at another time, is the same."""
    said = {"words": asdict(label.words), "size_cm": size_document(label.size), "rating": label.rating}
    return _digest(said)


def sidecar(file_id: str, label: EcoguideLabel, reading: Reading) -> dict[str, Any]:
    """Return the sidecar of a label's photo; the path of the machine that wrote it stays out."""
    source = {
        "kind": "import",
        "name": reading.source_name,
        "external_id": file_id,
        "original_name": f"user_images/{file_id}.jpg",
    }
    kept = {
        "generation": label.generation,
        "content_key": content_key(label),
        "main_category": label.words.main,
        "confidence": label.confidence,
        "reasoning": label.reasoning,
        "is_object_name_corrected": label.name_corrected,
    }
    reasons = review_reasons(label, reading)
    return {
        "schema_version": 1,
        "capture_id": file_id,
        "captured_at": reading.at(label.saved_at),
        "source": source,
        "label": {"reviewed": False, **_final(label, reading)},
        "extra": {"ecoguide": {key: value for key, value in kept.items() if value is not None}},
        **({"model": _model(label, reading)} if label.answer else {}),
        **({"review": {"wanted": True, "reasons": reasons}} if reasons else {}),
    }


def _final(label: EcoguideLabel, reading: Reading) -> dict[str, Any]:
    return _filled(
        category=reading.category(label.words),
        category_text=label.words.sub or label.words.main,
        object_name=label.words.object_name,
        size_cm=size_document(label.size),
    )


def _model(label: EcoguideLabel, reading: Reading) -> dict[str, Any]:
    answer = label.answer
    if answer is None:
        return {}
    return _filled(
        category=reading.found(answer.words),
        category_text=answer.words.sub or answer.words.main,
        object_name=answer.words.object_name,
        confidence=answer.confidence,
        reasoning=answer.reasoning,
        size_cm=size_document(answer.size),
        answered_at=reading.at(answer.answered_at) if answer.answered_at else None,
        raw_response=dict(answer.raw),
    )


def first_feedback(file_id: str, label: EcoguideLabel, reading: Reading) -> list[dict[str, Any]]:
    """Return what the user said beside the final label: a correction of the model, a rating, a note.

    A correction is a difference to `raw_response`. The best rating confirms an unchanged label, unless a person must
    look at it; any other rating is only noted, as silence is not agreement.
    """
    return [*_verdict(file_id, label, reading), *note_feedback(file_id, label, reading)]


def _verdict(file_id: str, label: EcoguideLabel, reading: Reading) -> Iterator[dict[str, Any]]:
    document = _feedback(file_id, f"eco-0000-{content_key(label)}", reading.at(label.saved_at))
    rating = _filled(rating=label.rating)
    if reading.found(label.words) and corrected(label, reading):
        yield {**document, "verdict": "correct", **_final(label, reading), **rating}
    elif label.rating is not None:
        agreed = label.rating == BEST_RATING and not review_reasons(label, reading)
        yield {**document, "verdict": "confirm" if agreed else "note", **rating}


def corrected(label: EcoguideLabel, reading: Reading) -> bool:
    """Say whether the final label differs from the model's own answer; a size that is gone is no correction."""
    answer = label.answer
    if answer is None:
        return label.name_corrected
    other_category = reading.found(label.words) != reading.found(answer.words)
    names = (label.words.object_name, answer.words.object_name)
    other_name = None not in names and names[0] != names[1]
    return label.name_corrected or other_category or other_name or _resized(label.size, answer.size)


def _resized(final: SizeCm, first: SizeCm) -> bool:
    before = asdict(first)
    pairs = ((cm, before[axis]) for axis, cm in asdict(final).items() if cm is not None)
    return any(old is None or not math.isclose(cm, old, abs_tol=SIZE_TOLERANCE_CM) for cm, old in pairs)


def note_feedback(file_id: str, label: EcoguideLabel, reading: Reading) -> list[dict[str, Any]]:
    """Return the user's note as feedback that asks for a review: it may contradict the label."""
    if not label.note:
        return []
    given_at = reading.at(label.noted_at or label.saved_at)
    document = _feedback(file_id, f"eco-note-{_digest(file_id, label.note)}", given_at)
    return [{**document, "verdict": "note", "note": label.note, "review": {"wanted": True, "reasons": ["note"]}}]


def revision(file_id: str, label: EcoguideLabel, reading: Reading, number: int, given_at: str) -> dict[str, Any]:
    """Return a changed label as the correction it is; the sidecar of its capture stays as it was."""
    document = _feedback(file_id, f"eco-{number:04d}-{content_key(label)}", given_at)
    reasons = review_reasons(label, reading)
    wanted = {"review": {"wanted": True, "reasons": reasons}} if reasons else {}
    return {**document, "verdict": "correct", **_final(label, reading), **_filled(rating=label.rating), **wanted}


def tombstone(file_id: str, given_at: str) -> dict[str, Any]:
    """Return the note that a capture's label is gone from the app; the capture itself stays."""
    document = _feedback(file_id, f"eco-vanished-{_digest(file_id)}", given_at)
    said = "The label is no longer in the app."
    return {**document, "verdict": "note", "note": said, "review": {"wanted": True, "reasons": ["vanished"]}}


def _feedback(capture_id: str, feedback_id: str, given_at: str) -> dict[str, Any]:
    return {"schema_version": 1, "feedback_id": feedback_id, "capture_id": capture_id, "given_at": given_at}


def size_document(size: SizeCm) -> dict[str, float] | None:
    """Return a size as a document, None when no axis is known."""
    return {axis: cm for axis, cm in asdict(size).items() if cm is not None} or None


def _filled(**keys: Any) -> dict[str, Any]:
    return {key: value for key, value in keys.items() if value is not None}


def _digest(*said: Mapping[str, Any] | str) -> str:
    return hashlib.sha256(jsontext.dump(list(said)).encode()).hexdigest()[:DIGEST]
