"""Captures and feedback come in: checked in milliseconds, then on disk for good.

Needs only the base install; never touches Git or DVC and never waits for them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from captureset.capture import documents, images
from captureset.capture.durable import write_new
from captureset.capture.envelope import Envelope, pack
from captureset.capture.images import ImageFacts
from captureset.errors import InvalidDocumentError, Problem, RefusedCaptureError, one_line
from captureset.formats import jsontext
from captureset.formats.taxonomy import load_taxonomy
from captureset.records.sidecar import utc_text
from captureset.records.taxonomy import Taxonomy
from captureset.store import erasures
from captureset.store.repository import Repository

MAX_DOCUMENT_BYTES = 4 * 1024 * 1024
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof of delivery, a function of id and content: the same delivery twice has the same receipt."""

    id: str
    receipt: str
    path: Path


def prepare(photo: bytes, sidecar: Mapping[str, Any], twin: bytes | None, taxonomy: Taxonomy, name: str) -> Envelope:
    """Return the capture ready for the inbox: sidecar completed with the facts of the bytes, everything checked.

    Args:
        photo: bytes of the photo, exactly as delivered; `commit` stores them without private metadata.
        sidecar: the sidecar, with or without `image`.
        twin: bytes of the background-removed picture, or None.
        taxonomy: the categories a label may name.
        name: what to call the delivery in a refusal.

    Raises:
        RefusedCaptureError: the photo or the twin is no image.
        InvalidDocumentError: every problem of the sidecar.
    """
    _require_json(sidecar, name)
    facts = images.inspect(photo, f"the photo of {name}")
    twin_facts = images.inspect(twin, f"the twin of {name}") if twin is not None else None
    documents.require_sidecar(sidecar, name, taxonomy, facts.upright)
    told = {"image": facts, "background_removed": twin_facts}
    contradictions = [problem for key, known in told.items() for problem in _contradictions(sidecar, key, known)]
    if contradictions:
        raise InvalidDocumentError(name, contradictions)
    found = {key: _section(known) for key, known in told.items() if known is not None}
    return Envelope(photo, {**sidecar, **found}, twin)


def _require_json(document: Any, name: str) -> None:
    """Return when a document can be written as JSON; one that a program built may hold anything."""
    try:
        size = len(jsontext.dump(document).encode())
    except (TypeError, ValueError, RecursionError) as error:
        problem = Problem("", f"it is no JSON: {error}", "use only text, finite numbers, true, false, null")
        raise InvalidDocumentError(name, [problem]) from None
    if size > MAX_DOCUMENT_BYTES:
        fault = f"{name} has {size} bytes and {MAX_DOCUMENT_BYTES} may come in"
        raise RefusedCaptureError("too_large", f"{fault}; leave out what is no part of it.")


def _named(kind: str, document: Any, key: str) -> str:
    word = document.get(key, f"(no {key})") if isinstance(document, dict) else "(no JSON object)"
    return one_line(" ".join(f"{kind} {word}".split()), LONGEST_NAME)


def submit(repository: Repository, photo: bytes, sidecar: Mapping[str, Any], twin: bytes | None = None) -> Receipt:
    """Put one capture into the inbox and return its receipt; after that no crash can lose or tear it.

    Raises:
        CapturesetError: it may not come in (`prepare` has the rules), or its id is in the inbox with other content.
    """
    name = _named("sidecar", sidecar, "capture_id")
    envelope = prepare(photo, sidecar, twin, load_taxonomy(repository.categories), name)
    erasures.require_allowed(envelope.capture_id, erasures.ids(repository))
    return deliver(repository.inbox / envelope.file_name, envelope.capture_id, pack(envelope))


def submit_feedback(repository: Repository, capture_id: str, feedback: Mapping[str, Any]) -> Receipt:
    """Put one feedback into the inbox and return its receipt; its capture may arrive later.

    Raises:
        CapturesetError: the feedback is about another capture, breaks its schema, or its id is taken.
    """
    name = _named("feedback", feedback, "feedback_id")
    _require_json(feedback, name)
    document = {"capture_id": capture_id, **feedback} if isinstance(feedback, dict) else feedback
    if isinstance(document, dict) and document["capture_id"] != capture_id:
        raise RefusedCaptureError(
            "other_capture",
            f"{name} is about capture {document['capture_id']!r}, not {capture_id!r}; name the capture it is about.",
        )
    documents.require_feedback(document, name, load_taxonomy(repository.categories))
    erasures.require_allowed(capture_id, erasures.ids(repository))
    path = repository.inbox / f"{capture_id}.feedback.{document['feedback_id']}.json"
    data = jsontext.dump({"received_at": utc_text(datetime.now(UTC)), **document}).encode()
    digest = hashlib.sha256(jsontext.dump(said(data, name)).encode()).hexdigest()
    deliver(path, str(document["feedback_id"]), data, lambda feedback: said(feedback, path.name))
    return Receipt(str(document["feedback_id"]), digest[:32], path)


def said(feedback: bytes, name: str) -> dict[str, Any]:
    """Return a feedback without the time it reached us, which is no part of what was said."""
    document: dict[str, Any] = jsontext.parse(feedback, name)
    return {key: value for key, value in document.items() if key != "received_at"}


def deliver(path: Path, identifier: str, data: bytes, content: Callable[[bytes], Any] = bytes) -> Receipt:
    """Write one delivery into the inbox; a second one must be the same in its content.

    Raises:
        RefusedCaptureError: `conflict`, the id waits there with other content.
    """
    while not write_new(path, data):
        try:
            waiting = path.read_bytes()
        except FileNotFoundError:
            continue  # committed at this very moment: deliver it again, the next commit knows it
        if content(waiting) == content(data):
            break
        raise RefusedCaptureError(
            "conflict",
            f"{path.name} is already in the inbox with other content; give the new one another id than {identifier!r}.",
        )
    return Receipt(identifier, hashlib.sha256(data).hexdigest()[:32], path)


def _section(facts: ImageFacts) -> dict[str, Any]:
    return {
        "format": facts.format,
        "width_px": facts.upright.width_px,
        "height_px": facts.upright.height_px,
        "bytes": facts.size_bytes,
        "sha256": facts.sha256,
    }


def _contradictions(sidecar: Mapping[str, Any], key: str, facts: ImageFacts | None) -> Iterator[Problem]:
    told = sidecar.get(key)
    if told is None:
        return
    if facts is None:
        yield Problem(f"/{key}", "described but not delivered", "deliver the file too or leave the section out")
        return
    known = _section(facts)
    for field in sorted(told.keys() & known.keys()):
        if told[field] != known[field]:
            yield Problem(
                f"/{key}/{field}", f"{told[field]!r} but the file has {known[field]!r}", "send the right file or value"
            )
