"""Reads our exports with supervision, labelformat and datumaro and prints what they see as JSON; runs apart.

`python outside.py EXPORTS`: client, split, file stem, then [category name, left, top, right, bottom] of every box.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import datumaro
import supervision
from labelformat import formats

SPLITS = ("train", "val", "test")
Seen = dict[str, list[list[Any]]]


def of_supervision(dataset: Any) -> Seen:
    """Return what a supervision dataset holds."""
    found: Seen = {}
    for path, detections in dataset.annotations.items():
        boxes = zip(detections.class_id, detections.xyxy, strict=True)
        found[Path(path).stem] = [[dataset.classes[number], *map(float, box)] for number, box in boxes]
    return found


def supervision_coco(root: Path, split: str) -> Seen:
    """Return COCO by supervision."""
    folder = root / "coco_format" / split
    return of_supervision(supervision.DetectionDataset.from_coco(str(folder), str(folder / f"{split}.json")))


def supervision_yolo(root: Path, split: str) -> Seen:
    """Return YOLO by supervision."""
    folder = root / "yolo_format"
    places = (folder / "images" / split, folder / "labels" / split, folder / "data.yaml")
    return of_supervision(supervision.DetectionDataset.from_yolo(*map(str, places)))


def of_labelformat(dataset: Any) -> Seen:
    """Return what a labelformat input yields."""
    return {
        Path(label.image.filename).stem: [
            [o.category.name, o.box.xmin, o.box.ymin, o.box.xmax, o.box.ymax] for o in label.objects
        ]
        for label in dataset.get_labels()
    }


def labelformat_coco(root: Path, split: str) -> Seen:
    """Return COCO by labelformat."""
    return of_labelformat(formats.COCOObjectDetectionInput(root / "coco_format" / split / f"{split}.json"))


def labelformat_yolo(root: Path, split: str) -> Seen:
    """Return YOLO by labelformat."""
    return of_labelformat(formats.YOLOv8ObjectDetectionInput(root / "yolo_format/data.yaml", split))


def of_datumaro(dataset: Any, split: str) -> Seen:
    """Return what one subset of a datumaro dataset holds; it has outlines as polygons beside their boxes."""
    names = dataset.categories()[datumaro.AnnotationType.label]
    found: Seen = {}
    for item in dataset:
        if item.subset == split:
            boxes = [a for a in item.annotations if a.type == datumaro.AnnotationType.bbox]
            found[Path(item.id).name] = [[names[a.label].name, *map(float, a.points)] for a in boxes]
    return found


def datumaro_coco(root: Path, split: str) -> Seen:
    """Return COCO by datumaro, which reads only the places of COCO 2017: our files are linked to these."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for name in ("annotations", "images"):
            (folder / name).mkdir()
        (folder / f"annotations/instances_{split}.json").symlink_to(root / "coco_format" / split / f"{split}.json")
        (folder / "images" / split).symlink_to(root / "coco_format" / split)
        return of_datumaro(datumaro.Dataset.import_from(made, "coco_instances"), split)


def datumaro_yolo(root: Path, split: str) -> Seen:
    """Return YOLO by datumaro."""
    return of_datumaro(datumaro.Dataset.import_from(str(root / "yolo_format"), "yolo"), split)


CLIENTS: dict[str, Callable[[Path, str], Seen]] = {
    client.__name__: client
    for client in (
        *(supervision_coco, supervision_yolo, labelformat_coco, labelformat_yolo),
        *(datumaro_coco, datumaro_yolo),
    )
}


def seen(root: Path) -> Iterator[tuple[str, dict[str, Seen]]]:
    """Give what every client sees in every split."""
    for name, client in CLIENTS.items():
        yield name, {split: client(root, split) for split in SPLITS}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(dict(seen(Path(sys.argv[1]).resolve()))))
