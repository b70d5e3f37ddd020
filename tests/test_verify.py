"""The stage verify: every export read back, refused on any doubt, nothing passed that did not run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from captureset import verify
from captureset.errors import CapturesetError
from captureset.exporting.layouts import LAYOUTS
from captureset.formats import jsontext, tables
from captureset.records.rows import SplitRow

SUBJECTS = {layout.folder.removeprefix("data/exports/"): kind for kind, layout in LAYOUTS.items()}


@pytest.fixture
def repository(tortured: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the torture set's repository, built up to its exports, as the current folder."""
    root = Path(shutil.copytree(tortured, tmp_path / "repository", symlinks=True))
    monkeypatch.chdir(root)
    return root


def switch_off(repository: Path, *names: str) -> None:
    """Leave of an export what a switched-off one is."""
    for name in names:
        folder = repository / "data/exports" / name
        shutil.rmtree(folder)
        folder.mkdir()
        jsontext.write(folder / "manifest.json", {"format": SUBJECTS[name], "enabled": False})


def only(repository: Path, *names: str) -> None:
    """Switch off every export but some."""
    switch_off(repository, *(name for name in SUBJECTS if name not in names))


def test_our_own_exports_pass_and_the_report_says_what_was_proved(repository: Path) -> None:
    """verify.json has a row for each of the 31 rules and each export; none is passed that did not apply."""
    only(repository, "coco_format", "yolo_format", "custom/ecoguide_v1")
    verify.main()
    found = json.loads((repository / "data/verify/verify.json").read_text(encoding="utf-8"))
    assert found["verdict"] == "passed"
    assert len(found["checks"]) == 31 * 3
    assert {row["status"] for row in found["checks"]} == {"passed", "not_applicable"}
    passed = {row["rule"] for row in found["checks"] if row["status"] == "passed"}
    assert passed == set(range(1, 31))  # 31 is proved when the pipeline has ended
    assert found["switched_off"] == ["yolo_segment", "classification", "tables"]
    assert found["counts"]["coco_format"] == found["counts"]["yolo_format"]


def test_no_export_at_all_is_no_pass(repository: Path) -> None:
    """With every export switched off there is nothing verified, and the stage refuses."""
    only(repository)
    with pytest.raises(CapturesetError, match="no export is switched on"):
        verify.main()
    assert not (repository / "data/verify").exists()


def move_a_box(repository: Path) -> str:
    """Move a box of the COCO export by 0.02 px; return what the refusal must say."""
    path = repository / "data/exports/coco_format/train/train.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["annotations"][0]["bbox"][0] += 0.02
    jsontext.write(path, document)
    return (
        r"2 of 31 checks failed: rule 14 measured_frames \(coco_format\): train/train.json, annotation \d+: lies 0.0200"
    )


def drop_an_image(repository: Path) -> str:
    """Lose an image of the COCO export."""
    (repository / "data/exports/coco_format/train/t-empty-jpg.jpg").unlink()
    return r"2 of 31 checks failed: rule 7 orphans .*there is no file t-empty-jpg.jpg; .*rule 30 identical"


def leave_a_cache(repository: Path) -> str:
    """Leave a trainer's cache in the COCO export."""
    (repository / "data/exports/coco_format/labels.cache").touch()
    return r"rule 27 caches \(coco_format\): labels.cache: was left by a trainer; remove it and train on a copy"


@pytest.mark.parametrize("spoil", [move_a_box, drop_an_image, leave_a_cache])
def test_a_fault_is_refused_in_one_sentence(repository: Path, spoil: Callable[[Path], str]) -> None:
    """The refusal names rule, export, file and remedy, nothing is written to data/verify, the whole report is kept."""
    only(repository, "coco_format")
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
    only(repository, "coco_format")
    path = repository / "data/split/split.parquet"
    rows = tables.read(path, SplitRow)
    masked = [
        SplitRow(r.capture_id, r.group, r.split, r.rule, "x" if r.capture_id == "t-empty-jpg" else r.masked)
        for r in rows
    ]
    tables.write(path, SplitRow, masked)
    with pytest.raises(CapturesetError, match="t-empty-jpg: is left out as None, x is due"):
        verify.main()
