"""How good is it? Scores, grade, flags and recommendations of every capture; what people made of the model's answers.

Reads the catalog, the taxonomy and the measurements; no photo. Writes data/quality. Thresholds and weights act here,
so changing one never re-reads a pixel; no capture's verdict is relative to other captures, so growth never flips one.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from pathlib import Path
from typing import Any

from captureset import params, stage
from captureset.duplicates import outputs
from captureset.duplicates.pairs import DuplicateParams, find_duplicates
from captureset.errors import CapturesetError
from captureset.formats import tables
from captureset.formats.taxonomy import load_taxonomy
from captureset.judgement import collection, reliability
from captureset.judgement.evidence import Evidence, gather
from captureset.judgement.scores import assess, examine
from captureset.judgement.settings import QualityParams
from captureset.records.answer_rows import AnswerRow, ModelBoxRow
from captureset.records.quality_rows import CalibrationRow, CollectionRow, ConfusionRow, LabelRow, ReliabilityRow
from captureset.records.rows import AnnotationRow, CaptureRow, MaskRow, MeasurementRow, QualityRow, RegionRow
from captureset.store.objects import ObjectStore

OUT = "data/quality"
CATEGORIES = Path("data/categories.yaml")
CATALOG, MEASURE = Path("data/catalog"), Path("data/measure")


def assess_all(everything: Iterable[Evidence], settings: QualityParams, categories: Container[str]) -> list[QualityRow]:
    """Return the quality of every capture, in the catalog's order.

    Raises:
        CapturesetError: a photo was not measured, so nobody knows.
    """
    return [assess(_measured(known), settings, categories) for known in everything]


def _measured(known: Evidence) -> Evidence:
    if known.measured is None:
        raise CapturesetError(
            f"{MEASURE}/measurements.parquet lacks the photo of {known.capture.capture_id}; run `dvc repro measure`."
        )
    return known


def main() -> None:
    """Judge every capture of the catalog and the model's answers, write the tables."""
    settings, taxonomy = params.record(QualityParams, "quality"), load_taxonomy(CATEGORIES)
    captures = tables.read(CATALOG / "captures.parquet", CaptureRow)
    measured = tables.read(MEASURE / "measurements.parquet", MeasurementRow)
    everything = gather(
        captures,
        measured,
        tables.read(CATALOG / "annotations.parquet", AnnotationRow),
        tables.read(MEASURE / "regions.parquet", RegionRow),
        tables.read(MEASURE / "masks.parquet", MaskRow),
        tables.read(CATALOG / "model_boxes.parquet", ModelBoxRow),
    )
    judged = assess_all(everything, settings, taxonomy)
    cases = reliability.cases(everything, tables.read(CATALOG / "answers.parquet", AnswerRow))
    confused = reliability.confusions(cases)
    written: dict[type[Any], tuple[str, list[Any]]] = {
        QualityRow: ("quality.parquet", judged),
        LabelRow: ("labels.parquet", [examine(known, settings) for known in everything]),
        ReliabilityRow: ("reliability.parquet", reliability.reliability(cases)),
        ConfusionRow: ("confusions.parquet", confused),
        CalibrationRow: ("calibration.parquet", reliability.calibration(cases)),
        CollectionRow: ("collection.parquet", collection.gaps(captures, judged, confused, taxonomy, settings)),
    }
    known = outputs.known_neighbours(ObjectStore(Path.cwd()), "quality", OUT)
    alike = find_duplicates(captures, measured, known, params.record(DuplicateParams, "quality"))
    with stage.output(Path(OUT)) as folder:
        for record, (name, rows) in written.items():
            tables.write(folder / name, record, rows)
        outputs.write(folder, alike)


if __name__ == "__main__":
    stage.run(main, "quality")
