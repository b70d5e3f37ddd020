"""Captures divided into splits, as the stage does it, for tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from captureset.records.rows import CaptureRow, FrozenSplit, SplitRow
from captureset.split import categories_shown, frozen_by_capture
from captureset.splits.groups import Tie
from captureset.splits.minimisation import ALGORITHM
from captureset.splits.placing import Dataset, SplitParams, assign
from rows import settings

ours = cache(lambda: settings(SplitParams, "split"))  # checking params.yaml takes longer than dividing
CODES = ("FURN_SOFA", "FURN_BED", "APPL_TV")


def dataset(
    captures: Sequence[CaptureRow],
    ledger: Iterable[FrozenSplit] = (),
    kept: Iterable[str] | None = None,
    near: Sequence[Tie] = (),
    split_set: str = "default",
) -> Dataset:
    """Return what is to be divided; everything is kept unless told."""
    wanted = [row.capture_id for row in captures] if kept is None else kept
    frozen = frozen_by_capture(ledger, split_set)
    return Dataset(captures, frozenset(wanted), categories_shown(captures, []), near, frozen)


def placed(
    captures: Sequence[CaptureRow],
    ledger: Iterable[FrozenSplit] = (),
    kept: Iterable[str] | None = None,
    near: Sequence[Tie] = (),
    **changes: Any,
) -> dict[str, SplitRow]:
    """Return the rows of the split by capture id, under changed settings."""
    own = replace(ours(), **changes)
    return {row.capture_id: row for row in assign(dataset(captures, ledger, kept, near, own.split_set), own)}


def released(rows: dict[str, SplitRow], ledger: Sequence[FrozenSplit], split_set: str = "default") -> list[FrozenSplit]:
    """Return the ledger after a release of these rows: what is exported and not yet frozen is appended."""
    known = {row.capture_id for row in ledger if row.split_set == split_set}
    new = [row for row in rows.values() if row.masked is None and row.capture_id not in known]
    return [*ledger, *(FrozenSplit(r.capture_id, r.group, r.split, r.rule, ALGORITHM, "w@v1", split_set) for r in new)]
