"""Jobs and their rows as lines of JSON: between processes, between machines, and on disk until the stage ends."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from captureset.pixels.measures import Job, Measured
from captureset.records.rows import MaskRow, MeasurementRow, RegionRow

COLUMNS = {record: [field.name for field in fields(record)] for record in (MeasurementRow, RegionRow, MaskRow)}


def jobs_line(jobs: Iterable[Job]) -> str:
    """Return jobs as one line."""
    return json.dumps([(job.image_md5, job.boxes, job.twins) for job in jobs])


def jobs_from(line: str) -> list[Job]:
    """Return the jobs of a line."""
    return [Job(md5, tuple(map(tuple, boxes)), tuple(twins)) for md5, boxes, twins in json.loads(line)]


def measured_line(measured: Measured) -> str:
    """Return the rows of one photo as one line; every float comes back as it was."""
    return json.dumps([_values(measured.photo), [*map(_values, measured.regions)], [*map(_values, measured.masks)]])


def measured_from(line: str) -> Measured:
    """Return the rows of a line.

    Raises:
        ValueError, TypeError: it is no such line, or one with other columns.
    """
    photo, regions, masks = json.loads(line)
    return Measured(
        MeasurementRow(*photo), tuple(RegionRow(*row) for row in regions), tuple(MaskRow(*row) for row in masks)
    )


def _values(row: Any) -> list[Any]:
    return [getattr(row, name) for name in COLUMNS[type(row)]]


class FinishedShards:
    """Finished work on disk, so that a killed run loses the shards under way at most."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load(self) -> Iterator[Measured]:
        """Give what every whole shard holds; one that a power cut emptied or older code wrote is measured again."""
        for path in sorted(self.folder.glob("*.jsonl")):
            with contextlib.suppress(ValueError, TypeError):
                yield from [measured_from(line) for line in path.read_text(encoding="utf-8").splitlines()]

    def save(self, measured: Sequence[Measured]) -> None:
        """Keep a shard; a reader sees the whole of it or nothing."""
        self.folder.mkdir(parents=True, exist_ok=True)
        text = "".join(measured_line(each) + "\n" for each in measured)
        name = hashlib.sha256(text.encode()).hexdigest()[:32]
        partial = self.folder / f".{name}.partial"
        partial.write_text(text, encoding="utf-8")
        partial.replace(self.folder / f"{name}.jsonl")
