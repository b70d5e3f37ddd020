"""The stage verify: every export read back, refused on any doubt, nothing passed that did not run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import exported
from captureset import verify
from captureset.errors import CapturesetError
from captureset.formats import jsontext, tables
from captureset.records.rows import AnnotationRow, CaptureRow, SplitRow

ROOT = Path(__file__).resolve().parents[1]
OFF = {"coco_format": "coco", "yolo_format": "yolo", "custom/ecoguide_v1": "custom"}


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what the stage reads: params, taxonomy, tables and the three exports."""
    rows = exported.dataset()
    for name, record, table in (
        ("catalog/captures", CaptureRow, rows.captures),
        ("catalog/annotations", AnnotationRow, rows.annotations),
        ("split/split", SplitRow, rows.splits),
    ):
        path = tmp_path / "data" / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        tables.write(path, record, table)
    exported.write(tmp_path / "data" / "exports", rows)
    shutil.copy(ROOT / "params.yaml", tmp_path)
    shutil.copy(ROOT / "data" / "categories.yaml", tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def switch_off(repository: Path, *names: str) -> None:
    """Leave of an export what a switched-off one is."""
    for name in names:
        folder = repository / "data/exports" / name
        shutil.rmtree(folder)
        folder.mkdir()
        jsontext.write(folder / "manifest.json", {"format": OFF[name], "enabled": False})


def test_our_own_exports_pass_with_every_check(repository: Path) -> None:
    """All three exports pass, the trainer's own loader included, and verify.json says what was proved."""
    verify.main()
    found = json.loads((repository / "data/verify/verify.json").read_text(encoding="utf-8"))
    assert found["verdict"] == "passed"
    assert {row["status"] for row in found["checks"]} == {"passed"}
    names = {row["check"] for row in found["checks"]}
    assert {"coco.oracle", "yolo.loader", "yolo.boxes", "custom.captures", "files.bytes", "files.groups"} <= names
    assert found["counts"]["yolo_format"]["train"] == {"images": 3, "boxes": 4, "without_boxes": 1}
    assert found["counts"]["custom/ecoguide_v1"]["train"]["images"] == 4


def test_a_switched_off_export_is_not_applicable_and_never_passed(repository: Path) -> None:
    """What is not written is listed as not applicable; what is written is checked all the same."""
    switch_off(repository, "yolo_format", "custom/ecoguide_v1")
    verify.main()
    found = json.loads((repository / "data/verify/verify.json").read_text(encoding="utf-8"))
    status = {row["check"]: row["status"] for row in found["checks"]}
    assert (status["yolo.all"], status["custom.all"]) == ("not_applicable", "not_applicable")
    assert status["coco.oracle"] == "passed"


def test_no_export_at_all_is_no_pass(repository: Path) -> None:
    """With every export switched off there is nothing verified, and the stage refuses."""
    switch_off(repository, "coco_format", "yolo_format", "custom/ecoguide_v1")
    with pytest.raises(CapturesetError, match="no export is switched on"):
        verify.main()
    assert not (repository / "data/verify").exists()


def move_a_box(repository: Path) -> str:
    """Move a box of the COCO export by 0.02 px; return what the refusal must say."""
    path = repository / "data/exports/coco_format/train/train.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["annotations"][0]["bbox"][0] += 0.02
    jsontext.write(path, document)
    return r"1 of \d+ checks failed: coco.boxes \(coco_format\): alpha box 0 lies 0.0200 px off"


def drop_an_image(repository: Path) -> str:
    """Lose an image of the COCO export."""
    (repository / "data/exports/coco_format/train/empty.jpg").unlink()
    return r"2 of \d+ checks failed: files.bytes \(coco_format\): train/empty.jpg is missing; coco.images"


def leave_a_cache(repository: Path) -> str:
    """Leave a trainer's cache in the COCO export."""
    (repository / "data/exports/coco_format/labels.cache").touch()
    return r"1 of \d+ checks failed: files.nothing_else .*labels.cache was left by a trainer"


@pytest.mark.parametrize("spoil", [move_a_box, drop_an_image, leave_a_cache])
def test_a_fault_is_refused_in_one_sentence(repository: Path, spoil: Callable[[Path], str]) -> None:
    """The refusal names check, export and capture, nothing is written to data/verify, the whole report is kept."""
    switch_off(repository, "yolo_format")
    said = spoil(repository)
    with pytest.raises(CapturesetError, match=said) as refusal:
        verify.main()
    assert "\n" not in str(refusal.value)
    assert not (repository / "data/verify").exists()
    report = repository / ".dvc/tmp/captureset/verify.json"
    assert str(report.relative_to(repository)) in str(refusal.value)
    assert json.loads(report.read_text(encoding="utf-8"))["verdict"] == "failed"


def test_a_lost_manifest_is_refused(repository: Path) -> None:
    """An export without its manifest cannot be compared with anything."""
    (repository / "data/exports/coco_format/manifest.json").unlink()
    with pytest.raises(CapturesetError, match="manifest.json does not exist"):
        verify.main()


def test_the_truth_comes_from_the_tables(repository: Path) -> None:
    """An export that is whole in itself fails when the tables have moved on: here a capture was masked since."""
    switch_off(repository, "yolo_format")
    rows = exported.dataset()
    masked = [
        SplitRow(r.capture_id, r.group, r.split, r.rule, "x" if r.capture_id == "empty" else r.masked)
        for r in rows.splits
    ]
    tables.write(repository / "data/split/split.parquet", SplitRow, masked)
    with pytest.raises(CapturesetError, match="manifest.json names capture empty, unknown here"):
        verify.main()
