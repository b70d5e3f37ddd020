"""A file that came back from an annotation tool goes into the inbox as feedback: all of it, or nothing."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from captureset.capture import documents, inbox
from captureset.capture.corrections import Speaker, feedback_documents, standing
from captureset.capture.importing import publish
from captureset.catalog import current
from captureset.formats import jsontext
from captureset.formats.exchange.tasks import Reviewed
from captureset.formats.sources.dataset import refuse
from captureset.formats.taxonomy import load_taxonomy
from captureset.records.sidecar import utc_text
from captureset.store.repository import Repository


@dataclass(frozen=True, slots=True)
class Taken:
    """What a file that came back said about how many captures, and whether anything was written."""

    confirmed: int
    corrected: int  # not counting the emptied
    emptied: int
    already_in: int
    untouched: int
    new: bool


def take(repository: Repository, reviewed: Reviewed, speaker: Speaker, *, dry_run: bool = False) -> Taken:
    """Put what a file says into the inbox as one batch of feedback.

    Raises:
        CapturesetError: something in the file cannot be taken; nothing was written.
    """
    catalog, taxonomy = current(repository.root), load_taxonomy(repository.categories)
    found = feedback_documents(reviewed, standing(catalog), taxonomy, speaker)
    waiting = {path.name for path in inbox.waiting(repository).feedback}
    known = {_file_name(row.capture_id, row.feedback_id) for row in catalog.feedback} | waiting
    fresh = {name: said for said in found if (name := _file_name(said["capture_id"], said["feedback_id"])) not in known}
    _require_nothing_waits(reviewed.name, {said["capture_id"] for said in fresh.values()}, waiting)
    for name, said in fresh.items():
        documents.require_feedback(said, name, taxonomy)
    new = bool(fresh) and not dry_run and _deliver(repository, fresh)
    emptied = sum("empty" in said for said in fresh.values())
    confirmed = sum(said["verdict"] == "confirm" for said in fresh.values())
    corrected = len(fresh) - confirmed - emptied
    return Taken(confirmed, corrected, emptied, len(found) - len(fresh), reviewed.untouched, new)


def _require_nothing_waits(source: str, captures: set[str], waiting: set[str]) -> None:
    """Return when the label that was compared is the whole story: feedback in the inbox may change it."""
    spoken = sorted(captures & {name.partition(".")[0] for name in waiting})
    faults = [f"other feedback on {capture_id} waits in the inbox" for capture_id in spoken]
    refuse(source, faults, "run `captureset commit`, then import the file again")


def _file_name(capture_id: str, identifier: str) -> str:
    return f"{capture_id}.feedback.{identifier}.json"


def _deliver(repository: Repository, fresh: Mapping[str, dict[str, Any]]) -> bool:
    """Write every document into a hidden folder, which appears in the inbox by one rename."""
    batch, received_at = repository.inbox / f".import-{os.getpid()}", utc_text(datetime.now(UTC))
    shutil.rmtree(batch, ignore_errors=True)
    batch.mkdir(parents=True)
    digest = hashlib.sha256()
    try:
        for name, said in sorted(fresh.items()):
            digest.update(jsontext.dump(said).encode())
            (batch / name).write_text(jsontext.dump({"received_at": received_at, **said}), encoding="utf-8")
        return publish(repository, batch, digest.hexdigest())
    finally:
        shutil.rmtree(batch, ignore_errors=True)
