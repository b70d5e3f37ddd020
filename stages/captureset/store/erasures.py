"""Tombstones: captures that are erased and may never come in again. The ledger is data/erasures.csv, in Git.

Rows are only ever added, at the end, so that branches merge by union.
"""

from __future__ import annotations

import csv
from collections.abc import Container
from pathlib import Path

from captureset.errors import CommandFailedError, RefusedCaptureError
from captureset.formats import ledgers
from captureset.records.rows import Erasure
from captureset.store import git
from captureset.store.repository import Repository

LEDGER = "data/erasures.csv"


def read(repository: Repository) -> list[Erasure]:
    """Return the tombstones, the oldest first.

    Raises:
        CapturesetError: the ledger is broken.
    """
    return ledgers.read(repository.erasures, Erasure)


def ids(repository: Repository) -> frozenset[str]:
    """Return the ids of the captures that are erased."""
    return frozenset(row.capture_id for row in read(repository))


def add(repository: Repository, row: Erasure) -> None:
    """Write one more tombstone; the ledger is on disk when this returns."""
    ledgers.write(repository.erasures, Erasure, [*read(repository), row])


def require_allowed(capture_id: str, erased: Container[str]) -> None:
    """Return when a capture, or feedback about it, may come in.

    Raises:
        RefusedCaptureError: `erased`.
    """
    if capture_id in erased:
        raise RefusedCaptureError(
            "erased", f"capture {capture_id} is erased ({LEDGER}); its id never comes in again, leave it out."
        )


def anywhere(root: Path) -> frozenset[str]:
    """Return the ids that have a tombstone on any branch, in any commit; none outside Git.

    A merge driver needs that: while Git merges or rebases, the other side's ledger stands in no known place.
    """
    try:
        added = git.git(root, "log", "--all", "--patch", "--unified=0", "--format=", "--", LEDGER)
    except CommandFailedError:
        return frozenset()
    lines = [line[1:] for line in added.splitlines() if line.startswith("+") and not line.startswith("+++ ")]
    return frozenset(row[0] for row in csv.reader(lines) if row) - {"capture_id"}
