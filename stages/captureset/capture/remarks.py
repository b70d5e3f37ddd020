"""Feedback documents made from a few words: confirmed, rejected, another category, a rating, a note."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from captureset.errors import CapturesetError
from captureset.formats import jsontext
from captureset.records.sidecar import utc_text
from captureset.records.taxonomy import Taxonomy


def feedback_id(content: Mapping[str, Any]) -> str:
    """Return the id of a feedback, a function of what was said: the same twice is the same feedback."""
    return "fb-" + hashlib.sha256(jsontext.dump_line(content).encode()).hexdigest()[:32]


def remark(
    capture_id: str,
    taxonomy: Taxonomy,
    *,
    verdict: str | None = None,
    category: str | None = None,
    rating: int | None = None,
    note: str | None = None,
    now: datetime | None = None,
) -> dict[str, Any]:
    """Return a feedback document for what a person says in a few words, said just now.

    Args:
        capture_id: the capture it is about.
        taxonomy: leads a code, name or alias to the category.
        verdict: `confirm` or `reject`; None is a correction when there is a category, else a note.
        category: what it is instead.
        rating: 1 to 5.
        note: free text.
        now: the moment it was said, by default this one.

    Raises:
        CapturesetError: nobody knows the category.
    """
    known = None if category is None else taxonomy.find(category)
    if category is not None and known is None:
        raise CapturesetError(f"data/categories.yaml has no category {category!r}{taxonomy.hint(category)}.")
    told = {"category": known and known.code, "rating": rating, "note": note}
    content = {
        "schema_version": 1,
        "capture_id": capture_id,
        "given_at": utc_text(now or datetime.now(UTC)),
        "verdict": verdict or ("correct" if known else "note"),
        **{key: value for key, value in told.items() if value is not None},
    }
    return {"feedback_id": feedback_id(content), **content}
