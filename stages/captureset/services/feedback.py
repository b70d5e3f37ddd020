"""What a user said brought into the inbox, with what is known of its capture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from captureset.capture.images import ImageFacts
from captureset.capture.submit import submit_feedback
from captureset.formats.taxonomy import load_taxonomy
from captureset.records.box import Frame
from captureset.services.moments import moment_text
from captureset.services.pseudonyms import pseudonym, secret_of
from captureset.services.said import About, feedback_document, plain_feedback
from captureset.services.settings import Settings
from captureset.services.vision import Document, Reading

NEVER = "1970-01-01T00:00:00Z"


def give(
    settings: Settings, capture_id: str, said: Any, session: Any, sidecar: Document | None, moment: str
) -> Document | None:
    """Put what a user said into the inbox and return the feedback, None when nothing was said.

    Args:
        settings: of the app.
        capture_id: the capture it is about.
        said: what the app hands over.
        session: names the user, unless the feedback does.
        sidecar: of the capture; None when it has not arrived.
        moment: when it was said, unless the feedback says.

    Raises:
        CapturesetError: it may not come in.
    """
    person = said if isinstance(said, Mapping) and said.get("user_id") else session
    document = feedback_of(settings, capture_id, said, sidecar, moment, person)
    if document is not None:
        submit_feedback(settings.repository, capture_id, document)
    return document


def feedback_of(
    settings: Settings, capture_id: str, said: Any, sidecar: Document | None, moment: str = NEVER, person: Any = None
) -> Document | None:
    """Return what a user said as a feedback document, None when nothing was said; nothing is saved."""
    told = plain_feedback(said)
    if not told:
        return None
    at = moment_text(told.get("timestamp"), settings.timezone) or moment
    about = About(capture_id, at, (sidecar or {}).get("model", {}), _user_key(settings, person))
    reading = Reading(
        load_taxonomy(settings.repository.categories), _facts(sidecar, "image"), _facts(sidecar, "background_removed")
    )
    return feedback_document(told, about, reading)


def _user_key(settings: Settings, person: Any) -> str | None:
    user = person.get("user_id") if isinstance(person, Mapping) else None
    return pseudonym(secret_of(settings), "user", str(user).strip()) if user else None


def _facts(sidecar: Document | None, name: str) -> ImageFacts | None:
    """Return a picture as a sidecar tells of it, upright; None when there is none."""
    section = (sidecar or {}).get(name)
    if not section:
        return None
    frame = Frame(section["width_px"], section["height_px"])
    return ImageFacts(section["format"], frame, frame, 1, section["bytes"], section["sha256"])
