"""What do the pixels say? Raw numbers of every photo, its boxes and its foreground, read by hash, once for ever.

Reads the catalog and the bytes of photos and background-removed twins. Writes data/measure. Judges nothing and drops
nothing: a photo that cannot be decoded, or kills, hangs or bloats its process, gets rows that say so. What was
measured before is not opened again; a relabel opens its own photo; a killed run resumes after its last shard.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from captureset import params, stage
from captureset.engines import cluster, local
from captureset.engines.answers import FinishedShards
from captureset.engines.crew import Crew, Shard, measure_shard
from captureset.engines.settings import NOT_REMEMBERED, WorkerSettings
from captureset.engines.versions import versions
from captureset.errors import CapturesetError, MissingObjectError
from captureset.formats import tables
from captureset.pixels.measures import METRIC_VERSION, XYWH, Job, Measured
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

AnyRow = MeasurementRow | RegionRow | MaskRow
MeasureShard = Callable[[Shard], list[Measured]]


@dataclass(frozen=True, slots=True)
class MeasureParams:
    """Section `measure` of params.yaml."""

    engine: str
    workers: int
    shard_size: int
    memory_limit_mb: int
    time_limit_s: float


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
    """Rows of earlier work, of this metric version; the result never depends on them.

    Rows that say a photo went over a limit are not among them: that depends on the machine too.
    """

    def __init__(self, rows: Iterable[AnyRow]) -> None:
        lasting = (row for row in rows if row.metric_version == METRIC_VERSION and row.failure not in NOT_REMEMBERED)
        self._rows: dict[Any, Any] = {_key(row): row for row in lasting}

    def find(self, job: Job) -> Measured | None:
        """Return the rows of a job, None when one of them is not known."""
        photo = self._rows.get((job.image_md5,))
        regions = [self._rows.get((job.image_md5, box)) for box in job.boxes]
        masks = [self._rows.get((job.image_md5, twin)) for twin in job.twins]
        return None if None in (photo, *regions, *masks) else Measured(photo, tuple(regions), tuple(masks))  # type: ignore[arg-type]


def _key(row: AnyRow) -> tuple[Any, ...]:
    if isinstance(row, RegionRow):
        return row.image_md5, (row.x_px, row.y_px, row.w_px, row.h_px)
    return (row.image_md5, row.twin_md5) if isinstance(row, MaskRow) else (row.image_md5,)


def rows_of(measured: Iterable[Measured]) -> Iterator[AnyRow]:
    """Give every row of some photos."""
    return chain.from_iterable((each.photo, *each.regions, *each.masks) for each in measured)


def measure_all(
    jobs: Sequence[Job], known: Known, measure_unknown: Callable[[list[Job]], Iterable[Measured]]
) -> list[Measured]:
    """Return the rows of every job, in their order; known ones are taken over.

    Args:
        jobs: one a photo.
        known: rows of earlier runs; the result does not depend on them.
        measure_unknown: opens and measures these photos; its answers may come in any order.
    """
    found = {job.image_md5: known.find(job) for job in jobs}
    unknown = [job for job in jobs if found[job.image_md5] is None]
    found.update((measured.photo.image_md5, measured) for measured in measure_unknown(unknown))
    return [measured for measured in found.values() if measured is not None]


def mending(store: ObjectStore, crew: Crew) -> MeasureShard:
    """Return how this machine measures a shard: what the cache lacks or has damaged comes from the remote first."""
    lock = threading.Lock()

    def measure(shard: Shard) -> list[Measured]:
        addresses = [md5 for job in shard.jobs for md5 in (job.image_md5, *job.twins)]
        with lock:
            store.fetch_missing(addresses)
        try:
            return crew.measure(shard)
        except MissingObjectError:
            with lock:
                for md5 in addresses:
                    store.read(md5)
        return crew.measure(shard)

    return measure


def shards_of(jobs: Sequence[Job], settings: MeasureParams, place: str) -> list[Shard]:
    """Return jobs in shards, whose bytes are read at one place."""
    worker = WorkerSettings((place,), settings.memory_limit_mb, settings.time_limit_s)
    starts = range(0, len(jobs), settings.shard_size)
    return [Shard(tuple(jobs[start : start + settings.shard_size]), worker, versions()) for start in starts]


def by_engine(jobs: Sequence[Job], settings: MeasureParams, store: ObjectStore) -> Iterator[list[Measured]]:
    """Give the rows of each shard as soon as it is done, by the engine of params.yaml."""
    if settings.engine == "dask":
        yield from cluster.results(measure_shard, shards_of(jobs, settings, store.remote_place()), settings.workers)
        return
    with Crew() as crew:
        yield from local.results(mending(store, crew), shards_of(jobs, settings, str(store.cache)), settings.workers)


def previous_rows(store: ObjectStore) -> list[AnyRow]:
    """Return the rows of the last run; of a table whose columns have changed, none."""
    rows: list[AnyRow] = []
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
    shards = FinishedShards(repository.scratch / f"measure-{METRIC_VERSION}")

    def measure_unknown(jobs: list[Job]) -> Iterator[Measured]:
        for measured in by_engine(jobs, settings, store):
            shards.save(measured)
            yield from measured

    known = Known([*previous_rows(store), *rows_of(shards.load())])
    rows = list(rows_of(measure_all(jobs_of(captures, annotations), known, measure_unknown)))
    with stage.output(Path(OUT)) as folder:
        for name, record in TABLES.items():
            tables.write(folder / name, record, [row for row in rows if isinstance(row, record)])
    previous.clear_folder(shards.folder)


if __name__ == "__main__":
    stage.run(main, "measure")
