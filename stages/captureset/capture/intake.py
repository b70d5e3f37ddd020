"""What waits in the inbox, checked strictly against what is already in, becomes objects and rows."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from captureset.capture import documents, inbox, quarantine
from captureset.capture.envelope import unpack
from captureset.capture.stored import captured_files, same_delivery
from captureset.capture.submit import said
from captureset.errors import CapturesetError, RefusedCaptureError, RefusedError
from captureset.formats import jsontext
from captureset.formats.taxonomy import load_taxonomy
from captureset.records.sidecar import utc
from captureset.records.taxonomy import Taxonomy
from captureset.store import erasures, pointers
from captureset.store.objects import ObjectStore
from captureset.store.pointers import StoredFile
from captureset.store.repository import Repository

AT_ONCE = 32  # deliveries in memory

Progress = Callable[[int], None]
Opened = tuple[dict[str, bytes], str]  # files by name, and the time that decides their day


@dataclass(frozen=True, slots=True)
class Refusal:
    """A delivery that went to quarantine, and why."""

    name: str
    reason: str
    message: str


@dataclass(slots=True)
class Batch:
    """What one commit is going to add: per month, the path below its folder and what stands there."""

    months: dict[str, dict[str, StoredFile]] = field(default_factory=lambda: defaultdict(dict))
    done: list[Path] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    captures: int = 0
    feedback: int = 0
    already_in: int = 0


class Intake:
    """Turns waiting files into rows, one by one, against what is already in."""

    def __init__(self, repository: Repository, store: ObjectStore) -> None:
        self.repository, self.store = repository, store
        self.taxonomy: Taxonomy = load_taxonomy(repository.categories)
        self.known = known_files(store, pointers.read(repository.pointers))
        self.erased = erasures.ids(repository)
        self.batch = Batch()

    def take(self, progress: Progress) -> Batch:
        """Return everything that waits, its bytes in the store; what may not come in is in quarantine."""
        found = inbox.waiting(self.repository)
        paths = (*found.captures, *found.feedback)
        with ThreadPoolExecutor() as pool:
            for start in range(0, len(paths), AT_ONCE):
                some = paths[start : start + AT_ONCE]
                for count, (path, opened) in enumerate(zip(some, pool.map(self._opened, some), strict=True), start + 1):
                    self._take_one(path, opened)
                    progress(count)
        return self.batch

    def _opened(self, path: Path) -> Opened | CapturesetError:
        """Return the checked content of a delivery, or why it is refused: the slow part, done many at once."""
        try:
            data = path.read_bytes()
            return self._feedback_files(path, data) if path.suffix == ".json" else self._capture_files(path, data)
        except RefusedError as error:
            return error
        except CapturesetError as error:
            return RefusedCaptureError("not_json", str(error))

    def _take_one(self, path: Path, opened: Opened | CapturesetError) -> None:
        try:
            if isinstance(opened, CapturesetError):
                raise opened
            new, moment = opened
            self._place(path, moment, new)
        except RefusedError as error:
            target = quarantine.take(self.repository, path, error)
            self.batch.refusals.append(Refusal(target.name, error.reason, str(error)))

    def _feedback_files(self, path: Path, data: bytes) -> Opened:
        document = jsontext.parse(data, path.name)
        documents.require_feedback(document, path.name, self.taxonomy)
        expected = f"{document['capture_id']}.feedback.{document['feedback_id']}.json"
        if path.name != expected:
            raise RefusedCaptureError("wrong_name", f"{path.name} holds the feedback {expected}; rename it so.")
        return {path.name: data}, document.get("received_at", document["given_at"])

    def _capture_files(self, path: Path, data: bytes) -> Opened:
        envelope = unpack(data, path.name)
        if path.name != envelope.file_name:
            raise RefusedCaptureError("wrong_name", f"{path.name} holds capture {envelope.capture_id}; rename it so.")
        return captured_files(envelope, path.name, self.taxonomy), str(envelope.sidecar["captured_at"])

    def _place(self, path: Path, moment: str, new: dict[str, bytes]) -> None:
        erasures.require_allowed(pointers.capture_of(path.name)[0], self.erased)
        day = utc(moment).strftime("%Y-%m-%d")
        month, folder = day[:7], day[8:]
        rows = {f"{folder}/{name}": data for name, data in new.items()}
        identity = next(iter(new)) if path.suffix == ".json" else path.stem
        stored = {relpath: StoredFile(self.store.add(d, flush=False), len(d)) for relpath, d in rows.items()}
        here = {f"{month}/{relpath}": file.md5 for relpath, file in stored.items()}
        known = self.known.get(identity)
        if known is not None and known != here and not self._said_before(known, new):
            said_so = f"{path.name} is already committed ({_listed(known)})"
            raise quarantine.conflict(said_so, self._hashes(known), quarantine.hashes(path.read_bytes(), path.name))
        self.batch.done.append(path)
        if known is not None:
            self.batch.already_in += 1
            return
        self.known[identity] = here
        self.batch.months[month].update(stored)
        self.batch.feedback += path.suffix == ".json"
        self.batch.captures += path.suffix != ".json"

    def _hashes(self, known: dict[str, str]) -> dict[str, str]:
        """Return the SHA-256 of what was delivered under an id before."""
        (document,) = (self.store.read(md5) for path, md5 in known.items() if path.endswith(".json"))
        if any(pointers.capture_of(path)[1] == "feedback" for path in known):
            return {"file": hashlib.sha256(document).hexdigest()}
        return quarantine.image_hashes(jsontext.parse(document, "a committed sidecar"))

    def _said_before(self, known: dict[str, str], new: dict[str, bytes]) -> bool:
        """Say whether this is what is committed: a feedback at another time, a capture stored by an older version."""
        name, data = list(new.items())[-1]
        feedback = pointers.capture_of(name)[1] == "feedback"
        committed = [self.store.read(md5) for path, md5 in known.items() if path.endswith(".json")]
        same = (said(old, name) == said(data, name) if feedback else same_delivery(old, data) for old in committed)
        return bool(committed) and all(same)


def known_files(store: ObjectStore, months: Sequence[pointers.Pointer]) -> dict[str, dict[str, str]]:
    """Return what is committed: capture id (or name of a feedback file) to its files, `month/day/name` to md5."""
    known: dict[str, dict[str, str]] = defaultdict(dict)
    for pointer in months:
        for relpath, md5 in pointers.rows(store, pointer).items():
            identity, part = pointers.capture_of(relpath)
            key = relpath.rpartition("/")[2] if part == "feedback" else identity
            known[key][f"{pointer.month}/{relpath}"] = md5
    return dict(known)


def _listed(known: dict[str, str]) -> str:
    return ", ".join(f"{path} {md5}" for path, md5 in sorted(known.items()))
