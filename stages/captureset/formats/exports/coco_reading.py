"""Any COCO folder or file read back, ours or a stranger's, in the usual layouts."""

from __future__ import annotations

import functools
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from captureset.errors import CapturesetError
from captureset.formats import jsontext
from captureset.formats.exports import places
from captureset.records.box import Frame
from captureset.records.reading import ReadBox, ReadFault, ReadImage, Reading

OURS = {"manifest.json", "verify.json"}


def read(root: Path, only: str | None = None) -> Reading:
    """Return a COCO folder as it stands; `only` names the one JSON file to read.

    Raises:
        CapturesetError: there is no COCO document.
    """
    documents, faults = _documents(root, only)
    if not documents and not faults:
        raise CapturesetError(f"{root} holds no COCO document (a JSON object with images); name another folder.")
    files = places.files_below(root)
    images, orphans = list[ReadImage](), list[ReadBox]()
    for name, document in documents.items():
        found, lost = _images(name, document, frozenset(files))
        images += found
        orphans += lost
    return Reading(
        "coco",
        root,
        tuple(images),
        {name: _categories(document) for name, document in documents.items()},
        documents,
        tuple(orphans),
        tuple(places.unspoken(files, (image.file for image in images))),
        tuple(faults),
    )


def _documents(root: Path, only: str | None) -> tuple[dict[str, Any], list[ReadFault]]:
    found, faults = dict[str, Any](), list[ReadFault]()
    for name in [only] if only else [n for n in places.files_below(root) if n.endswith(".json")]:
        if PurePosixPath(name).name in OURS:
            continue
        document, fault = _document(root / name)
        if isinstance(document, dict) and isinstance(document.get("images"), list):
            found[name] = document
        if fault and (document is None or name in found):
            faults.append(ReadFault("strict_json", name, fault))
    return found, faults


def _document(path: Path) -> tuple[Any, str | None]:
    """Return a document read as leniently as Python's own reader does, and why strict readers refuse it."""
    try:
        return jsontext.read(path), None
    except CapturesetError as error:
        fault = str(error).removeprefix(f"{path} ").partition("; save it again")[0]
    try:
        return json.loads(path.read_bytes()), fault
    except (ValueError, OSError, RecursionError):
        return None, fault


def rows(document: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """Return the rows of one list of a document that are objects."""
    listed = document.get(key)
    return [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []


def _categories(document: Mapping[str, Any]) -> tuple[tuple[Any, Any], ...]:
    return tuple((row.get("id"), row.get("name")) for row in rows(document, "categories"))


def _images(name: str, document: Mapping[str, Any], files: frozenset[str]) -> tuple[list[ReadImage], list[ReadBox]]:
    boxes: dict[str, list[ReadBox]] = defaultdict(list)
    for row in rows(document, "annotations"):
        boxes[repr(row.get("image_id"))].append(_box(name, row))
    listed = rows(document, "images")
    folders = list(_folders(name))
    find = functools.partial(_found, folders=folders, files=files)
    images = [
        ReadImage(
            find(str(row.get("file_name"))),
            places.split_named_in(name),
            str(row.get("file_name")),
            tuple(boxes.pop(repr(row.get("id")), ())),
            row.get("id"),
            _frame(row),
            name,
        )
        for row in listed
    ]
    return images, [box for lost in boxes.values() for box in lost]


def _frame(row: Mapping[str, Any]) -> Frame | None:
    width, height = row.get("width"), row.get("height")
    return Frame(width, height) if type(width) is int and type(height) is int else None


def _box(file: str, row: dict[str, Any]) -> ReadBox:
    listed = row.get("bbox")
    numbers = tuple(_number(v) for v in listed) if isinstance(listed, list) else ()
    polygons = row.get("segmentation")
    drawn = [p for p in polygons if isinstance(p, list)] if isinstance(polygons, list) else []
    return ReadBox(
        file, row.get("id"), row.get("category_id"), numbers, tuple(tuple(map(_number, p)) for p in drawn), row
    )


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else float("nan")


def _folders(name: str) -> Iterator[str]:
    """Give the folders in which a document's images may stand, the likeliest first."""
    own, stem = PurePosixPath(name).parent, PurePosixPath(name).stem
    split = stem.rpartition("_")[2]
    parts = (own, own / "images", own / split, own / "images" / split, own.parent, own.parent / split)
    tried = (*parts, own.parent / "images", own.parent / "images" / split)
    yield from dict.fromkeys("" if str(folder) == "." else f"{folder}/" for folder in tried)


def _found(name: str, folders: list[str], files: frozenset[str]) -> str:
    return next((folder + name for folder in folders if folder + name in files), folders[0] + name)
