"""Captures a person sets aside: kept, never used, reversible. The ledger is data/exclusions.csv, in Git."""

from __future__ import annotations

from collections.abc import Container

from captureset.errors import CapturesetError
from captureset.formats import ledgers
from captureset.records.rows import Exclusion
from captureset.store.repository import Repository


def read(repository: Repository) -> list[Exclusion]:
    """Return the captures set aside, by id.

    Raises:
        CapturesetError: the ledger is broken.
    """
    return ledgers.read(repository.exclusions, Exclusion)


def exclude(repository: Repository, capture_id: str, reason: str, known: Container[str] | None = None) -> None:
    """Set a capture aside from the next `dvc repro` on.

    Args:
        repository: whose ledger takes it.
        capture_id: the capture.
        reason: why, in words.
        known: ids that are committed; None skips that check.

    Raises:
        CapturesetError: the reason is empty, nobody knows the capture, or it is set aside already.
    """
    if known is not None and capture_id not in known:
        raise CapturesetError(f"capture {capture_id!r} is not committed here; `captureset commit` comes first.")
    if not reason.strip():
        raise CapturesetError(f"capture {capture_id} needs a reason to be set aside; give one with --reason.")
    rows = read(repository)
    if any(row.capture_id == capture_id for row in rows):
        raise CapturesetError(f"capture {capture_id} is set aside already; take it back with --undo.")
    _write(repository, [*rows, Exclusion(capture_id, " ".join(reason.split()))])


def include(repository: Repository, capture_id: str) -> None:
    """Take a capture back in.

    Raises:
        CapturesetError: it was not set aside.
    """
    rows = read(repository)
    left = [row for row in rows if row.capture_id != capture_id]
    if len(left) == len(rows):
        raise CapturesetError(f"capture {capture_id} is not in {repository.exclusions.name}; nothing to take back.")
    _write(repository, left)


def _write(repository: Repository, rows: list[Exclusion]) -> None:
    ledgers.write(repository.exclusions, Exclusion, sorted(rows, key=lambda row: row.capture_id))
