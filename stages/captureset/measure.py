"""What do the pixels say? Raw numbers of every photo, its boxes and its foreground, read by hash, once for ever.

Reads the catalog and the bytes of photos and background-removed twins. Writes data/measure. Judges nothing and drops
nothing: a photo that cannot be decoded gets a row that says why. What was measured before is not opened again; a
relabel opens its own photo; a killed run resumes after its last shard.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from captureset import params, stage
from captureset.errors import CapturesetError
from captureset.formats import tables
from captureset.pixels.measures import METRIC_VERSION, XYWH, Job, Measured, measure
from captureset.records.rows import AnnotationRow, CaptureRow, MaskRow, MeasurementRow, RegionRow
from captureset.store import previous
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository

OUT = "data/measure"
TABLES: dict[str, type[Any]] = {
    "measurements.parquet": MeasurementRow,
    "regions.parquet": RegionRow,
    "masks.parquet": MaskRow,
}

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class MeasureParams:
    """Section `measure` of params.yaml."""

    threads: int
    shard_size: int


def jobs_of(captures: Iterable[CaptureRow], annotations: Iterable[AnnotationRow]) -> list[Job]:
    """Return what is to be measured, one job a photo, by address; equal boxes and twins of a photo are one."""
    photo_of: dict[str, str] = {}
    boxes: dict[str, set[XYWH]] = {}
    twins: dict[str, set[str]] = {}
    for capture in captures:
        photo_of[capture.capture_id] = capture.image_md5
        boxes.setdefault(capture.image_md5, set())
        twins.setdefault(capture.image_md5, set()).update(filter(None, [capture.twin_md5]))
    for a in annotations:
        boxes[photo_of[a.capture_id]].add((a.x_px, a.y_px, a.w_px, a.h_px))
    return [Job(md5, tuple(sorted(boxes[md5])), tuple(sorted(twins[md5]))) for md5 in sorted(boxes)]


class Known:
    """Rows of earlier work, of this metric version; the result never depends on them."""

    def __init__(self, rows: Iterable[MeasurementRow | RegionRow | MaskRow]) -> None:
        self._rows = {_key(row): row for row in rows if row.metric_version == METRIC_VERSION}

    def find(self, job: Job) -> Measured | None:
        """Return the rows of a job, None when one of them is not known."""
        md5 = job.image_md5
        keys = ((md5,), *((md5, box) for box in job.boxes), *((md5, twin) for twin in job.twins))
        rows: list[Any] = [self._rows.get(key) for key in keys]
        if None in rows:
            return None
        return Measured(rows[0], tuple(rows[1 : 1 + len(job.boxes)]), tuple(rows[1 + len(job.boxes) :]))


def _key(row: MeasurementRow | RegionRow | MaskRow) -> tuple[Any, ...]:
    if isinstance(row, RegionRow):
        return row.image_md5, (row.x_px, row.y_px, row.w_px, row.h_px)
    return (row.image_md5, row.twin_md5) if isinstance(row, MaskRow) else (row.image_md5,)


def rows_of(measured: Iterable[Measured]) -> Iterable[MeasurementRow | RegionRow | MaskRow]:
    """Give every row of some photos."""
    return chain.from_iterable((each.photo, *each.regions, *each.masks) for each in measured)


def measure_all(
    jobs: Sequence[Job],
    known: Known,
    measure_shard: Callable[[Sequence[Job]], Iterable[Measured]],
    shard_size: int,
) -> list[Measured]:
    """Return the rows of every job, in their order; known ones are taken over.

    Args:
        jobs: one a photo.
        known: rows of earlier runs; the result does not depend on them.
        measure_shard: opens and measures these photos.
        shard_size: photos per call of it.
    """
    found = {job: known.find(job) for job in jobs}
    unknown = [job for job in jobs if found[job] is None]
    for start in range(0, len(unknown), shard_size):
        shard = unknown[start : start + shard_size]
        found.update(zip(shard, measure_shard(shard), strict=True))
    return [measured for measured in found.values() if measured is not None]


class Shards:
    """Finished work on disk, so that a killed run loses one shard at most."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load(self) -> list[MeasurementRow | RegionRow | MaskRow]:
        """Return the rows of every whole shard; one that a power cut emptied or older code wrote is measured again."""
        rows: list[MeasurementRow | RegionRow | MaskRow] = []
        for path in sorted(self.folder.glob("*.json")):
            with contextlib.suppress(ValueError, KeyError, TypeError):
                document = json.loads(path.read_text(encoding="utf-8"))
                rows += [record(**row) for name, record in TABLES.items() for row in document[name]]
        return rows

    def save(self, measured: Sequence[Measured]) -> None:
        """Keep rows; a reader sees the whole shard or none."""
        self.folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps({name: list(map(asdict, rows)) for name, rows in by_table(measured).items()})
        name = hashlib.sha256(text.encode()).hexdigest()[:32]
        partial = self.folder / f".{name}.partial"
        partial.write_text(text, encoding="utf-8")
        partial.replace(self.folder / f"{name}.json")


def by_table(measured: Iterable[Measured]) -> dict[str, list[Any]]:
    """Return rows by the name of their table, in the order of the photos."""
    every = list(rows_of(measured))
    return {name: [row for row in every if isinstance(row, record)] for name, record in TABLES.items()}


def previous_rows(store: ObjectStore) -> list[Any]:
    """Return the rows of the last run; of a table whose columns have changed, none."""
    rows: list[Any] = []
    for name, record in TABLES.items():
        data = previous.output_file(store, "measure", OUT, name)
        with contextlib.suppress(CapturesetError):
            rows += tables.from_bytes(record, data, name) if data is not None else []
    return rows


def main() -> None:
    """Measure what the catalog names and no earlier run measured, write the tables."""
    settings = MeasureParams(**params.load("measure"))
    repository, store = Repository(Path.cwd()), ObjectStore(Path.cwd())
    captures = tables.read(Path("data/catalog/captures.parquet"), CaptureRow)
    annotations = tables.read(Path("data/catalog/annotations.parquet"), AnnotationRow)
    shards = Shards(repository.scratch / f"measure-{METRIC_VERSION}")

    def measure_shard(jobs: Sequence[Job]) -> list[Measured]:
        store.fetch_missing([md5 for job in jobs for md5 in (job.image_md5, *job.twins)])
        with ThreadPoolExecutor(settings.threads or os.cpu_count() or 1) as pool:
            measured = list(pool.map(lambda job: measure(job, store.read), jobs))
        shards.save(measured)
        return measured

    known = Known([*previous_rows(store), *shards.load()])
    measured = measure_all(jobs_of(captures, annotations), known, measure_shard, settings.shard_size)
    with stage.output(Path(OUT)) as folder:
        for name, rows in by_table(measured).items():
            tables.write(folder / name, TABLES[name], rows)
    previous.clear_folder(shards.folder)


if __name__ == "__main__":
    stage.run(main, "measure")
