"""The stage export: what is in it, what is not and why, the same bytes every time."""

from __future__ import annotations

import hashlib
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image

import exported
from captureset import export
from captureset.errors import CapturesetError
from captureset.exporting import selecting
from captureset.exporting.layouts import LAYOUTS
from captureset.exporting.settings import ExportParams
from captureset.exporting.writing import select
from captureset.formats import tables
from captureset.formats.exports import classification
from captureset.formats.exports import tables as exported_tables
from captureset.formats.exports.items import ExportItem, TrainingCategory
from captureset.records.splits import SPLITS
from rows import annotation, capture, placed, quality, settings

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small dataset in all three formats."""
    return exported.write(tmp_path_factory.mktemp("exports"), exported.dataset()) / "data/exports"


def files(folder: Path) -> list[str]:
    """Return the files below a folder, by relative path."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_coco_layout(exports: Path) -> None:
    """One folder a split with its JSON beside the images, which are named after the capture."""
    assert files(exports / "coco_format") == [
        "manifest.json",
        *("test/in-test.jpg", "test/test.json"),
        *("train/alpha.png", "train/cutout.jpg", "train/empty.jpg", "train/train.json", "train/turned.jpg"),
        *("val/in-val.jpg", "val/val.json"),
    ]


def test_yolo_layout(exports: Path) -> None:
    """images/ and labels/ by split, one label file an image, and data.yaml."""
    stems = {
        "test": ["in-test.jpg"],
        "train": ["alpha.png", "cutout.jpg", "empty.jpg", "turned.jpg"],
        "val": ["in-val.jpg"],
    }
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
        "train": {"images": 4, "boxes": 5, "without_boxes": 1},
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
        "cutout": [],
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
    again = exported.write(tmp_path, rows) / "data/exports"
    assert files(again) == files(exports)
    assert all((again / name).read_bytes() == (exports / name).read_bytes() for name in files(exports))


def test_empty_splits_are_written_where_readers_look(tmp_path: Path) -> None:
    """A dataset of one capture has three COCO files all the same, two of them empty."""
    rows = exported.dataset()
    rows.splits[:] = [row for row in rows.splits if row.capture_id == "alpha"]
    folder = exported.write(tmp_path, rows) / "data/exports"
    counts = [len(json.loads((folder / f"coco_format/{name}/{name}.json").read_text())["images"]) for name in SPLITS]
    assert counts == [1, 0, 0]


def reasons(kind: str, **changes: Any) -> dict[str, str]:
    """Return what a format leaves out of the small dataset."""
    rows, chosen = exported.dataset(), exported.params(**changes)
    return dict(select(rows.tables, kind, chosen, chosen.naming(exported.TAXONOMY), rows.photos.__getitem__).left_out)


def test_left_out_differs_by_format() -> None:
    """Each format says what it has no use for: no box, no outline, no category."""
    masked = {"masked": "bridges_frozen_splits"}
    assert reasons("custom") == reasons("tables") == masked
    assert reasons("coco") == reasons("yolo") == {**masked, "boxless": "no_box"}
    assert reasons("classification") == {**masked, "empty": "no_category"}
    no_outline = dict.fromkeys(("alpha", "in-test", "turned"), "no_outline")
    assert reasons("yolo_segment") == {**masked, **no_outline, "boxless": "no_box"}


def test_backgrounds_are_limited_by_their_ratio() -> None:
    """At a ratio of 0 no empty photo is taken in, at 0.3 of three boxed ones none, at 0.34 one; null takes all."""
    over = {"empty": "background_over_ratio"}
    for ratio, limited in ((0, True), (0.3, True), (0.34, False), (1, False), (None, False)):
        for kind in ("coco", "yolo"):
            assert (over.items() <= reasons(kind, background_ratio=ratio).items()) == limited
    assert "empty" not in reasons("custom", background_ratio=0)


def test_the_same_backgrounds_stay_when_more_come() -> None:
    """Which empty photos are taken is drawn by their ids, so a few more captures hardly change the choice."""
    named = [f"empty-{number}" for number in range(40)]
    items = [item(name, boxed=False) for name in named] + [item(f"box-{n}") for n in range(10)]
    first = set(selecting.left_out(items, LAYOUTS["coco"], exported.naming(), 1.0))
    assert len(first) == 30
    more = [*items, item("empty-late", boxed=False), item("box-late")]
    second = set(selecting.left_out(more, LAYOUTS["coco"], exported.naming(), 1.0)) - {"empty-late"}
    assert len(first - second) <= 1
    assert not second - first


def item(name: str, *, boxed: bool = True) -> ExportItem:
    """Return a capture in train, empty or with a box."""
    boxes = [annotation(name)] if boxed else []
    return ExportItem(capture(name), boxes, quality(name), placed(name), name)


def test_main_categories_can_be_trained_on(tmp_path: Path) -> None:
    """`main` makes the eight main categories of the fifty-two, ids 1 to 8, in every file and in data.yaml."""
    folder = exported.write(tmp_path, exported.dataset(), categories="main") / "data/exports"
    names = [main.code for main in exported.TAXONOMY.supercategories]
    for split in SPLITS:
        document = json.loads((folder / f"coco_format/{split}/{split}.json").read_text(encoding="utf-8"))
        assert [(c["id"], c["name"]) for c in document["categories"]] == list(enumerate(names, start=1))
    found = yaml.safe_load((folder / "yolo_format/data.yaml").read_text(encoding="utf-8"))["names"]
    assert found == dict(enumerate(names))
    assert exported.proof(tmp_path, exported.dataset(), "coco", "custom", categories="main").gate.verdict == "passed"


def test_a_map_joins_categories_and_leaves_out_the_rest(tmp_path: Path) -> None:
    """Codes with one name are one category, numbered as they appear; a capture with any other code is left out."""
    chosen = {"APPL_TV": "screen", "FURN_SOFA": "seat, soft", "FURN_CHAIR": "seat, soft"}
    found = exported.naming(categories=chosen)
    assert [(c.id, c.name, c.supercategory) for c in found.categories] == [
        (1, "screen", "APPL"),
        (2, "seat, soft", "FURN"),
    ]
    assert dict(found.ids) == {"APPL_TV": 1, "FURN_SOFA": 2, "FURN_CHAIR": 2}
    assert reasons("coco", categories=chosen)["alpha"] == "category_not_mapped"  # a sofa and a bed
    assert reasons("custom", categories=chosen) == {"masked": "bridges_frozen_splits"}
    exported.write(tmp_path, exported.dataset(), categories=chosen)
    proof = exported.proof(tmp_path, exported.dataset(), categories=chosen)
    assert proof.gate.verdict == "passed"


def test_a_map_of_an_unknown_code_is_refused() -> None:
    """The sentence names the code and the near one."""
    with pytest.raises(CapturesetError, match="no category 'FURN_SOFAA'; did you mean FURN_SOFA"):
        exported.naming(categories={"FURN_SOFAA": "seat"})


def test_classification_has_every_folder_in_every_split(exports: Path) -> None:
    """A loader that numbers folders gives a class one number in all splits; crops stand in their category's folder."""
    folder = exports / "classification"
    names = [sorted(path.name for path in (folder / split).iterdir()) for split in SPLITS]
    assert names[0] == names[1] == names[2]
    assert len(names[0]) == len(exported.TAXONOMY.categories)
    assert files(folder / "train/002_FURN_SOFA") == ["alpha_0.png", "cutout_0.jpg", "turned_0.jpg", "turned_1.jpg"]
    assert files(folder / "train/014_APPL_TV") == ["boxless.jpg"]
    assert files(folder / "val/002_FURN_SOFA") == [".keep"]
    with Image.open(folder / "train/001_FURN_BED/alpha_1.png") as image:
        assert image.size == (46, 52)  # 50.5 to 96 and 20.25 to 72, cut outwards
    folders = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["folders"]
    assert folders["002_FURN_SOFA"] == {"id": 2, "name": "FURN_SOFA"}


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("의자/책상", "007_의자_책상"),
        ("a: b?", "007_a_b"),
        ("..", "007"),
        ("con", "007_con"),
        ("x" * 300, "007_" + "x" * 60),
    ],
)
def test_category_folders_are_safe_paths(name: str, folder: str) -> None:
    """Whatever a category is called, its folder is one plain path component, kept apart by its number."""
    assert classification.folder_of(TrainingCategory(7, name, "")) == folder


def test_tables_join_what_a_trainer_asks(exports: Path) -> None:
    """images.parquet and annotations.parquet have splits and training categories; photos are named by md5."""
    images = tables.read(exports / "tables/images.parquet", exported_tables.ImageRow)
    boxes = tables.read(exports / "tables/annotations.parquet", exported_tables.BoxRow)
    assert {row.capture_id: row.split for row in images}["in-val"] == "val"
    assert {(row.capture_id, row.training_id, row.training_name) for row in boxes} >= {("in-val", 14, "APPL_TV")}
    assert {row.capture_id: row.label_kind for row in images}["boxless"] == "category"


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
    """Only what has a layout can be asked for."""
    monkeypatch.setattr(sys, "argv", argv)
    with pytest.raises(CapturesetError, match="choose one of coco, yolo, yolo_segment, classification, custom, tables"):
        export.main()


def test_switches_are_per_format() -> None:
    """Each format has its own switch."""
    params = settings(ExportParams, "export", export_coco=False)
    assert [params.wants(kind) for kind in ("coco", "yolo", "custom")] == [False, True, True]
