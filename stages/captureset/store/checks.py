"""data/checks.csv, the Git ledger of quality checks: read, and only ever appended to."""

from __future__ import annotations

from collections.abc import Sequence

from captureset.formats import ledgers
from captureset.records.quality_rows import Check
from captureset.store.repository import Repository

LEDGER = "data/checks.csv"


def read(repository: Repository) -> list[Check]:
    """Return every check ever written, the oldest first.

    Raises:
        CapturesetError: the ledger is broken.
    """
    return ledgers.read(repository.checks, Check)


def history(repository: Repository, capture_id: str) -> list[Check]:
    """Return the checks of one capture, the oldest first; none before its first release or manual check.

    Raises:
        CapturesetError: the ledger is broken.
    """
    return [row for row in read(repository) if row.capture_id == capture_id]


def append(repository: Repository, new: Sequence[Check]) -> int:
    """Append checks and return how many; a row that stands there already, cell by cell, is not written twice."""
    before = read(repository)
    known = set(before)
    fresh = [row for row in new if row not in known]
    if fresh:
        ledgers.write(repository.checks, Check, [*before, *fresh])
    return len(fresh)
