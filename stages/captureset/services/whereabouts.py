"""Where a capture is: in the inbox, committed, in quarantine; and what people said about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from captureset.capture import quarantine
from captureset.capture.envelope import SUFFIX
from captureset.errors import CapturesetError
from captureset.formats import jsontext
from captureset.services.judged import sidecar_in
from captureset.store import pointers
from captureset.store.repository import Repository

Document = dict[str, Any]


@dataclass(slots=True)
class Found:
    """What is known of one capture; `states` in the order inbox, committed, quarantined."""

    states: list[str] = field(default_factory=list)
    sidecar: Document | None = None
    paths: dict[str, str] = field(default_factory=dict)
    feedback: list[Document] = field(default_factory=list)
    refusals: list[Document] = field(default_factory=list)


def found(repository: Repository, capture_id: str) -> Found:
    """Return what is known of a capture, nothing when it never arrived.

    Without the extra `pipeline` only the inbox and the quarantine can be looked into.
    """
    result = Found()
    result.feedback += [jsontext.read(path) for path in _below(repository.inbox, f"{capture_id}.feedback.*.json")]
    for envelope in _below(repository.inbox, capture_id + SUFFIX):
        result.sidecar = sidecar_in(envelope)
        if result.sidecar is not None:
            result.states.append("inbox")
            result.paths["inbox"] = envelope.relative_to(repository.root).as_posix()
    if pointers.read(repository.pointers):
        _add_committed(repository, capture_id, result)
    for refused in quarantine.listed(repository):
        if refused.name.partition(".")[0] == capture_id:
            result.refusals.append({"name": refused.name, "reason": refused.reason, "message": refused.message})
    if result.refusals:
        result.states.append("quarantined")
    return result


def _below(folder: Path, pattern: str) -> Iterator[Path]:
    """Give the files of a name, also in the folders of imported batches."""
    yield from sorted(path for path in folder.rglob(pattern) if path.is_file())


def _add_committed(repository: Repository, capture_id: str, result: Found) -> None:
    from captureset.capture.intake import known_files  # noqa: PLC0415 - needs the extra `pipeline`
    from captureset.store.objects import ObjectStore  # noqa: PLC0415

    store = ObjectStore(repository.root)
    known = known_files(store, pointers.read(repository.pointers))
    for path, md5 in known.get(capture_id, {}).items():
        part = pointers.capture_of(path)[1]
        name = {"photo": "original", "twin": "background_removed"}.get(part, part)
        result.paths[name] = f"data/images/{pointers.month_folder(path[:7])}{path[7:]}"
        if part == "sidecar":
            result.sidecar = jsontext.parse(store.read(md5), path)
            result.states.append("committed")
    names = (name for name in known if name.startswith(f"{capture_id}.feedback."))
    result.feedback += [jsontext.parse(store.read(md5), path) for name in names for path, md5 in known[name].items()]


def require_found(repository: Repository, capture_id: str) -> Found:
    """Return what is known of a capture.

    Raises:
        CapturesetError: nobody knows it.
    """
    result = found(repository, capture_id)
    if not result.states:
        raise CapturesetError(f"{capture_id!r} is neither in the inbox nor committed nor in quarantine; check the id.")
    return result
