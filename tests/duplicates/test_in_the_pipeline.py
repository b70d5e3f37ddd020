"""Near-duplicates through the real stages: found at quality, dropped at filter, never divided at split."""

from __future__ import annotations

from pathlib import Path

import pytest

import pipeline
from captureset.duplicates.neighbours import NeighbourRow, find_neighbours
from captureset.duplicates.outputs import known_neighbours
from captureset.formats import jsontext, tables
from captureset.quickstart.scenes import Trait, draw_scenes
from captureset.records.rows import DuplicateRow, FilterRow, SplitRow
from captureset.store.objects import ObjectStore


@pytest.mark.usefixtures("nobody")
def test_a_photo_saved_again_is_found_dropped_and_never_divided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The drawn duplicates are the only near pairs; the worse gives way; what came later is compared with the rest."""
    for name, value in pipeline.NOBODY.items():
        monkeypatch.setenv(name, value)
    root = tmp_path / "repository"
    repository = pipeline.begin(root)
    pipeline.fill(repository, 0, 12)
    pipeline.repro(root, "quality")
    assert len(known_neighbours(ObjectStore(root), "quality", "data/quality")) == len(near_rows(root)) > 0
    pipeline.fill(repository, 12, 10)
    pipeline.change_params(root, filter__require_usable=False, filter__duplicates="keep_all")
    pipeline.repro(root, "split")
    drawn = {(str(s.duplicate_of), s.name) for s in draw_scenes(22) if s.trait is Trait.DUPLICATE}
    pairs = tables.read(root / "data/quality/duplicates.parquet", DuplicateRow)
    assert {(row.one_id, row.other_id) for row in pairs if row.kind == "near"} == drawn != set()
    rows = near_rows(root)
    assert rows == find_neighbours((row.phash for row in rows), [], 48)
    places = {row.capture_id: row for row in tables.read(root / "data/split/split.parquet", SplitRow)}
    assert all(places[one].group == places[other].group for one, other in drawn)
    assert jsontext.read(root / "data/quality/duplicates.json")["pairs"]["near"] == len(drawn)
    pipeline.change_params(root, filter__duplicates="keep_best")
    pipeline.repro(root, "filter")
    dropped = [
        row for row in tables.read(root / "data/filter/filter.parquet", FilterRow) if "near_duplicate" in row.reasons
    ]
    assert len(dropped) == len(drawn)
    assert all(" bits apart), " in row.details[0] for row in dropped)


def near_rows(root: Path) -> list[NeighbourRow]:
    """Return what the last run of quality compared."""
    return tables.read(root / "data/quality/neighbours.parquet", NeighbourRow)
