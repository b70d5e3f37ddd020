"""Every client sees the same images and the same boxes in our exports of the torture set, to 0.01 px."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import torture
from captureset.formats import jsontext
from captureset.records.box import Box, Frame
from captureset.records.splits import SPLITS
from captureset.trainer.reader import read_with_trainer
from captureset.trainer.view import trainer_view

Seen = Mapping[str, Mapping[str, list[list[Any]]]]  # split, stem, [category, left, top, right, bottom]
OUTSIDE = (
    "supervision_coco",
    "supervision_yolo",
    "labelformat_coco",
    "labelformat_yolo",
    "datumaro_coco",
    "datumaro_yolo",
)
TOLERANCE_PX = 0.01


@pytest.fixture(scope="module")
def exports(tortured: Path) -> Path:
    """The exports of the torture set."""
    return tortured / "data/exports"


@pytest.fixture(scope="module")
def wanted(exports: Path) -> Seen:
    """What the set holds, split as the manifest says; the boxes come from the set itself, not from an export."""
    boxes = dict(torture.expected())
    found: dict[str, dict[str, list[list[Any]]]] = {split: {} for split in SPLITS}
    for entry in jsontext.read(exports / "coco_format/manifest.json")["images"]:
        stem = entry["file"].rpartition("/")[2].rpartition(".")[0]
        found[entry["split"]][stem] = [
            [name, x, y, x + w, y + h] for name, (x, y, w, h) in boxes.pop(entry["capture_id"])
        ]
    assert boxes == {}
    assert all(found.values())
    return found


def assert_same(seen: Seen, wanted: Seen) -> None:
    """Assert that a client sees every image of every split, every box, names exact, edges to 0.01 px."""
    for split, images in wanted.items():
        assert set(seen[split]) == set(images)
        for stem, boxes in images.items():
            mine, due_boxes = sorted(seen[split][stem]), sorted(boxes)
            assert [box[0] for box in mine] == [box[0] for box in due_boxes], stem
            for found, due in zip(mine, due_boxes, strict=True):
                assert found[1:] == pytest.approx(due[1:], abs=TOLERANCE_PX), stem


@pytest.fixture(scope="module")
def reported(outside: Path, exports: Path) -> Mapping[str, Seen]:
    """What the clients in the environment apart say."""
    command = [str(outside), str(Path(__file__).with_name("outside.py")), str(exports)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: Mapping[str, Seen] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("client", OUTSIDE)
def test_outside_clients(reported: Mapping[str, Seen], wanted: Seen, client: str) -> None:
    """supervision, labelformat and datumaro read COCO and YOLO as they were meant."""
    assert_same(reported[client], wanted)


def corners(bbox: list[float]) -> list[float]:
    """Return left, top, right, bottom of a COCO box."""
    x, y, w, h = bbox
    return [x, y, x + w, y + h]


def test_pycocotools(exports: Path, wanted: Seen) -> None:
    """By pycocotools, every split."""
    from pycocotools.coco import COCO  # noqa: PLC0415 - it prints at import

    seen: dict[str, dict[str, list[list[Any]]]] = {}
    for split in SPLITS:
        with contextlib.redirect_stdout(io.StringIO()):
            coco = COCO(str(exports / f"coco_format/{split}/{split}.json"))
        rows = {image["id"]: coco.loadAnns(coco.getAnnIds(imgIds=[image["id"]])) for image in coco.imgs.values()}
        seen[split] = {
            image["file_name"].rpartition(".")[0]: [
                [coco.cats[row["category_id"]]["name"], *corners(row["bbox"])] for row in rows[image["id"]]
            ]
            for image in coco.imgs.values()
        }
    assert_same(seen, wanted)


def test_torchvision(exports: Path, wanted: Seen) -> None:
    """By torchvision: CocoDetection gives every image with its targets, and the pixels have the declared size."""
    from torchvision.datasets import CocoDetection  # noqa: PLC0415 - seconds that only this test pays

    seen: dict[str, dict[str, list[list[Any]]]] = {}
    for split in SPLITS:
        folder = exports / "coco_format" / split
        with contextlib.redirect_stdout(io.StringIO()):
            dataset = CocoDetection(str(folder), str(folder / f"{split}.json"))
        seen[split] = {}
        for place, number in enumerate(dataset.ids):
            image, targets = dataset[place]
            told = dataset.coco.imgs[number]
            assert image.size == (told["width"], told["height"])
            names = dataset.coco.cats
            boxes = [[names[row["category_id"]]["name"], *corners(row["bbox"])] for row in targets]
            seen[split][told["file_name"].rpartition(".")[0]] = boxes
    assert_same(seen, wanted)


def test_ultralytics(exports: Path, wanted: Seen) -> None:
    """The trainer's own dataset class sees every image, box and background, none corrupt and none rewritten."""
    frames = {
        image["file_name"].rpartition(".")[0]: Frame(image["width"], image["height"])
        for split in SPLITS
        for image in jsontext.read(exports / f"coco_format/{split}/{split}.json")["images"]
    }
    with trainer_view(exports / "yolo_format") as view:
        found = read_with_trainer(view)
    seen = {}
    for split, told in found.items():
        assert (told.corrupt, told.rewritten, told.missing) == (0, 0, 0)
        assert told.backgrounds == sum(not boxes for boxes in wanted[split].values())
        seen[split] = {
            stem: [
                [told.class_names[int(number)], *Box.from_cxcywh_norm(cx, cy, w, h, frames[stem]).xyxy_px]
                for number, cx, cy, w, h in rows.tolist()
            ]
            for stem, rows in told.boxes.items()
        }
    assert_same(seen, wanted)
