"""The writers of exports, read back by others: pycocotools, PyYAML, our schema."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pycocotools.coco import COCO

from captureset.errors import CapturesetError
from captureset.formats import jsontext, schema
from captureset.formats.exports import classification, coco, ecoguide, tables, yolo, yolo_segment
from captureset.formats.exports.items import ExportItem
from captureset.records.rows import AnnotationRow
from captureset.records.taxonomy import Category, Supercategory, Taxonomy
from exported import TAXONOMY, naming
from rows import annotation, capture, confirmed, placed, quality

HOSTILE = (
    "no",
    "007",
    "1e3",
    "a, b",
    "it's",
    'say "x"',
    "a: b",
    "- c",
    "의자/소파·침대",
    "null",
    "{x}",
    "# y",
    "é",
    "\\n",
)


def hostile_taxonomy() -> Taxonomy:
    """Return a taxonomy whose names are what YAML likes to misread."""
    categories = [
        Category(number, f"MAIN_C{number}", name, f"{name} (en)", "MAIN")
        for number, name in enumerate(HOSTILE, start=1)
    ]
    return Taxonomy((Supercategory("MAIN", "가구", "Furniture"),), tuple(categories))


def item(
    *boxes: AnnotationRow, name: str = "a", split: str = "train", width: int = 1920, height: int = 1080
) -> ExportItem:
    """Return one capture on its way out."""
    return ExportItem(
        capture(name, width_px=width, height_px=height), boxes, quality(name), placed(name, split), f"{name}.jpg"
    )


def row_of(xywh_px: tuple[float, float, float, float], width: int = 1920, height: int = 1080) -> list[str]:
    """Return the cells of the label row of one box."""
    box = annotation("a", xywh_px=xywh_px)
    return yolo.label_row(box, item(box, width=width, height=height), naming()).split()


def check_row(cells: list[str], xywh_px: tuple[float, float, float, float], width: int, height: int) -> None:
    """Assert that a row lies inside [0, 1] in 64 and in 32 bits and is the box within 0.01 px."""
    x, y, w, h = xywh_px
    wanted = (x, y, x + w, y + h)
    for precision in (np.float64, np.float32):
        cx, cy, bw, bh = np.array(cells[1:], dtype=precision)
        corners = (cx - bw / 2, cy - bh / 2, cx + bw / 2, cy + bh / 2)
        assert min(corners) >= 0
        assert max(corners) <= 1
        sides = (width, height, width, height)
        assert all(abs(float(c) * side - edge) <= 0.01 for c, side, edge in zip(corners, sides, wanted, strict=True))


def test_the_row_that_leaves_the_image_when_rounded() -> None:
    """`[1828, 710, 92, 104]` in 1920x1080 ends at 1 exactly and must not be rounded beyond it."""
    check_row(row_of((1828, 710, 92, 104)), (1828, 710, 92, 104), 1920, 1080)


@given(st.data(), st.integers(1, 8000), st.integers(1, 8000))
def test_any_box_stays_inside_and_in_place(data: st.DataObject, width: int, height: int) -> None:
    """Any box inside its image, of any size, at any edge, stays inside in 64 and 32 bits, within 0.01 px."""
    edges = []
    for side in (width, height):
        start = data.draw(st.one_of(st.just(0.0), st.floats(0, side - 0.5)))
        end = data.draw(st.one_of(st.just(float(side)), st.floats(min(start + 0.4, side), side)))
        edges.append((start, end - start))
    (x, w), (y, h) = edges
    check_row(row_of((x, y, w, h), width, height), (x, y, w, h), width, height)


@pytest.mark.parametrize("xywh_px", [(1900, 10, 40, 40), (-5, 10, 40, 40), (2000, 10, 40, 40)])
def test_a_box_outside_its_image_is_refused(xywh_px: tuple[float, float, float, float]) -> None:
    """The writer does not bend a box that lies outside by more than rounding; the catalog would be wrong."""
    with pytest.raises(CapturesetError, match="lies outside it"):
        row_of(xywh_px)


def test_a_row_is_class_and_four_numbers() -> None:
    """The class is the COCO category id less one; the numbers are plain decimals."""
    cells = row_of((480, 270, 960, 540))
    assert cells == [str(TAXONOMY["FURN_SOFA"].id - 1), "0.5000000000", "0.5000000000", "0.5000000000", "0.5000000000"]


def test_an_empty_photo_has_an_empty_label_file() -> None:
    """A verified-empty capture has its label file, without a row."""
    found = yolo.texts([item(name="b", split="val")], naming())
    assert found["labels/val/b.txt"] == ""


@pytest.mark.parametrize("key", ["code", "name", "name_en"])
def test_hostile_names_survive_data_yaml(key: str) -> None:
    """Whatever a category is called, a YAML reader gets that text, under keys 0 to K-1."""
    taxonomy = hostile_taxonomy()
    text = yolo.data_yaml({"train", "val", "test"}, naming(taxonomy, key))
    names = yaml.safe_load(text)["names"]
    assert names == {category.id - 1: getattr(category, key) for category in taxonomy.categories}
    assert all(type(number) is int for number in names)


@pytest.mark.parametrize(
    ("present", "wanted"),
    [
        ({"train"}, {"train": "images/train", "val": "images/train"}),
        ({"train", "val"}, {"train": "images/train", "val": "images/val"}),
        ({"train", "val", "test"}, {"train": "images/train", "val": "images/val", "test": "images/test"}),
        ({"train", "test"}, {"train": "images/train", "val": "images/train", "test": "images/test"}),
    ],
)
def test_data_yaml_names_only_what_is_there(present: set[str], wanted: dict[str, str]) -> None:
    """Folders are relative to the file itself; an empty val borrows train, an empty test is left out."""
    document = yaml.safe_load(yolo.data_yaml(present, naming()))
    assert {key: value for key, value in document.items() if key != "names"} == wanted


def items() -> list[ExportItem]:
    """Return a capture with two boxes in train, one with one in val, and an empty one in train."""
    return [
        item(annotation("a", xywh_px=(1, 2, 3, 4)), annotation("a", "APPL_TV", (10.5, 20.25, 30, 40), position=1)),
        item(annotation("b", xywh_px=(5, 6, 7, 8)), name="b", split="val"),
        item(name="c"),
    ]


def test_pycocotools_reads_what_was_written(tmp_path: Path) -> None:
    """Images, sizes, boxes and categories come back from pycocotools as they went in."""
    for path, text in coco.texts(items(), naming(category_names="name", license_name="CC BY 4.0")).items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        jsontext.write_text(tmp_path / path, text)
    with contextlib.redirect_stdout(io.StringIO()):
        train, val, test = (COCO(str(tmp_path / name / f"{name}.json")) for name in ("train", "val", "test"))
    assert [image["file_name"] for image in train.loadImgs(train.getImgIds())] == ["a.jpg", "c.jpg"]
    rows = train.loadAnns(train.getAnnIds(imgIds=[1]))
    assert [row["bbox"] for row in rows] == [[1, 2, 3, 4], [10.5, 20.25, 30, 40]]
    assert [row["area"] for row in rows] == [12, 1200]
    assert [train.cats[row["category_id"]]["name"] for row in rows] == [
        TAXONOMY["FURN_SOFA"].name,
        TAXONOMY["APPL_TV"].name,
    ]
    assert (train.imgs[1]["width"], train.imgs[1]["height"]) == (1920, 1080)
    assert list(val.anns) == [3]
    assert test.dataset["images"] == []
    assert [row["id"] for row in train.dataset["categories"]] == list(range(1, len(TAXONOMY.categories) + 1))
    assert train.dataset["categories"] == test.dataset["categories"]
    assert train.dataset["info"]["contributor"] == "EcoGuide.v1"
    assert train.dataset["licenses"][0]["name"] == "CC BY 4.0"


@given(numbers=st.tuples(*[st.floats(0, 1e6) | st.integers(0, 10**6)] * 4))
def test_a_box_is_written_as_json_would(numbers: tuple[float, float, float, float]) -> None:
    """The rows are put together as text; every number reads back the same, keys sorted, without a space."""
    text = coco.texts([item(annotation("a", xywh_px=numbers))], naming())["train/train.json"]
    (row,) = json.loads(text)["annotations"]
    assert row["bbox"] == list(numbers)
    assert row["area"] == numbers[2] * numbers[3]
    assert jsontext.dump_line({**row, "bbox": list(map(float, numbers)), "area": float(row["area"])}) in text


def test_a_number_that_is_none_is_no_coco() -> None:
    """JSON has no word for NaN and infinity."""
    for number in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="box 1 of a has a number that is not finite"):
            coco.texts([item(annotation("a", xywh_px=(1.0, 2.0, number, 4.0)))], naming())


def test_coco_names_survive_json() -> None:
    """Hostile and Korean names stand in COCO as they are."""
    again = json.loads(coco.texts([], naming(hostile_taxonomy(), "name"))["train/train.json"])
    assert [row["name"] for row in again["categories"]] == list(HOSTILE)
    assert {row["supercategory"] for row in again["categories"]} == {"가구"}


def test_the_custom_export_satisfies_its_schema() -> None:
    """ecoguide_v1 is legal under its published schema, with boxes, without, and empty."""
    boxless = replace(item(name="d"), capture=confirmed("d", label_kind="category", category="APPL_TV"))
    document = ecoguide.document([*items(), boxless], naming())
    assert schema.problems("custom_export", json.loads(jsontext.dump(document))) == ()


def test_the_custom_export_carries_what_coco_cannot() -> None:
    """Physical size, provenance, review state, the model's own answer and quality are there."""
    row = confirmed("d", width_cm=190.0, rating=4, feedback_count=2, model_category="FURN_BED", model_confidence=0.4)
    (found,) = ecoguide.document([replace(item(name="d"), capture=row)], naming())["captures"]
    assert found["size_cm"] == {"width_cm": 190.0, "height_cm": None, "depth_cm": None}
    assert found["source"] == {"kind": "app", "name": "ecoguide"}
    assert found["label"]["review_state"] == "confirmed"
    assert found["model"] == {"category": "FURN_BED", "confidence": 0.4}
    assert found["feedback"] == {"count": 2, "rating": 4}
    assert found["quality"]["grade"] == "high"


def test_nobody_is_identified() -> None:
    """No key of a session, user or thing reaches any export."""
    row = capture("a", session_key="secret-session", user_key="secret-user", item_key="secret-item")
    only = [replace(items()[1], capture=row, outline=((1.0, 2.0, 3.0, 2.0, 3.0, 4.0),))]
    writers = (coco.texts, ecoguide.texts, yolo.texts, yolo_segment.texts, classification.texts)
    texts = [text for write in writers for text in write(only, naming()).values()]
    assert texts
    assert not any("secret" in text for text in texts)
    assert not any(b"secret" in data for data in tables.files(only, naming()).values())
