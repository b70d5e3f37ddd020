"""Checks on a COCO export, read back with pycocotools."""

from __future__ import annotations

import contextlib
import io
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from captureset.errors import CapturesetError
from captureset.formats import jsontext
from captureset.records.box import Box
from captureset.records.splits import SPLITS
from captureset.verification.gate import Gate
from captureset.verification.truth import Truth, box_faults, id_faults, name_faults

SUBJECT = "coco_format"
BOX_NUMBERS = 4
AREA_TOLERANCE = 1e-9
FIELDS: dict[str, set[str]] = {
    "info": set(),
    "licenses": set(),
    "images": {"id", "file_name", "width", "height"},
    "annotations": {"id", "image_id", "category_id", "bbox", "area", "iscrowd"},
    "categories": {"id", "name", "supercategory"},
}


def check_coco(gate: Gate, root: Path, truth: Truth) -> None:
    """Check a COCO export against the truth."""
    documents, loaded, faults = _read(root)
    if not gate.check("coco.loads", SUBJECT, "strict JSON, and pycocotools loads every split", faults):
        return
    if not gate.check("coco.fields", SUBJECT, "every row has what readers ask for", _field_faults(documents)):
        return
    if not gate.check("coco.ids", SUBJECT, "ids are integers from 1, unique over all splits", _id_faults(documents)):
        return
    gate.check("coco.categories", SUBJECT, "every split lists the taxonomy", _category_faults(documents, truth))
    gate.check("coco.images", SUBJECT, "images and sizes are the catalog's", _image_faults(root, documents, truth))
    gate.check("coco.boxes", SUBJECT, "every box is the catalog's, inside its image", _boxes(loaded, truth))
    if any(document["annotations"] for document in documents.values()):
        gate.check("coco.oracle", SUBJECT, "ground truth as detections gives AP 1.0", _oracle_faults(loaded))
    else:
        gate.not_applicable("coco.oracle", SUBJECT, "there is no box to detect")


def _read(root: Path) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """Return the documents, what pycocotools made of them, and why one cannot be read."""
    documents: dict[str, Any] = {}
    loaded: dict[str, Any] = {}
    faults = []
    for name in SPLITS:
        try:
            documents[name] = jsontext.read(root / name / f"{name}.json")
            loaded[name] = _load(root / name / f"{name}.json")
        except CapturesetError as error:
            faults.append(str(error))
        except Exception as error:  # noqa: BLE001 - whatever a stranger's reader raises is the finding
            faults.append(f"{name}/{name}.json does not load: {type(error).__name__} {error}")
    return documents, loaded, faults


def _field_faults(documents: dict[str, Any]) -> Iterator[str]:
    for name, document in documents.items():
        yield from (f"{name}.json has no {key}" for key in sorted(FIELDS.keys() - document.keys()))
        for kind, keys in FIELDS.items():
            for row in document.get(kind, ()) if keys else ():
                yield from (f"{name}.json {kind} {row.get('id')!r} has no {key}" for key in sorted(keys - row.keys()))
        for row in document.get("annotations", ()):
            if row.get("iscrowd") != 0 or not abs(row.get("area", 0) - _area(row)) <= AREA_TOLERANCE * _area(row):
                yield f"{name}.json annotation {row.get('id')!r} has not the area of its box, or is a crowd"


def _area(row: dict[str, Any]) -> float:
    return float(row["bbox"][2] * row["bbox"][3]) if len(row.get("bbox", ())) == BOX_NUMBERS else math.nan


def _load(path: Path) -> Any:
    from pycocotools.coco import COCO  # noqa: PLC0415 - it prints at import and at every step

    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(str(path))


def _id_faults(documents: dict[str, Any]) -> Iterator[str]:
    for kind in ("images", "annotations"):
        seen: dict[int, str] = {}
        for name, document in documents.items():
            for row in document[kind]:
                number = row["id"]
                if type(number) is not int or number < 1:
                    yield f"{name}.json {kind} has the id {number!r}; ids are integers from 1"
                elif number in seen:
                    yield f"{name}.json {kind} repeats the id {number} of {seen[number]}.json"
                seen[number] = name


def _category_faults(documents: dict[str, Any], truth: Truth) -> Iterator[str]:
    wanted = [category.id for category in truth.taxonomy.categories]
    first = documents[SPLITS[0]]["categories"]
    for name, document in documents.items():
        if [category["id"] for category in document["categories"]] != wanted:
            yield f"{name}.json does not list the category ids 1 to {len(wanted)} in order"
        if document["categories"] != first:
            yield f"{name}.json lists other categories than {SPLITS[0]}.json"
        yield from name_faults([row["name"] for row in document["categories"]], truth.taxonomy, f"{name}.json")


def _image_faults(root: Path, documents: dict[str, Any], truth: Truth) -> Iterator[str]:
    for name, document in documents.items():
        wanted = {capture.capture_id: capture for capture in truth.of_split(name)}
        rows = {row["file_name"].rpartition(".")[0]: row for row in document["images"]}
        yield from id_faults(rows, wanted, f"{name}.json")
        if len(rows) != len(document["images"]):
            yield f"{name}.json names a file twice"
        for stem, row in rows.items():
            if not (root / name / row["file_name"]).is_file():
                yield f"{name}.json names {row['file_name']}, which is not beside it"
            frame = wanted[stem].frame if stem in wanted else None
            if frame and (row["width"], row["height"]) != (frame.width_px, frame.height_px):
                yield f"{name}.json gives {stem} {row['width']}x{row['height']} px, the catalog {frame}"


def _boxes(loaded: dict[str, Any], truth: Truth) -> Iterator[str]:
    for name, coco in loaded.items():
        for image in coco.loadImgs(coco.getImgIds()):
            stem = image["file_name"].rpartition(".")[0]
            rows = coco.loadAnns(coco.getAnnIds(imgIds=[image["id"]]))
            found = [(row["category_id"], Box(*row["bbox"])) for row in sorted(rows, key=lambda row: row["id"])]
            if stem in truth.captures:
                yield from box_faults(stem, found, truth.captures[stem], truth)
        orphans = {row["image_id"] for row in coco.dataset["annotations"]} - set(coco.imgs)
        yield from (f"{name}.json has annotations of image {number}, which it does not list" for number in orphans)


def _oracle_faults(loaded: dict[str, Any]) -> Iterator[str]:
    for name, coco in loaded.items():
        if coco.dataset["annotations"]:
            try:
                worst = _oracle(coco)
            except Exception as error:  # noqa: BLE001 - a stranger's evaluation that stops is the finding
                yield f"{name}.json cannot be evaluated: {type(error).__name__} {error}"
                continue
            if not math.isclose(worst, 1.0, abs_tol=1e-9):  # one box of a category: 1 / (1 + epsilon)
                yield f"{name}.json: its own ground truth as detections scores {worst:.4f}, not 1.0"


def _oracle(coco: Any) -> float:
    """Return the lowest precision pycocotools gives the ground truth against itself, over categories and IoU."""
    from pycocotools.cocoeval import COCOeval  # noqa: PLC0415 - see _load

    rows = coco.dataset["annotations"]
    detections = [{key: row[key] for key in ("image_id", "category_id", "bbox")} | {"score": 1.0} for row in rows]
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation = COCOeval(coco, coco.loadRes(detections), "bbox")
        evaluation.params.catIds = sorted({row["category_id"] for row in rows})
        evaluation.params.areaRng, evaluation.params.areaRngLbl = [[0, 1e10]], ["all"]
        evaluation.params.maxDets = [max(map(len, coco.imgToAnns.values()))]
        evaluation.evaluate()
        evaluation.accumulate()
    precision = evaluation.eval["precision"]
    if precision.size == 0:
        raise CapturesetError("pycocotools evaluated nothing; this check could not run.")
    return float(precision.min())
