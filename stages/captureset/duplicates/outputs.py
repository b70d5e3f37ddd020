"""What the stage quality writes about duplicates, and what it remembers of its last run."""

from __future__ import annotations

from pathlib import Path

from captureset.duplicates.neighbours import NeighbourRow
from captureset.duplicates.pairs import Duplicates
from captureset.errors import CapturesetError
from captureset.formats import jsontext, tables
from captureset.records.rows import DuplicateRow
from captureset.store import previous
from captureset.store.objects import ObjectStore

PAIRS, NEIGHBOURS, SUMMARY = "duplicates.parquet", "neighbours.parquet", "duplicates.json"


def write(folder: Path, found: Duplicates) -> None:
    """Write duplicates.parquet, neighbours.parquet (the memo) and duplicates.json (what was not compared)."""
    tables.write(folder / PAIRS, DuplicateRow, found.pairs)
    tables.write(folder / NEIGHBOURS, NeighbourRow, found.neighbours)
    jsontext.write(folder / SUMMARY, found.summary)


def known_neighbours(store: ObjectStore, stage: str, out: str) -> list[NeighbourRow]:
    """Return the hashes that a stage's last run compared, none when its columns have changed or it is not to be had."""
    data = previous.output_file(store, stage, out, NEIGHBOURS)
    try:
        return tables.from_bytes(NeighbourRow, data, NEIGHBOURS) if data is not None else []
    except CapturesetError:
        return []
