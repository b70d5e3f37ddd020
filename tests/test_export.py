"""The stage export: what is in it, what is not and why, the same bytes every time."""

from __future__ import annotations

import hashlib
import io
import json
import sys
from pathlib import Path

import pytest
from PIL import Image

import exported
from captureset import export
from captureset.errors import CapturesetError
from captureset.export import LAYOUTS, ExportParams, left_out
from captureset.records.splits import SPLITS
from rows import settings

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small dataset in all three formats."""
    return exported.write(tmp_path_factory.mktemp("exports"), exported.dataset())


def files(folder: Path) -> list[str]:
    """Return the files below a folder, by relative path."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_coco_layout(exports: Path) -> None:
    """One folder a split with its JSON beside the images, which are named after the capture."""
    assert files(exports / "coco_format") == [
        "manifest.json",
        *("test/in-test.jpg", "test/test.json"),
        *("train/alpha.png", "train/empty.jpg", "train/train.json", "train/turned.jpg"),
        *("val/in-val.jpg", "val/val.json"),
    ]


def test_yolo_layout(exports: Path) -> None:
    """images/ and labels/ by split, one label file an image, and data.yaml."""
    stems = {"test": ["in-test.jpg"], "train": ["alpha.png", "empty.jpg", "turned.jpg"], "val": ["in-val.jpg"]}
    images = [f"images/{split}/{name}" for split, names in stems.items() for name in names]
    labels = [path.replace("images/", "labels/").rpartition(".")[0] + ".txt" for path in images]
    assert files(exports / "yolo_format") == sorted(["data.yaml", "manifest.json", *images, *labels])
    assert (exports / "yolo_format/labels/train/empty.txt").read_text() == ""


def test_custom_layout_has_the_boxless_capture(exports: Path) -> None:
    """ecoguide_v1 carries what has a category but no box, so classification can train on it."""
    found = files(exports / "custom/ecoguide_v1")
    assert "images/train/boxless.jpg" in found
    assert "ecoguide_v1.json" in found
    assert not any("masked" in name for name in found)


@pytest.mark.parametrize("kind", ["coco_format", "yolo_format"])
def test_what_is_left_out_stands_in_the_manifest(exports: Path, kind: str) -> None:
    """A masked capture and one without a box are listed with their reasons, never silently dropped."""
    manifest = json.loads((exports / kind / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["left_out"] == [
        {"capture_id": "boxless", "reason": "no_box"},
        {"capture_id": "masked", "reason": "bridges_frozen_splits"},
    ]
    assert manifest["left_out_counts"] == {"no_box": 1, "bridges_frozen_splits": 1}
    assert manifest["counts"] == {
        "train": {"images": 3, "boxes": 4, "without_boxes": 1},
        "val": {"images": 1, "boxes": 1, "without_boxes": 0},
        "test": {"images": 1, "boxes": 1, "without_boxes": 0},
    }


def test_the_manifest_names_every_image_with_its_source(exports: Path) -> None:
    """Bytes, source and what was changed are recorded for every image, and they are true."""
    rows = exported.dataset()
    folder = exports / "yolo_format"
    entries = {entry["capture_id"]: entry for entry in json.loads((folder / "manifest.json").read_text())["images"]}
    assert {name: entry["changes"] for name, entry in entries.items()} == {
        "alpha": ["alpha_composited"],
        "empty": [],
        "in-test": [],
        "in-val": [],
        "turned": ["made_upright"],
    }
    for entry in entries.values():
        data = (folder / entry["file"]).read_bytes()
        assert hashlib.md5(data, usedforsecurity=False).hexdigest() == entry["md5"]
        assert (data == rows.photos[entry["source_md5"]]) == (not entry["changes"])


def test_exported_pixels_have_the_catalogs_size(exports: Path) -> None:
    """A turned photo stands upright in the export, as its boxes assume."""
    sizes = {row.capture_id: (row.width_px, row.height_px) for row in exported.dataset().captures}
    for path in (exports / "coco_format").rglob("*.jpg"):
        with Image.open(io.BytesIO(path.read_bytes())) as image:
            assert image.size == sizes[path.stem]


def test_the_same_rows_give_the_same_bytes(exports: Path, tmp_path: Path) -> None:
    """Written again, in another order of rows, every file is the same byte for byte."""
    rows = exported.dataset()
    for table in (rows.captures, rows.quality, rows.splits):
        table.reverse()
    exported.write(tmp_path, rows)
    assert files(tmp_path) == files(exports)
    assert all((tmp_path / name).read_bytes() == (exports / name).read_bytes() for name in files(exports))


def test_empty_splits_are_written_where_readers_look(tmp_path: Path) -> None:
    """A dataset of one capture has three COCO files all the same, two of them empty."""
    rows = exported.dataset()
    rows.splits[:] = [row for row in rows.splits if row.capture_id == "alpha"]
    exported.write(tmp_path, rows)
    counts = [len(json.loads((tmp_path / f"coco_format/{name}/{name}.json").read_text())["images"]) for name in SPLITS]
    assert counts == [1, 0, 0]


def test_left_out_differs_by_format() -> None:
    """Only a detection format has no use for a capture without a box."""
    rows = exported.dataset()
    assert left_out(rows.captures, rows.splits, LAYOUTS["custom"]) == {"masked": "bridges_frozen_splits"}
    assert set(left_out(rows.captures, rows.splits, LAYOUTS["yolo"])) == {"masked", "boxless"}


def test_a_switched_off_export_is_a_folder_that_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With export_yolo false there is a manifest and nothing else, and no table is needed."""
    text = (ROOT / "params.yaml").read_text(encoding="utf-8").replace("export_yolo: true", "export_yolo: false")
    (tmp_path / "params.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["export", "yolo"])
    export.main()
    assert files(tmp_path / "data/exports") == ["yolo_format/manifest.json"]
    manifest = json.loads((tmp_path / "data/exports/yolo_format/manifest.json").read_text())
    assert manifest == {"format": "yolo", "enabled": False}


@pytest.mark.parametrize("argv", [["export"], ["export", "voc"]])
def test_an_unknown_format_is_refused(argv: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Only coco, yolo and custom can be asked for."""
    monkeypatch.setattr(sys, "argv", argv)
    with pytest.raises(CapturesetError, match="choose one of coco, yolo, custom"):
        export.main()


def test_switches_are_per_format() -> None:
    """Each format has its own switch."""
    params = settings(ExportParams, "export", export_coco=False)
    assert [params.wants(kind) for kind in ("coco", "yolo", "custom")] == [False, True, True]
