"""The stage quality: its tables, and that no capture's verdict depends on another capture."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from captureset import quality
from captureset.errors import CapturesetError
from captureset.formats import tables
from captureset.judgement.evidence import gather
from captureset.judgement.settings import QualityParams
from captureset.quality import assess_all
from captureset.records.answer_rows import AnswerRow, ModelBoxRow
from captureset.records.quality_rows import CalibrationRow, CollectionRow, ConfusionRow, LabelRow, ReliabilityRow
from captureset.records.rows import AnnotationRow, CaptureRow, MaskRow, MeasurementRow, QualityRow, RegionRow
from rows import PARAMS, annotation, answer, capture, confirmed, mask, measurement, model_box, region, settings

OURS = settings(QualityParams, "quality")
WRITTEN: dict[str, type[Any]] = {
    "quality.parquet": QualityRow,
    "labels.parquet": LabelRow,
    "reliability.parquet": ReliabilityRow,
    "confusions.parquet": ConfusionRow,
    "calibration.parquet": CalibrationRow,
    "collection.parquet": CollectionRow,
}


def test_other_captures_never_change_a_verdict() -> None:
    """The same capture has the same row alone and among others, in the catalog's order."""
    captures = [capture(name) for name in ("b", "a", "c")]
    photos = [measurement(each.image_md5, sharpness_p99=place * 50.0) for place, each in enumerate(captures)]
    together = assess_all(gather(captures, photos), OURS, {"FURN_SOFA"})
    assert [row.capture_id for row in together] == ["b", "a", "c"]
    alone = [assess_all(gather([each], photos), OURS, {"FURN_SOFA"}) for each in captures]
    assert together == [row for rows in alone for row in rows]


def test_a_photo_that_was_not_measured_is_refused() -> None:
    """Nobody knows how good it is, so it is not called good."""
    with pytest.raises(CapturesetError, match=r"lacks the photo of a; run `dvc repro measure`"):
        assess_all(gather([capture("a")], []), OURS, {"FURN_SOFA"})


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what catalog and measure wrote: a sofa that fits its twin, and one whose box was corrected."""
    (tmp_path / "data").mkdir()
    for name in ("params.yaml", "data/categories.yaml"):
        (tmp_path / name).write_bytes((PARAMS.parent / name).read_bytes())
    one, two = confirmed("a", twin_md5="1" * 32), confirmed("b", review_state="corrected")
    written: dict[str, tuple[type[Any], list[Any]]] = {
        "catalog/captures": (CaptureRow, [one, two]),
        "catalog/annotations": (AnnotationRow, [annotation("a"), annotation("b", xywh_px=(10, 20, 30, 80))]),
        "catalog/answers": (AnswerRow, [answer("a"), answer("b")]),
        "catalog/model_boxes": (ModelBoxRow, [model_box("a"), model_box("b")]),
        "measure/measurements": (MeasurementRow, [measurement(one.image_md5), measurement(two.image_md5)]),
        "measure/regions": (RegionRow, [region(one.image_md5)]),
        "measure/masks": (MaskRow, [mask(one.image_md5, foreground_fraction=0.3)]),
    }
    for name, (record, rows) in written.items():
        path = tmp_path / "data" / f"{name}.parquet"
        path.parent.mkdir(exist_ok=True)
        tables.write(path, record, rows)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_stage_writes_its_tables(built: Path) -> None:
    """Six tables, the same bytes a second time."""
    runs = []
    for _ in range(2):
        quality.main()
        runs.append({path.name: path.read_bytes() for path in (built / quality.OUT).iterdir()})
    assert set(runs[0]) >= set(WRITTEN)
    assert runs[0] == runs[1]
    found = {name: tables.from_bytes(record, runs[0][name], name) for name, record in WRITTEN.items()}
    assert [row.label_score for row in found["quality.parquet"]] == [1.0, None]
    assert [row.mask_iou for row in found["labels.parquet"]] == [1.0, None]
    whole = found["reliability.parquet"][0]
    assert (whole.judged, whole.accepted, whole.mean_box_iou) == (2, 1, 0.5)


def test_judgement_needs_no_tables() -> None:
    """The app's services score without numpy, pandas and pyarrow: none of them is even imported."""
    folder = Path(quality.__file__).parent / "judgement"
    modules = ", ".join(f"captureset.judgement.{path.stem}" for path in sorted(folder.glob("*.py")))
    program = f"import sys, {modules}; print(*sorted({{'numpy', 'pandas', 'pyarrow', 'dvc'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr
