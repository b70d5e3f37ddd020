"""Checks on a YOLO export, read back with the trainer's own loader."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from captureset.errors import CapturesetError
from captureset.formats.schema import read_yaml
from captureset.records.box import Box
from captureset.records.splits import SPLITS
from captureset.trainer.reader import TrainerSplit, read_with_trainer
from captureset.trainer.view import trainer_view
from captureset.verification.gate import Gate
from captureset.verification.truth import ExpectedCapture, Truth, box_faults, id_faults, name_faults

SUBJECT = "yolo_format"
ROW = re.compile(r"(\d+) ([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+)", re.ASCII)


def check_yolo(gate: Gate, root: Path, truth: Truth) -> None:
    """Check a YOLO export against the truth."""
    gate.check("yolo.data_yaml", SUBJECT, "data.yaml opens from anywhere and names every class", _yaml(root, truth))
    gate.check(
        "yolo.rows", SUBJECT, "five columns a row, corners inside [0, 1], no row twice", _row_faults(root, truth)
    )
    gate.check(
        "yolo.label_files", SUBJECT, "every image has its label file and no other is there", _labels(root, truth)
    )
    if not truth.captures:
        gate.not_applicable("yolo.loader", SUBJECT, "there is no image to load")
        return
    try:
        with trainer_view(root) as view:
            found = read_with_trainer(view)
    except CapturesetError as error:
        gate.check("yolo.loader", SUBJECT, "the trainer's own loader reads it", [str(error)])
        return
    gate.check(
        "yolo.loader", SUBJECT, "the trainer's loader saw every image, label and background", _counts(found, truth)
    )
    gate.check("yolo.boxes", SUBJECT, "every box the trainer sees is the catalog's", _boxes(found, truth))


def _yaml(root: Path, truth: Truth) -> Iterator[str]:
    try:
        document = read_yaml(root / "data.yaml")
    except CapturesetError as error:
        yield str(error)
        return
    if not isinstance(document, dict):
        yield "data.yaml holds no mapping; run `dvc repro --force`"
        return
    yield from (f"data.yaml has the key {key!r}; remove it" for key in ("path", "download") if key in document)
    if any(str(document[key]).startswith("/") for key in SPLITS if key in document):
        yield "data.yaml names an absolute place; only folders beside it are found on another machine"
    names = document.get("names")
    if not isinstance(names, dict) or list(names) != list(range(len(truth.taxonomy.categories))):
        yield f"data.yaml does not name the classes 0 to {len(truth.taxonomy.categories) - 1}"
    else:
        yield from name_faults(list(names.values()), truth.taxonomy, "data.yaml")
    for name in SPLITS:
        if truth.of_split(name) and document.get(name) != f"images/{name}":
            yield f"data.yaml does not lead to images/{name}"


def _row_faults(root: Path, truth: Truth) -> Iterator[str]:
    classes = len(truth.taxonomy.categories)
    for path in sorted((root / "labels").rglob("*.txt")):
        name = path.relative_to(root).as_posix()
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        if len(set(lines)) != len(lines):
            yield f"{name} has a row twice"
        for number, line in enumerate(lines, start=1):
            row = ROW.fullmatch(line)
            if row is None or int(row[1]) >= classes:
                yield f"{name} line {number} is no `class cx cy w h` with a class below {classes}: {line!r}"
                continue
            cx, cy, w, h = map(float, row.groups()[1:])
            if min(cx - w / 2, cy - h / 2) < 0 or max(cx + w / 2, cy + h / 2) > 1:
                yield f"{name} line {number} reaches outside [0, 1]: {line!r}"


def _labels(root: Path, truth: Truth) -> Iterator[str]:
    for name in SPLITS:
        stems = {path.stem for path in (root / "labels" / name).glob("*.txt")}
        yield from id_faults(stems, {capture.capture_id for capture in truth.of_split(name)}, f"labels/{name}")


def _counts(found: Mapping[str, TrainerSplit], truth: Truth) -> Iterator[str]:
    for name in SPLITS:
        wanted = truth.of_split(name)
        seen = found.get(name)
        if seen is None or seen.folder != f"images/{name}":
            if wanted:
                yield f"the trainer does not see {name}, which has {len(wanted)} images"
            continue
        boxes = sum(len(capture.boxes) for capture in wanted)
        backgrounds = sum(not capture.boxes for capture in wanted)
        pairs = (
            ("images", seen.images_found, len(wanted)),
            ("boxes", seen.labels_found, boxes),
            ("backgrounds", seen.backgrounds, backgrounds),
            ("missing labels", seen.missing, 0),
            ("corrupt images", seen.corrupt, 0),
            ("rewritten files", seen.rewritten, 0),
        )
        for what, number, due in pairs:
            if number != due:
                yield f"the trainer finds {number} {what} in {name}, {due} are due ({'; '.join(seen.notes)})"


def _boxes(found: Mapping[str, TrainerSplit], truth: Truth) -> Iterator[str]:
    for name, seen in found.items():
        if seen.folder != f"images/{name}":
            continue  # an empty val borrows train's photos, which are checked there
        yield from id_faults(seen.boxes, {capture.capture_id for capture in truth.of_split(name)}, f"images/{name}")
        for stem, rows in seen.boxes.items():
            capture = truth.captures.get(stem)
            if capture is not None:
                boxes = [(int(number) + 1, _pixels(place, capture)) for number, *place in rows.tolist()]
                yield from box_faults(stem, boxes, capture, truth)


def _pixels(place: Sequence[float], capture: ExpectedCapture) -> Box:
    cx, cy, w, h = place
    return Box.from_cxcywh_norm(cx, cy, w, h, capture.frame)
