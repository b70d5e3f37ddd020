"""What do the pixels say? Raw numbers of every photo, read by hash, once per photo for ever.

Reads the catalog and the photos' bytes. Writes data/measure. Judges nothing and drops nothing: a photo that cannot
be decoded gets a row that says why. A photo measured before is not opened; a killed run resumes after its last shard.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from captureset import params, stage
from captureset.errors import CapturesetError
from captureset.formats import tables
from captureset.pixels import measures
from captureset.pixels.measures import METRIC_VERSION
from captureset.records.rows import CaptureRow, MeasurementRow
from captureset.store import previous
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository

OUT = "data/measure"
TABLE = "measurements.parquet"


@dataclass(frozen=True, slots=True)
class MeasureParams:
    """Section `measure` of params.yaml."""

    threads: int
    shard_size: int


def measure_photo(image_md5: str, data: bytes) -> MeasurementRow:
    """Return the row of one photo; a photo that cannot be decoded has no numbers and a reason."""
    try:
        numbers = measures.measure(measures.gray_picture(data))
    except measures.UNREADABLE as error:
        nothing = dict.fromkeys(list(MeasurementRow.__dataclass_fields__)[4:-1])
        return MeasurementRow(image_md5, METRIC_VERSION, 0, 0, **nothing, failure=measures.failure_of(error))
    return MeasurementRow(image_md5, METRIC_VERSION, **asdict(numbers), failure=None)


def measure_all(
    wanted: Iterable[str],
    known: Iterable[MeasurementRow],
    measure_shard: Callable[[Sequence[str]], Iterable[MeasurementRow]],
    shard_size: int,
) -> list[MeasurementRow]:
    """Return one row per photo, by address; rows in `known` of this metric version are taken over.

    Args:
        wanted: addresses of the photos.
        known: rows of earlier runs; the result does not depend on them.
        measure_shard: opens and measures these photos.
        shard_size: photos per call of it.
    """
    rows = {row.image_md5: row for row in known if row.metric_version == METRIC_VERSION}
    everything = sorted(set(wanted))
    unknown = [md5 for md5 in everything if md5 not in rows]
    for start in range(0, len(unknown), shard_size):
        rows.update((row.image_md5, row) for row in measure_shard(unknown[start : start + shard_size]))
    return [rows[md5] for md5 in everything]


class Shards:
    """Finished work on disk, so that a killed run loses one shard at most."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load(self) -> list[MeasurementRow]:
        """Return the rows of every whole shard; one that a power cut emptied or older code wrote is measured again."""
        rows: list[MeasurementRow] = []
        for path in sorted(self.folder.glob("*.parquet")):
            with contextlib.suppress(CapturesetError):
                rows += tables.read(path, MeasurementRow)
        return rows

    def save(self, rows: Sequence[MeasurementRow]) -> None:
        """Keep rows; a reader sees the whole shard or none."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256("".join(row.image_md5 for row in rows).encode()).hexdigest()[:32]
        partial = self.folder / f".{name}.partial"
        tables.write(partial, MeasurementRow, rows)
        partial.replace(self.folder / f"{name}.parquet")


def previous_rows(store: ObjectStore) -> list[MeasurementRow]:
    """Return the rows of the last run, none when its columns have changed."""
    data = previous.output_file(store, "measure", OUT, TABLE)
    try:
        return tables.from_bytes(MeasurementRow, data, TABLE) if data is not None else []
    except CapturesetError:
        return []


def main() -> None:
    """Measure the photos of the catalog that no earlier run measured, write the table."""
    settings = MeasureParams(**params.load("measure"))
    repository, store = Repository(Path.cwd()), ObjectStore(Path.cwd())
    captures = tables.read(Path("data/catalog/captures.parquet"), CaptureRow)
    shards = Shards(repository.scratch / f"measure-{METRIC_VERSION}")

    def measure_shard(addresses: Sequence[str]) -> list[MeasurementRow]:
        store.fetch_missing(addresses)
        with ThreadPoolExecutor(settings.threads or os.cpu_count() or 1) as pool:
            rows = list(pool.map(lambda md5: measure_photo(md5, store.read(md5)), addresses))
        shards.save(rows)
        return rows

    known = [*previous_rows(store), *shards.load()]
    rows = measure_all((c.image_md5 for c in captures), known, measure_shard, settings.shard_size)
    with stage.output(Path(OUT)) as folder:
        tables.write(folder / TABLE, MeasurementRow, rows)
    previous.clear_folder(shards.folder)


if __name__ == "__main__":
    stage.run(main, "measure")
