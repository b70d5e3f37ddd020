"""Captures and feedback come in: checked in milliseconds, then on disk for good.

Needs only the base install; never touches Git or DVC and never waits for them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from captureset.capture import documents, images, quarantine
from captureset.capture.durable import kept, write_new
from captureset.capture.envelope import Envelope, parts
from captureset.capture.images import ImageFacts
from captureset.errors import InvalidDocumentError, Problem, RefusedCaptureError, one_line, summary
from captureset.formats import jsontext
from captureset.formats.taxonomy import load_taxonomy
from captureset.records.sidecar import utc_text
from captureset.records.taxonomy import Taxonomy
from captureset.store import erasures
from captureset.store.repository import Repository

MAX_DOCUMENT_BYTES = 4 * 1024 * 1024
LONGEST_NAME = 100
WORDS = {"image": "photo", "background_removed": "twin"}


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
        RefusedError: everything that is wrong with photo, twin and sidecar, at once.
    """
    faults: list[Problem] = []
    found = {key: _inspected(key, data, name, faults) for key, data in (("image", photo), ("background_removed", twin))}
    faults += _unwritable(sidecar, name) or _sidecar_problems(sidecar, twin, taxonomy, found)
    _refuse(name, faults)
    sections = {key: _section(facts) for key, facts in found.items() if facts}
    return Envelope(photo, {**sidecar, **sections}, twin)


Found = Mapping[str, ImageFacts | None]


def _inspected(key: str, data: bytes | None, name: str, faults: list[Problem]) -> ImageFacts | None:
    """Return the facts of an image, None after noting its fault or where there is none."""
    if data is None:
        return None
    try:
        return images.inspect(data, f"the {WORDS[key]} of {name}")
    except RefusedCaptureError as error:
        faults += [replace(problem, pointer=f"/{key}") for problem in error.problems]
        return None


def _sidecar_problems(sidecar: Any, twin: bytes | None, taxonomy: Taxonomy, found: Found) -> list[Problem]:
    photo = found["image"]
    problems = documents.problems("sidecar", sidecar, taxonomy, photo.upright if photo else None)
    told = sidecar if isinstance(sidecar, Mapping) else {}
    if "background_removed" in told and twin is None:
        remedy = "deliver the file too or leave the section out"
        problems.append(Problem("/background_removed", "described but not delivered", remedy))
    broken = {problem.pointer for problem in problems}
    contradictions = (
        one for key, facts in found.items() if facts for one in _contradictions(told.get(key), key, facts)
    )
    return problems + [problem for problem in contradictions if problem.pointer not in broken]


def _unwritable(document: Any, name: str) -> list[Problem]:
    """Return why a document cannot be written as JSON; one that a program built may hold anything."""
    try:
        size = len(jsontext.dump_line(document).encode())
    except (TypeError, ValueError, RecursionError) as error:
        return [Problem("", f"it is no JSON: {error}", "use only text, finite numbers, true, false, null")]
    if size <= MAX_DOCUMENT_BYTES:
        return []
    fault = f"{name} has {size} bytes and {MAX_DOCUMENT_BYTES} may come in"
    return [Problem("", fault, "leave out what is no part of it", "too_large")]


def _refuse(name: str, faults: Sequence[Problem]) -> None:
    """Return when there is none, else raise one error with all of them; an image's fault names its code."""
    codes = [problem.reason for problem in faults if problem.reason != "invalid_document"]
    if codes and len(faults) == 1:
        raise RefusedCaptureError(codes[0], f"{faults[0].message}; {faults[0].remedy}.")
    if codes:
        raise RefusedCaptureError(codes[0], summary(name, faults), faults)
    if faults:
        raise InvalidDocumentError(name, faults)


def _named(kind: str, document: Any, key: str) -> str:
    word = document.get(key, f"(no {key})") if isinstance(document, dict) else "(no JSON object)"
    return one_line(" ".join(f"{kind} {word}".split()), LONGEST_NAME)


def submit(repository: Repository, photo: bytes, sidecar: Mapping[str, Any], twin: bytes | None = None) -> Receipt:
    """Put one capture into the inbox and return its receipt; after that no crash can lose or tear it.

    Raises:
        RefusedError: it may not come in, with every problem at once; or its id waits in the inbox with other content,
            then this delivery is kept in quarantine.
        NotKeptError: the disk did not take it.
    """
    name = _named("sidecar", sidecar, "capture_id")
    with kept(name):
        return _submitted(repository, photo, sidecar, twin, name)


def _submitted(
    repository: Repository, photo: bytes, sidecar: Mapping[str, Any], twin: bytes | None, name: str
) -> Receipt:
    envelope = prepare(photo, sidecar, twin, load_taxonomy(repository.categories), name)
    erasures.require_allowed(envelope.capture_id, erasures.ids(repository))
    path = repository.inbox / envelope.file_name
    _deliver(repository, path, parts(envelope))
    return _receipt(envelope.capture_id, envelope.sidecar_text, path)


def submit_feedback(repository: Repository, capture_id: str, feedback: Mapping[str, Any]) -> Receipt:
    """Put one feedback into the inbox and return its receipt; its capture may arrive later.

    Raises:
        RefusedError: it is about another capture or breaks its schema, with every problem at once; or its id waits in
            the inbox with other content, then this delivery is kept in quarantine.
        NotKeptError: the disk did not take it.
    """
    name = _named("feedback", feedback, "feedback_id")
    with kept(name):
        return _feedback_submitted(repository, capture_id, feedback, name)


def _feedback_submitted(repository: Repository, capture_id: str, feedback: Mapping[str, Any], name: str) -> Receipt:
    document = {"capture_id": capture_id, **feedback} if isinstance(feedback, dict) else feedback
    _refuse(
        name,
        _unwritable(document, name) or _feedback_problems(document, capture_id, load_taxonomy(repository.categories)),
    )
    erasures.require_allowed(capture_id, erasures.ids(repository))
    path = repository.inbox / f"{capture_id}.feedback.{document['feedback_id']}.json"
    data = jsontext.dump({"received_at": utc_text(datetime.now(UTC)), **document}).encode()
    _deliver(repository, path, (data,), lambda feedback: said(feedback, path.name))
    return _receipt(str(document["feedback_id"]), jsontext.dump_line(said(data, name)), path)


def _feedback_problems(feedback: Any, capture_id: str, taxonomy: Taxonomy) -> list[Problem]:
    problems = documents.problems("feedback", feedback, taxonomy)
    named = feedback.get("capture_id") if isinstance(feedback, Mapping) else capture_id
    if named != capture_id:
        fault = f"the feedback is about capture {named!r}, not {capture_id!r}"
        problems.insert(0, Problem("/capture_id", fault, "name the capture it is about", "other_capture"))
    return problems


def _receipt(identifier: str, text: str, path: Path) -> Receipt:
    """Return the receipt of a delivery; a sidecar holds the hashes of its images, so its text stands for the whole."""
    return Receipt(identifier, hashlib.sha256(text.encode()).hexdigest()[:32], path)


def said(feedback: bytes, name: str) -> dict[str, Any]:
    """Return a feedback without the time it reached us, which is no part of what was said."""
    document: dict[str, Any] = jsontext.parse(feedback, name)
    return {key: value for key, value in document.items() if key != "received_at"}


def _deliver(
    repository: Repository,
    path: Path,
    data: Sequence[bytes],
    content: Callable[[bytes], Any] = bytes,
) -> None:
    """Write one delivery into the inbox; a second one must be the same in its content.

    Raises:
        RefusedCaptureError: `conflict`, the id waits there with other content; this one is in quarantine.
    """
    while not write_new(path, *data):
        try:
            waiting = path.read_bytes()
        except FileNotFoundError:
            continue  # committed at this very moment: deliver it again, the next commit knows it
        delivered = b"".join(data)
        if content(waiting) == content(delivered):
            return
        hashes = [quarantine.hashes(one, path.name) for one in (waiting, delivered)]
        error = quarantine.conflict(f"{path.name} is already in the inbox", *hashes)
        quarantine.keep(repository, path.name, delivered, error, content)
        raise error


def _section(facts: ImageFacts) -> dict[str, Any]:
    return {
        "format": facts.format,
        "width_px": facts.upright.width_px,
        "height_px": facts.upright.height_px,
        "bytes": facts.size_bytes,
        "sha256": facts.sha256,
    }


def _contradictions(told: Any, key: str, facts: ImageFacts) -> Iterator[Problem]:
    known = _section(facts)
    for field in sorted(told.keys() & known.keys()) if isinstance(told, Mapping) else ():
        if told[field] != known[field]:
            yield Problem(
                f"/{key}/{field}", f"{told[field]!r} but the file has {known[field]!r}", "send the right file or value"
            )
