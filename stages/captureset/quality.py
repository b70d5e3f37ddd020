"""How good is it? Scores, grade, flags and recommendations of every capture.

Reads the catalog and the measurements; no photo. Writes data/quality. Thresholds and weights act here, so changing
one never re-reads a pixel; none is relative to the other captures, so growth never flips an old verdict.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from captureset import params, stage
from captureset.duplicates import outputs
from captureset.duplicates.pairs import DuplicateParams, find_duplicates
from captureset.formats import tables
from captureset.judgement.scores import QualityParams, assess
from captureset.records.rows import CaptureRow, MeasurementRow, QualityRow
from captureset.store.objects import ObjectStore

OUT = "data/quality"


def assess_all(
    captures: Iterable[CaptureRow], measured: Iterable[MeasurementRow], settings: QualityParams
) -> list[QualityRow]:
    """Return the quality of every capture, in the catalog's order."""
    by_photo = {row.image_md5: row for row in measured}
    return [assess(capture, by_photo[capture.image_md5], settings) for capture in captures]


def main() -> None:
    """Judge every capture of the catalog, write the table."""
    settings = params.record(QualityParams, "quality")
    captures = tables.read(Path("data/catalog/captures.parquet"), CaptureRow)
    measured = tables.read(Path("data/measure/measurements.parquet"), MeasurementRow)
    rows = assess_all(captures, measured, settings)
    known = outputs.known_neighbours(ObjectStore(Path.cwd()), "quality", OUT)
    found = find_duplicates(captures, measured, known, params.record(DuplicateParams, "quality"))
    with stage.output(Path(OUT)) as folder:
        tables.write(folder / "quality.parquet", QualityRow, rows)
        outputs.write(folder, found)


if __name__ == "__main__":
    stage.run(main, "quality")
