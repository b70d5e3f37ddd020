"""Small datasets in four formats, each with one kind of dirt planted in it, and what must become of it."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import photos
from captureset.formats.sources import coco, csv_boxes, voc, yolo
from captureset.formats.sources.dataset import SourceDataset

WIDTH_PX, HEIGHT_PX = 80, 60
# Three photos: two boxes, one box, none. Every format tells the same.
BOXES: dict[str, list[tuple[str, tuple[float, float, float, float]]]] = {
    "p0.jpg": [("sofa", (8, 6, 40, 30)), ("bed", (0, 0, 20, 15))],
    "p1.jpg": [("sofa", (16, 12, 32, 24))],
    "p2.jpg": [],
}
NAMES = ("sofa", "bed")
MARK = "\ufeff"


@dataclass
class World:
    """One dataset before it is written; a plant changes it. Photos may be named below a folder."""

    photos: dict[str, bytes] = field(default_factory=dict)
    coco: dict[str, Any] = field(default_factory=dict)
    coco_text: Callable[[str], str] = lambda text: text
    yaml: dict[str, Any] = field(default_factory=dict)
    labels: dict[str, str | bytes] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)  # anything else, below the root
    xml: dict[str, str | bytes] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)  # of the CSV


def clean() -> World:
    """Return the dataset without any dirt."""
    world = World(photos={name: photos.jpeg(WIDTH_PX, HEIGHT_PX, seed) for seed, name in enumerate(BOXES)})
    rows = [(name, *one) for name, boxes in BOXES.items() for one in boxes]
    size = {"width": WIDTH_PX, "height": HEIGHT_PX}
    world.coco = {
        "images": [{"id": place, "file_name": name, **size} for place, name in enumerate(BOXES)],
        "annotations": [
            {
                "id": number,
                "image_id": list(BOXES).index(name),
                "category_id": NAMES.index(word),
                "bbox": list(box),
                "area": box[2] * box[3],
                "iscrowd": 0,
            }
            for number, (name, word, box) in enumerate(rows)
        ],
        "categories": [{"id": place, "name": name} for place, name in enumerate(NAMES)],
    }
    world.yaml = {"train": "images", "nc": 2, "names": list(NAMES)}
    for name, boxes in BOXES.items():
        world.labels[name.replace("jpg", "txt")] = "".join(map(yolo_row, boxes))
        world.xml[name.replace("jpg", "xml")] = voc_file(name, "".join(map(voc_object, boxes)))
    world.lines = ["image,x1,y1,x2,y2,category", *(csv_line(*row) for row in rows), "p2.jpg,,,,,"]
    return world


def yolo_row(one: tuple[str, tuple[float, float, float, float]]) -> str:
    """Return one line of a label file."""
    word, (x, y, w, h) = one
    place = ((x + w / 2) / WIDTH_PX, (y + h / 2) / HEIGHT_PX, w / WIDTH_PX, h / HEIGHT_PX)
    return f"{NAMES.index(word)} {' '.join(format(number, '.8f') for number in place)}\n"


def voc_object(one: tuple[str, tuple[float, float, float, float]]) -> str:
    """Return one object of an XML file."""
    word, (x, y, w, h) = one
    corners = f"<xmin>{x}</xmin><ymin>{y}</ymin><xmax>{x + w}</xmax><ymax>{y + h}</ymax>"
    return f"<object><name>{word}</name><bndbox>{corners}</bndbox></object>"


def voc_file(name: str, objects: str) -> str:
    """Return one XML file."""
    size = f"<size><width>{WIDTH_PX}</width><height>{HEIGHT_PX}</height></size>"
    return f"<annotation><filename>{name}</filename>{size}{objects}</annotation>"


def csv_line(name: str, word: str, box: tuple[float, float, float, float]) -> str:
    """Return one line of the CSV file."""
    x, y, w, h = box
    return f"{name},{x},{y},{x + w},{y + h},{word}"


def write(world: World, root: Path) -> None:
    """Write the dataset in all four formats into a folder."""
    for name, data in world.photos.items():
        put(root / "images" / name, data)
    put(root / "coco.json", world.coco_text(json.dumps(world.coco, ensure_ascii=False)))
    if world.yaml:
        put(root / "data.yaml", json.dumps(world.yaml, ensure_ascii=False))
    for name, text in world.labels.items():
        put(root / "labels" / name, text)
    for name, text in world.xml.items():
        put(root / "xml" / name, text)
    for name, text in world.files.items():
        put(root / name, text)
    put(root / "boxes.csv", "\n".join(world.lines) + "\n")


def put(path: Path, data: str | bytes) -> None:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)


def read(kind: str, root: Path) -> SourceDataset:
    """Read the dataset back in one format."""
    images = root / "images"
    readers: dict[str, Callable[[], SourceDataset]] = {
        "coco": lambda: coco.read(root / "coco.json", images),
        "yolo": lambda: yolo.read(root / "data.yaml" if (root / "data.yaml").exists() else root),
        "voc": lambda: voc.read(root / "xml", images),
        "csv": lambda: csv_boxes.read(root / "boxes.csv", images, csv_boxes.parse_columns("")),
    }
    return readers[kind]()


@dataclass(frozen=True)
class Plant:
    """One kind of dirt: how it gets in, and what must be told of it.

    `photos_in` and `boxes_in` are what comes in with --on-dirt leave-out. `first` is where the first box of p0.jpg must
    lie afterwards.
    """

    kind: str
    name: str
    change: Callable[[World], object]
    codes: tuple[str, ...]
    photos_in: int = 3
    boxes_in: int = 3
    first: tuple[float, float, float, float] | None = (8, 6, 40, 30)


def _note(world: World, **changes: Any) -> World:
    world.coco["annotations"][0].update(changes)
    return world


def _drop_note(world: World, key: str) -> None:
    del world.coco["annotations"][0][key]


def _image(world: World, place: int = 0, **changes: Any) -> World:
    world.coco["images"][place].update(changes)
    return world


def _cells(world: World, **changes: str) -> None:
    """Change cells of the first line below the head."""
    head = world.lines[0].split(",")
    cells = dict(zip(head, world.lines[1].split(","), strict=True)) | changes
    world.lines[1] = ",".join(cells.values())


def _xml(world: World, old: str, new: str, name: str = "p0.xml") -> World:
    text = world.xml[name]
    assert isinstance(text, str)
    assert old in text
    world.xml[name] = text.replace(old, new, 1)
    return world


def _row(world: World, row: str) -> World:
    """Put another row in the place of the first of p0's label."""
    text = world.labels["p0.txt"]
    assert isinstance(text, str)
    world.labels["p0.txt"] = row + "\n" + text.split("\n", 1)[1]
    return world


def _yaml_gone(world: World) -> World:
    world.yaml = {}
    return world


def _rename(world: World, old: str, new: str) -> World:
    world.photos[new] = world.photos.pop(old)
    return world


def _flat(world: World) -> None:
    """Let the COCO file name two folders whose photos were copied into one."""
    _image(world, 0, file_name="camA/p0.jpg")
    _image(world, 1, file_name="camB/p0.jpg")


def box_lost(kind: str, name: str, change: Callable[[World], object], *codes: str) -> Plant:
    """Return a plant that refuses the first box of p0: the photo stays out, and its other box with it."""
    told = (*codes, "box_refused", "left_out_with_photo", *(["blank_row"] if kind == "csv" else []))
    return Plant(kind, name, change, told, photos_in=2, boxes_in=1, first=None)


def photo_lost(kind: str, name: str, change: Callable[[World], object], *codes: str) -> Plant:
    """Return a plant that refuses p0 itself: its two boxes stay out with it."""
    unknown = "label_unreadable" in codes  # then nobody can say how many boxes there were
    told = (*codes, *([] if unknown else ["left_out_with_photo"] * 2), *(["blank_row"] if kind == "csv" else []))
    return Plant(kind, name, change, told, photos_in=2, boxes_in=1, first=None)


TURNED = photos.jpeg(HEIGHT_PX, WIDTH_PX, 0, exif_orientation=6)  # 80x60 px upright
LYING = {"width": HEIGHT_PX, "height": WIDTH_PX}

COCO_PLANTS = (
    Plant("coco", "clean", lambda _: None, ()),
    Plant("coco", "edge 0.5 px out", lambda w: _note(w, bbox=[8, 6, 72.5, 30]), ("clipped",), first=(8, 6, 72, 30)),
    Plant("coco", "negative corner", lambda w: _note(w, bbox=[-0.5, 6, 40, 30]), ("clipped",), first=(0, 6, 39.5, 30)),
    box_lost("coco", "far outside", lambda w: _note(w, bbox=[70, 6, 40, 30]), "outside"),
    box_lost("coco", "zero width", lambda w: _note(w, bbox=[8, 6, 0, 30]), "no_area"),
    box_lost("coco", "negative width", lambda w: _note(w, bbox=[48, 6, -40, 30]), "no_area"),
    box_lost("coco", "thin", lambda w: _note(w, bbox=[8, 6, 0.4, 30]), "under_a_pixel"),
    Plant("coco", "number as text", lambda w: _note(w, bbox=["8", 6, "40", 30]), ("number_as_text",)),
    box_lost("coco", "endless number", lambda w: _note(w, bbox=[10**400, 6, 40, 30]), "not_a_number"),
    box_lost("coco", "number beyond the frame", lambda w: _note(w, bbox=[1e308, 6, 1e308, 30]), "outside"),
    photo_lost("coco", "endless size", lambda w: _image(w, 0, width=10**400), "bad_size"),
    box_lost("coco", "word for a number", lambda w: _note(w, bbox=["x", 6, 40, 30]), "not_a_number"),
    box_lost("coco", "NaN in a box", lambda w: _note(w, bbox=[8, 6, float("nan"), 30]), "loose_json", "not_a_number"),
    Plant("coco", "NaN in an area", lambda w: _note(w, area=float("nan")), ("loose_json",)),
    box_lost("coco", "no bbox", lambda w: _drop_note(w, "bbox"), "no_box"),
    box_lost(
        "coco", "mask only", lambda w: _note(w, bbox=[], segmentation={"counts": "0", "size": [60, 80]}), "no_box"
    ),
    Plant("coco", "empty segmentation", lambda w: _note(w, segmentation=[]), ()),
    Plant(
        "coco",
        "polygon only",
        lambda w: _note(w, bbox=None, segmentation=[[8, 6, 48, 6, 48, 36, 8, 36]]),
        ("polygon_enclosed",),
    ),
    box_lost("coco", "crowd", lambda w: _note(w, iscrowd=1), "crowd"),
    box_lost("coco", "angle", lambda w: _note(w, attributes={"rotation": 12.0}), "turned_box"),
    box_lost("coco", "unknown category", lambda w: _note(w, category_id=99), "unknown_category"),
    Plant("coco", "category as text", lambda w: _note(w, category_id="0"), ("id_as_text",)),
    Plant("coco", "image as text", lambda w: _note(w, image_id="0"), ("id_as_text",)),
    Plant("coco", "orphan", lambda w: _note(w, image_id=77), ("orphan",), boxes_in=2, first=(0, 0, 20, 15)),
    Plant("coco", "entry is text", lambda w: w.coco["annotations"].append("x"), ("not_an_object",)),
    Plant("coco", "no id", lambda w: _drop_note(w, "id"), ("no_annotation_id",)),
    Plant("coco", "id twice", lambda w: _note(w, id=1), ("annotation_id_twice",)),
    Plant("coco", "ids with gaps", lambda w: _note(w, id=9000), ()),
    Plant(
        "coco",
        "row twice",
        lambda w: w.coco["annotations"].append({**w.coco["annotations"][0], "id": 9}),
        ("box_twice",),
    ),
    Plant(
        "coco",
        "category twice",
        lambda w: w.coco["categories"].append({"id": 0, "name": "sofa"}),
        ("category_entry_twice",),
    ),
    box_lost(
        "coco",
        "category contradicts",
        lambda w: w.coco["categories"].append({"id": 1, "name": "desk"}),
        "category_id_twice",
        "unknown_category",
    ),
    Plant(
        "coco", "two of one name", lambda w: w.coco["categories"].append({"id": 7, "name": "sofa"}), ("same_category",)
    ),
    Plant(
        "coco", "nameless category", lambda w: w.coco["categories"].append({"id": 7, "name": ""}), ("category_entry",)
    ),
    Plant("coco", "image twice", lambda w: w.coco["images"].append(dict(w.coco["images"][0])), ("photo_entry_twice",)),
    Plant(
        "coco",
        "image id twice",
        lambda w: _image(w, 2, id=0),
        ("image_id_twice", "image_id_twice", "left_out_with_photo", "left_out_with_photo"),
        1,
        1,
        None,
    ),
    Plant(
        "coco",
        "file twice",
        lambda w: _image(w, 2, file_name="./p0.jpg"),
        ("photo_twice", "photo_twice", "left_out_with_photo", "left_out_with_photo"),
        1,
        1,
        None,
    ),
    photo_lost("coco", "no file name", lambda w: _image(w, 0, file_name=None), "image_entry"),
    photo_lost("coco", "half a pixel of size", lambda w: _image(w, 0, width=80.5), "bad_size"),
    Plant("coco", "size as text", lambda w: _image(w, 0, width="80", height="60"), ()),
    Plant("coco", "no size", lambda w: _image(w, 0, width=0, height=0), ()),
    photo_lost("coco", "size of another picture", lambda w: _image(w, 0, width=80, height=80), "other_size"),
    Plant(
        "coco",
        "scaled copy",
        lambda w: (_image(w, 0, width=40, height=30), _note(w, bbox=[4, 3, 20, 15]), w.coco["annotations"].pop(1)),
        ("size_scaled",),
        boxes_in=2,
    ),
    Plant(
        "coco",
        "drawn lying",
        lambda w: (
            w.photos.update({"p0.jpg": TURNED}),
            _image(w, 0, **LYING),
            w.coco["annotations"].pop(1),
            _note(w, bbox=[6, 32, 30, 40]),
        ),
        ("size_turned",),
        boxes_in=2,
    ),
    Plant(
        "coco",
        "turned, no size",
        lambda w: (w.photos.update({"p0.jpg": TURNED}), _image(w, 0, width=0, height=0)),
        ("turn_unknown",),
    ),
    photo_lost("coco", "missing photo", lambda w: w.photos.pop("p0.jpg"), "photo_missing"),
    photo_lost("coco", "no photo in the file", lambda w: w.photos.update({"p0.jpg": b"<html>"}), "photo_unreadable"),
    photo_lost(
        "coco", "cut off photo", lambda w: w.photos.update({"p0.jpg": w.photos["p0.jpg"][:400]}), "photo_unreadable"
    ),
    photo_lost(
        "coco",
        "out of the folder",
        lambda w: (_image(w, 0, file_name="../secret.jpg"), w.files.update({"secret.jpg": "x"})),
        "outside_folder",
    ),
    Plant(
        "coco",
        "backslashes",
        lambda w: (_rename(w, "p0.jpg", "a/p0.jpg"), _image(w, 0, file_name="a\\p0.jpg")),
        ("name_backslashes",),
    ),
    Plant(
        "coco",
        "percent",
        lambda w: (_rename(w, "p0.jpg", "my p0.jpg"), _image(w, 0, file_name="my%20p0.jpg")),
        ("name_percent_encoded",),
    ),
    Plant(
        "coco",
        "NFD",
        lambda w: (_rename(w, "p0.jpg", "소파.jpg"), _image(w, 0, file_name=unicodedata.normalize("NFD", "소파.jpg"))),
        ("name_unicode",),
    ),
    Plant("coco", "upper-case suffix", lambda w: _rename(w, "p0.jpg", "p0.JPG"), ("name_suffix",)),
    Plant("coco", "jpeg for jpg", lambda w: _rename(w, "p0.jpg", "p0.jpeg"), ("name_suffix",)),
    Plant("coco", "no suffix", lambda w: _image(w, 0, file_name="p0"), ("name_suffix",)),
    Plant("coco", "upper-case name", lambda w: _image(w, 0, file_name="P0.jpg"), ("name_case",)),
    Plant("coco", "Windows path", lambda w: _image(w, 0, file_name="C:\\set\\p0.jpg"), ("name_folder",)),
    Plant(
        "coco",
        "flattened folders",
        _flat,
        ("photo_ambiguous", "photo_ambiguous", *["left_out_with_photo"] * 3),
        1,
        0,
        None,
    ),
    Plant("coco", "byte order mark", lambda w: setattr(w, "coco_text", lambda text: MARK + text), ("file_mark",)),
)

YOLO_PLANTS = (
    Plant("yolo", "clean", lambda _: None, ()),
    Plant("yolo", "a percent out", lambda w: _row(w, "0 0.502 0.35 1.0 0.5"), ("clipped",), first=(0.16, 6, 79.84, 30)),
    box_lost("yolo", "pixels for fractions", lambda w: _row(w, "0 28 21 40 30"), "outside"),
    box_lost("yolo", "zero height", lambda w: _row(w, "0 0.35 0.35 0.5 0"), "no_area"),
    box_lost("yolo", "thin", lambda w: _row(w, "0 0.35 0.35 0.005 0.5"), "under_a_pixel"),
    box_lost("yolo", "NaN", lambda w: _row(w, "0 nan 0.35 0.5 0.5"), "not_a_number"),
    Plant("yolo", "decimal commas", lambda w: _row(w, "0 0,35 0,35 0,5 0,5"), ("decimal_comma",)),
    Plant("yolo", "polygon", lambda w: _row(w, "0 0.1 0.1 0.6 0.1 0.6 0.6"), ("polygon_enclosed",)),
    Plant(
        "yolo", "four turned corners", lambda w: _row(w, "0 0.1 0.3 0.35 0.1 0.6 0.3 0.35 0.6"), ("polygon_enclosed",)
    ),
    Plant("yolo", "confidence", lambda w: _row(w, "0 0.35 0.35 0.5 0.5 0.93"), ("confidence_left_out",)),
    Plant(
        "yolo",
        "keypoints",
        lambda w: (w.yaml.update(kpt_shape=[1, 3]), _row(w, "0 0.35 0.35 0.5 0.5 0.1 0.1 2")),
        ("keypoints_left_out",),
    ),
    box_lost("yolo", "eight columns", lambda w: _row(w, "0 0.1 0.1 0.6 0.1 0.6 0.6 0.2"), "columns"),
    box_lost("yolo", "four columns", lambda w: _row(w, "0 0.35 0.35 0.5"), "no_box"),
    Plant("yolo", "class by name", lambda w: _row(w, "sofa 0.35 0.35 0.5 0.5"), ("class_as_name",)),
    Plant("yolo", "class 0.0", lambda w: _row(w, "0.0 0.35 0.35 0.5 0.5"), ()),
    box_lost("yolo", "class beyond", lambda w: _row(w, "2 0.35 0.35 0.5 0.5"), "unknown_category"),
    Plant(
        "yolo",
        "row twice",
        lambda w: w.labels.update({"p0.txt": str(w.labels["p0.txt"]) * 2}),
        ("box_twice", "box_twice"),
    ),
    Plant(
        "yolo",
        "CRLF and blank lines",
        lambda w: w.labels.update({"p0.txt": str(w.labels["p0.txt"]).replace("\n", "\r\n\r\n")}),
        (),
    ),
    Plant(
        "yolo",
        "byte order mark",
        lambda w: w.labels.update({"p0.txt": MARK + str(w.labels["p0.txt"])}),
        ("label_mark",),
    ),
    photo_lost(
        "yolo", "no UTF-8", lambda w: w.labels.update({"p0.txt": b"0 0.5 0.5 0.1 0.1 \xff"}), "label_unreadable"
    ),
    photo_lost("yolo", "label without photo", lambda w: w.photos.pop("p0.jpg"), "label_without_photo"),
    Plant("yolo", "classes.txt among labels", lambda w: w.labels.update({"classes.txt": "sofa\nbed\n"}), ()),
    Plant(
        "yolo",
        "no names, classes.txt",
        lambda w: (w.yaml.pop("names"), w.files.update({"classes.txt": "sofa\nbed\n"})),
        ("names_from_classes",),
    ),
    Plant(
        "yolo",
        "no data.yaml",
        lambda w: (_yaml_gone(w), w.files.update({"classes.txt": "sofa\r\nbed\r\n"})),
        ("names_from_classes",),
    ),
    Plant("yolo", "absolute path", lambda w: w.yaml.update(path="/content/drive/set"), ("path_elsewhere",)),
    Plant("yolo", "nc", lambda w: w.yaml.update(nc=80), ("class_count",)),
    Plant("yolo", "names as dict", lambda w: w.yaml.update(names={"0": "sofa", "1": "bed"}), ()),
    Plant("yolo", "two of one name", lambda w: w.yaml.update(names=["sofa", "bed", "sofa"], nc=3), ("same_category",)),
    Plant("yolo", "list of folders", lambda w: w.yaml.update(train=["images"], val=["images"]), ()),
    Plant("yolo", "missing split", lambda w: w.yaml.update(val="valid/images"), ("split_missing",)),
    Plant(
        "yolo",
        "Windows list",
        lambda w: (
            w.yaml.update(train="train.txt"),
            w.files.update({"train.txt": "".join(f"C:\\set\\{name}\r\n" for name in BOXES)}),
        ),
        ("name_folder",) * 3,
    ),
    Plant(
        "yolo",
        "listed and gone",
        lambda w: (w.yaml.update(val="val.txt"), w.files.update({"val.txt": "images/gone.jpg\n"})),
        ("photo_missing",),
    ),
    photo_lost("yolo", "no photo in the file", lambda w: w.photos.update({"p0.jpg": b"GIF89a"}), "photo_unreadable"),
)

VOC_PLANTS = (
    Plant("voc", "clean", lambda _: None, ()),
    Plant(
        "voc",
        "counted from 1",
        lambda w: _xml(w, "<xmax>48</xmax>", "<xmax>80.8</xmax>"),
        ("clipped",),
        first=(8, 6, 72, 30),
    ),
    Plant(
        "voc",
        "swapped corners",
        lambda w: (_xml(w, "<xmin>8</xmin>", "<xmin>48</xmin>"), _xml(w, "<xmax>48</xmax>", "<xmax>8</xmax>")),
        ("corners_swapped",),
    ),
    Plant("voc", "decimal comma", lambda w: _xml(w, "<xmin>8</xmin>", "<xmin>8,0</xmin>"), ("decimal_comma",)),
    box_lost("voc", "thousands or decimals", lambda w: _xml(w, "<xmin>8</xmin>", "<xmin>8,000</xmin>"), "not_a_number"),
    box_lost("voc", "zero width", lambda w: _xml(w, "<xmax>48</xmax>", "<xmax>8</xmax>"), "no_area"),
    box_lost("voc", "no corner", lambda w: _xml(w, "<xmax>48</xmax>", ""), "no_box"),
    box_lost("voc", "turned", lambda w: _xml(w, "<name>sofa</name>", "<name>sofa</name><robndbox/>"), "turned_box"),
    box_lost("voc", "nameless object", lambda w: _xml(w, "<name>sofa</name>", "<name/>"), "no_category"),
    Plant(
        "voc",
        "object twice",
        lambda w: _xml(w, "</annotation>", voc_object(BOXES["p0.jpg"][0]) + "</annotation>"),
        ("box_twice",),
    ),
    Plant("voc", "no file name", lambda w: _xml(w, "<filename>p0.jpg</filename>", ""), ("named_after_xml",)),
    Plant("voc", "stale file name", lambda w: _xml(w, "p0.jpg", "IMG_7.jpg"), ("named_after_xml",)),
    Plant("voc", "upper-case suffix", lambda w: _rename(w, "p0.jpg", "p0.JPG"), ("name_suffix",)),
    Plant("voc", "folder of another machine", lambda w: _xml(w, "p0.jpg", "/home" + "/me/p0.jpg"), ("name_folder",)),
    photo_lost("voc", "missing photo", lambda w: w.photos.pop("p0.jpg"), "photo_missing"),
    photo_lost(
        "voc",
        "two files about one",
        lambda w: w.xml.update({"q.xml": w.xml["p0.xml"]}),
        "photo_twice",
        "photo_twice",
        "left_out_with_photo",
        "left_out_with_photo",
    ),
    photo_lost("voc", "broken XML", lambda w: w.xml.update({"p0.xml": "<annotation>"}), "label_unreadable"),
    photo_lost(
        "voc", "entity", lambda w: w.xml.update({"p0.xml": "<!DOCTYPE x>" + str(w.xml["p0.xml"])}), "label_unreadable"
    ),
    photo_lost("voc", "endless size", lambda w: _xml(w, "<width>80", "<width>" + "9" * 5000), "bad_size"),
    photo_lost("voc", "wordy size", lambda w: _xml(w, "<width>80", "<width>wide"), "bad_size"),
    photo_lost("voc", "size of another picture", lambda w: _xml(w, "<width>80", "<width>180"), "other_size"),
    Plant("voc", "CRLF and a mark", lambda w: _xml(w, "<annotation>", MARK + "<annotation>\r\n"), ()),
    photo_lost(
        "voc",
        "jpg and png of one name",
        lambda w: (_rename(w, "p0.jpg", "p0.JPG"), w.photos.update({"p0.Jpg": photos.jpeg(WIDTH_PX, HEIGHT_PX, 9)})),
        "photo_ambiguous",
    ),
)

CSV_PLANTS = (
    Plant("csv", "no dirt but a photo without a box", lambda _: None, ("blank_row",)),
    Plant("csv", "edge out", lambda w: _cells(w, x2="80.7"), ("clipped", "blank_row"), first=(8, 6, 72, 30)),
    box_lost("csv", "beyond", lambda w: _cells(w, x2="99"), "outside"),
    Plant(
        "csv",
        "swapped corners",
        lambda w: _cells(w, x1="48", x2="8", y1="36", y2="6"),
        ("corners_swapped", "blank_row"),
    ),
    Plant("csv", "decimal comma", lambda w: _cells(w, x1='"8,0"'), ("decimal_comma", "blank_row")),
    box_lost("csv", "infinity", lambda w: _cells(w, x1="inf"), "not_a_number"),
    box_lost("csv", "empty cell", lambda w: _cells(w, x1=""), "no_box"),
    box_lost("csv", "no category", lambda w: _cells(w, category=""), "no_category"),
    box_lost("csv", "comma in a category", lambda w: _cells(w, category="sofa, red"), "columns"),
    Plant("csv", "row twice", lambda w: w.lines.append(w.lines[1]), ("box_twice", "blank_row")),
    Plant("csv", "no image", lambda w: _cells(w, image=""), ("orphan", "blank_row"), boxes_in=2, first=(0, 0, 20, 15)),
    Plant(
        "csv",
        "semicolons",
        lambda w: w.lines.__setitem__(slice(None), [line.replace(",", ";") for line in w.lines]),
        ("other_delimiter", "blank_row"),
    ),
    Plant(
        "csv",
        "tabs",
        lambda w: w.lines.__setitem__(slice(None), [line.replace(",", "\t") for line in w.lines]),
        ("other_delimiter", "blank_row"),
    ),
    Plant("csv", "byte order mark", lambda w: w.lines.__setitem__(0, MARK + w.lines[0]), ("file_mark", "blank_row")),
    Plant(
        "csv",
        "header in capitals",
        lambda w: w.lines.__setitem__(0, w.lines[0].replace("image", " Image ")),
        ("header_spelling", "blank_row"),
    ),
    Plant(
        "csv",
        "CRLF and blank lines",
        lambda w: w.lines.__setitem__(slice(None), [line + "\r\n" for line in w.lines]),
        ("blank_row",),
    ),
    photo_lost("csv", "missing photo", lambda w: w.photos.pop("p0.jpg"), "photo_missing"),
    Plant(
        "csv",
        "Windows path",
        lambda w: w.lines.__setitem__(slice(1, 3), ["D:\\" + line for line in w.lines[1:3]]),
        ("name_folder", "blank_row"),
    ),
    photo_lost("csv", "no photo in the file", lambda w: w.photos.update({"p0.jpg": b""}), "photo_unreadable"),
)

PLANTS: tuple[Plant, ...] = (*COCO_PLANTS, *YOLO_PLANTS, *VOC_PLANTS, *CSV_PLANTS)
