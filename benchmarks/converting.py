"""Converts the torture set with labelformat, supervision and datumaro; runs in the environment of tests/clients.

`python converting.py SET OUT` prints, as JSON, what each tool said where it refused. SET is a COCO folder.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import datumaro
import supervision
from labelformat import formats

COLLIDING = ("camB/0001.jpg", "same.png")  # supervision refuses the set with these in it


def labelformat_yolo(source: Path, out: Path) -> None:
    """COCO to YOLO by labelformat; it writes labels only, the photos go where its data.yaml looks for them."""
    out.mkdir(parents=True)
    read = formats.COCOObjectDetectionInput(source / "annotations.json")
    formats.YOLOv8ObjectDetectionOutput(out / "data.yaml", "train").save(read)
    shutil.copytree(source / "images", out / "images")


def labelformat_coco(source: Path, out: Path) -> None:
    """COCO to COCO by labelformat."""
    out.mkdir(parents=True)
    formats.COCOObjectDetectionOutput(out / "train.json").save(
        formats.COCOObjectDetectionInput(source / "annotations.json")
    )
    shutil.copytree(source / "images", out / "images")


def supervision_yolo(source: Path, out: Path) -> None:
    """COCO to YOLO by supervision."""
    read = supervision.DetectionDataset.from_coco(str(source / "images"), str(source / "annotations.json"))
    read.as_yolo(str(out / "images"), str(out / "labels"), str(out / "data.yaml"))


def supervision_coco(source: Path, out: Path) -> None:
    """COCO to COCO by supervision."""
    read = supervision.DetectionDataset.from_coco(str(source / "images"), str(source / "annotations.json"))
    read.as_coco(str(out / "images"), str(out / "train.json"))


def datumaro_yolo(source: Path, out: Path) -> None:
    """COCO to YOLO by datumaro, which asks for a val split."""
    parts = [("train", 0.7), ("val", 0.3)]
    _datumaro(source, out).transform("random_split", splits=parts, seed=0).export(
        str(out), "yolo_ultralytics", save_media=True
    )


def datumaro_coco(source: Path, out: Path) -> None:
    """COCO to COCO by datumaro."""
    _datumaro(source, out).export(str(out), "coco_instances", save_media=True)


def _datumaro(source: Path, out: Path) -> datumaro.Dataset:
    """Return the set as datumaro reads it: from the places of COCO 2017."""
    linked = out.with_name(f"{out.name}-source")
    for name in ("annotations", "images"):
        (linked / name).mkdir(parents=True)
    (linked / "annotations/instances_train.json").symlink_to(source / "annotations.json")
    (linked / "images/train").symlink_to(source / "images")
    return datumaro.Dataset.import_from(str(linked), "coco_instances")


def without_collisions(source: Path, target: Path) -> Path:
    """Return a copy of the set without the photos whose names collide."""
    shutil.copytree(source, target)
    document = json.loads((target / "annotations.json").read_text(encoding="utf-8"))
    gone = {image["id"] for image in document["images"] if image["file_name"] in COLLIDING}
    document["images"] = [image for image in document["images"] if image["id"] not in gone]
    document["annotations"] = [row for row in document["annotations"] if row["image_id"] not in gone]
    (target / "annotations.json").write_text(json.dumps(document), encoding="utf-8")
    for name in COLLIDING:
        (target / "images" / name).unlink()
    return target


TOOLS: tuple[Callable[[Path, Path], None], ...] = (
    *(labelformat_coco, labelformat_yolo, supervision_coco, supervision_yolo),
    *(datumaro_coco, datumaro_yolo),
)


def main() -> None:
    """Run every conversion; one that refuses is tried again without the photos whose names collide."""
    source, out = (Path(argument).resolve() for argument in sys.argv[1:3])
    tame, said = without_collisions(source, out / "tame"), {}
    for tool in TOOLS:
        try:
            tool(source, out / tool.__name__)
        except Exception as error:  # noqa: BLE001 - what a tool raises is what is asked
            said[tool.__name__] = f"{type(error).__name__}: {error}"
            shutil.rmtree(out / tool.__name__, ignore_errors=True)
            tool(tame, out / tool.__name__)
    sys.stdout.write("\n" + json.dumps(said))


if __name__ == "__main__":
    main()
