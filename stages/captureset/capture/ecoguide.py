"""The labels of the EcoGuide app become captures and feedback in the inbox, each by itself, and each has a fate.

| fate | meaning |
|---|---|
| imported | a new capture; `review` says why a person should look at it |
| already_in | nothing new, nothing was written |
| revision | the label changed: a new feedback, the capture stays as it was |
| quarantined | may not come in: its bytes and the reason are in data/quarantine |
| no_image | not exportable: no image; its label is in data/quarantine, and comes in once the photo is there |
| vanished | imported once, no longer in the app: a note says so, released versions keep it |

A run that was killed is finished by the next one: every id is made from the label's file_id and content.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from captureset.capture import documents, ecoguide_refused, images
from captureset.capture import ecoguide_documents as made
from captureset.capture.ecoguide_documents import Reading
from captureset.capture.ecoguide_known import KnownCaptures
from captureset.capture.importing import require_decoder
from captureset.capture.submit import prepare, submit, submit_feedback
from captureset.errors import RefusedCaptureError, RefusedError
from captureset.formats.sources.ecoguide import EcoguideRecord, EcoguideUploads
from captureset.formats.sources.ecoguide_label import EcoguideLabel
from captureset.records.sidecar import utc
from captureset.store.repository import Repository

FATES = ("imported", "already_in", "revision", "quarantined", "no_image", "vanished")
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one label; `reason` is a stable code, `message` the sentence a person reads."""

    file: str
    file_id: str
    fate: str
    generation: str | None = None
    reason: str | None = None
    message: str | None = None
    review: tuple[str, ...] = ()
    feedback: tuple[str, ...] = ()  # ids of what this run put into the inbox


@dataclass(frozen=True, slots=True)
class EcoguideImport:
    """The fate of every label, by file name, the vanished ones last."""

    fates: tuple[Fate, ...]
    notes: tuple[str, ...]

    def counts(self) -> dict[str, int]:
        """Return how many labels had each fate."""
        return {fate: sum(one.fate == fate for one in self.fates) for fate in FATES}


def import_uploads(
    repository: Repository,
    uploads: EcoguideUploads,
    reading: Reading,
    *,
    dry_run: bool = False,
    progress: Progress = lambda _: None,
) -> EcoguideImport:
    """Put every sound label of an uploads folder into the inbox and return what became of each.

    Raises:
        CapturesetError: the taxonomy lacks the fallback a label needs, or what is committed cannot be read.
    """
    require_decoder()
    for record in uploads.records:
        if isinstance(record.label, EcoguideLabel):
            reading.category(record.label.words)
    run = _Run(repository, reading, dry_run=dry_run)
    fates = []
    for count, record in enumerate(uploads.records, start=1):
        fates.append(run.fate(record))
        progress(count)
    gone = sorted(run.known.ids() - {record.file_id for record in uploads.records})
    return EcoguideImport((*fates, *run.vanished(gone)), uploads.notes)


class _Run:
    """One pass over the labels, against what is already in."""

    def __init__(self, repository: Repository, reading: Reading, *, dry_run: bool) -> None:
        self.repository, self.reading, self.dry_run = repository, reading, dry_run
        self.known = KnownCaptures(repository)
        self.seen: set[str] = set()

    def fate(self, record: EcoguideRecord) -> Fate:
        try:
            return self._taken(record)
        except RefusedError as error:
            return self._refused(record, error)

    def _taken(self, record: EcoguideRecord) -> Fate:
        name, label = record.path.name, record.label
        if isinstance(label, RefusedCaptureError):
            raise label
        if record.file_id in self.seen:
            raise RefusedCaptureError("stands_twice", f"{name} is a second label of {record.file_id}; keep one.")
        self.seen.add(record.file_id)
        sidecar = self.known.sidecar(record.file_id)
        if sidecar is not None:
            return self._again(record, label, sidecar)
        if record.photo is None:
            raise _without_photo(name, label)
        return self._new(record, label, _photo(record))

    def _new(self, record: EcoguideRecord, label: EcoguideLabel, photo: bytes) -> Fate:
        name = f"label {record.path.name}"
        sidecar = made.sidecar(record.file_id, label, self.reading)
        said = made.first_feedback(record.file_id, label, self.reading)
        prepare(photo, sidecar, None, self.reading.taxonomy, name)
        images.pixel_sha256(photo, f"the photo of {name}")
        self._require_sound(said)
        if not self.dry_run:
            submit(self.repository, photo, sidecar)
            self._say(said)
            ecoguide_refused.forget(self.repository, record.file_id)
        return _fate(record, "imported", label, tuple(made.review_reasons(label, self.reading)), said)

    def _again(self, record: EcoguideRecord, label: EcoguideLabel, sidecar: dict[str, Any]) -> Fate:
        """Return the fate of a label whose capture is in: what is new in it is said as feedback."""
        _require_same_photo(record, sidecar)
        first_key = sidecar.get("extra", {}).get("ecoguide", {}).get("content_key")
        if first_key is None:
            return Fate(record.path.name, record.file_id, "already_in", label.generation, "delivered_otherwise")
        number, key = self.known.revision(record.file_id) or (0, first_key)
        changed = key != made.content_key(label)
        said = self._revised(record.file_id, label, number, sidecar) if changed else []
        said += made.note_feedback(record.file_id, label, self.reading)
        if not changed and number == 0:
            said = made.first_feedback(record.file_id, label, self.reading)
        said = self._unsaid(record.file_id, said)
        self._require_sound(said)
        if not self.dry_run:
            self._say(said)
        reasons = tuple(made.review_reasons(label, self.reading)) if said else ()
        return _fate(record, "revision" if said else "already_in", label, reasons, said)

    def _revised(
        self, file_id: str, label: EcoguideLabel, number: int, sidecar: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Return the changed label as feedback that comes right after what the app said before, in its own time."""
        before = str(sidecar["captured_at"])
        for feedback_id in self.known.feedback_ids(file_id):
            if feedback_id.startswith(f"eco-{number:04d}-"):
                before = str(self.known.feedback(file_id, feedback_id)["given_at"])
        given_at = max(before, self.reading.at(label.saved_at), key=utc)
        return [made.revision(file_id, label, self.reading, number + 1, given_at)]

    def vanished(self, ids: list[str]) -> Iterator[Fate]:
        """Give the captures of this source whose label is gone; each gets one note, dated as its photo."""
        for file_id in ids:
            sidecar = self.known.sidecar(file_id) or {}
            source = sidecar.get("source", {})
            if (source.get("kind"), source.get("name")) != ("import", self.reading.source_name):
                continue
            said = self._unsaid(file_id, [made.tombstone(file_id, str(sidecar["captured_at"]))])
            if not self.dry_run:
                self._say(said)
            yield Fate(f"{file_id}.json", file_id, "vanished", feedback=tuple(one["feedback_id"] for one in said))

    def _unsaid(self, file_id: str, said: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [one for one in said if one["feedback_id"] not in self.known.feedback_ids(file_id)]

    def _require_sound(self, said: list[dict[str, Any]]) -> None:
        for one in said:
            documents.require_feedback(one, f"feedback {one['feedback_id']}", self.reading.taxonomy)

    def _say(self, said: list[dict[str, Any]]) -> None:
        for one in said:
            submit_feedback(self.repository, str(one["capture_id"]), one)

    def _refused(self, record: EcoguideRecord, error: RefusedError) -> Fate:
        if not self.dry_run:
            ecoguide_refused.keep(self.repository, record, error)
        generation = record.label.generation if isinstance(record.label, EcoguideLabel) else None
        fate = "no_image" if error.reason == "no_image" else "quarantined"
        return Fate(record.path.name, record.file_id, fate, generation, error.reason, str(error))


def _without_photo(name: str, label: EcoguideLabel) -> RefusedCaptureError:
    if "category_code" in label.oddities:
        return RefusedCaptureError(
            "script_record", f"{name} was written by a script: it has category codes and no image; no user made it."
        )
    return RefusedCaptureError("no_image", f"{name} is not exportable: no image; put its photo into user_images.")


def _photo(record: EcoguideRecord) -> bytes:
    try:
        return record.photo.read_bytes() if record.photo else b""
    except OSError as error:
        raise RefusedCaptureError(
            "unreadable", f"The photo of {record.path.name} cannot be read: {error.strerror}; check its rights."
        ) from None


def _require_same_photo(record: EcoguideRecord, sidecar: dict[str, Any]) -> None:
    """Return when a label's photo is the one that is in, or is gone, which changes nothing."""
    now = hashlib.sha256(_photo(record)).hexdigest()
    before = sidecar["image"]["sha256"]
    if record.photo is not None and now != before:
        raise RefusedCaptureError(
            "conflict",
            f"{record.path.name} has another photo now ({now}) than the one that is in ({before}); "
            "a photo never changes, save it under a new file_id.",
        )


def _fate(
    record: EcoguideRecord, fate: str, label: EcoguideLabel, review: tuple[str, ...], said: list[dict[str, Any]]
) -> Fate:
    ids = tuple(str(one["feedback_id"]) for one in said)
    return Fate(record.path.name, record.file_id, fate, label.generation, None, None, review, ids)
