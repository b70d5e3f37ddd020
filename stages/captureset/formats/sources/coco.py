"""COCO detection: one JSON file with `images`, `annotations` and `categories`; a box is left, top, width, height."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from captureset.errors import CapturesetError
from captureset.formats import jsontext
from captureset.formats.sources.dataset import PhotoFolders, SourceBox, SourceDataset, SourceImage, refuse
from captureset.records.box import Box, Frame

SECTIONS = ("images", "annotations", "categories")
TURNS = ("rotation", "angle", "theta")  # how tools write a turned box beside its bbox
BOX_NUMBERS = 4


@dataclass(slots=True)
class _Reading:
    """What is known so far of one file, and everything found wrong with it."""

    words: dict[int | str, str] = field(default_factory=dict)
    photos: dict[int | str, tuple[Path, str, Frame | None]] = field(default_factory=dict)
    boxes: dict[int | str, list[SourceBox]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def read(annotations: Path, images: Path) -> SourceDataset:
    """Return the dataset in a COCO file; an image without annotations was looked at and is verified-empty.

    An image's `width` and `height` are the frame of its boxes. Crowds and turned boxes are refused, since they would
    become plain objects.

    Raises:
        CapturesetError: the file is no COCO, or names images or categories it has not; every fault is named.
    """
    document = jsontext.read(annotations)
    sections = require_sections(document, annotations)
    folder, reading = PhotoFolders(images), _Reading()
    reading.words = dict(categories_of(sections["categories"], reading.faults))
    for place, entry in enumerate(sections["images"]):
        _take_image(entry, place, folder, reading)
    known = {entry.get("id") for entry in sections["images"] if has_id(entry)}
    for place, entry in enumerate(sections["annotations"]):
        _take_annotation(entry, place, known, reading)
    refuse(annotations, reading.faults, "mend the file, or give the right folder with --images")
    every = (
        SourceImage(path, name, frame, tuple(reading.boxes.get(identity, ())))
        for identity, (path, name, frame) in reading.photos.items()
    )
    used = {path for path, _, _ in reading.photos.values()}
    notes = (*_notes(sections["annotations"]), *folder.left_out(used, "are not in the file"))
    return SourceDataset(annotations.stem, tuple(sorted(every, key=lambda image: image.name)), notes)


def require_sections(document: Any, path: Path) -> dict[str, list[Any]]:
    """Return the three lists of a COCO document.

    Raises:
        CapturesetError: it lacks one of them.
    """
    for name in SECTIONS:
        if not isinstance(document, Mapping) or not isinstance(document.get(name), list):
            raise CapturesetError(f"{path} has no list {name!r}; give a COCO detection file (instances_….json).")
    return {name: document[name] for name in SECTIONS}


def has_id(entry: Any) -> bool:
    """Say whether an entry has an id of its own: a number or a text."""
    identity = entry.get("id") if isinstance(entry, Mapping) else None
    return isinstance(identity, int | str) and not isinstance(identity, bool)


def categories_of(entries: list[Any], faults: list[str]) -> Iterator[tuple[int | str, str]]:
    """Give id and name of each category; what is wrong with the others goes to `faults`."""
    seen = set()
    for place, entry in enumerate(entries):
        name = entry.get("name") if isinstance(entry, Mapping) else None
        if not has_id(entry) or not isinstance(name, str) or not name.strip():
            faults.append(f"categories[{place}] has no id or no name")
        elif entry["id"] in seen:
            faults.append(f"the category id {entry['id']!r} stands twice")
        else:
            seen.add(entry["id"])
            yield entry["id"], name.strip()


def _take_image(entry: Any, place: int, folder: PhotoFolders, reading: _Reading) -> None:
    name = entry.get("file_name") if isinstance(entry, Mapping) else None
    if not has_id(entry) or not isinstance(name, str) or not name:
        reading.faults.append(f"images[{place}] has no id or no file_name")
    elif entry["id"] in reading.photos:
        reading.faults.append(f"the image id {entry['id']!r} stands twice")
    else:
        try:
            reading.photos[entry["id"]] = (*folder.find(name), declared_frame(entry, name))
        except CapturesetError as error:
            reading.faults.append(str(error).rstrip("."))


def declared_frame(entry: Mapping[str, Any], name: str) -> Frame | None:
    """Return the size the file declares; absent or 0 is none."""
    sides = [entry.get(key) or 0 for key in ("width", "height")]
    if not all(_is_number(side) and side >= 0 and side == int(side) for side in sides):
        raise CapturesetError(f"the image {name!r} has the size {sides}, which is no whole number of pixels")
    return Frame(int(sides[0]), int(sides[1])) if all(sides) else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _take_annotation(entry: Any, place: int, images: set[Any], reading: _Reading) -> None:
    fault = annotation_fault(entry, images, reading.words)
    if fault is None:
        box = SourceBox(reading.words[entry["category_id"]], Box(*map(float, entry["bbox"])))
        reading.boxes.setdefault(entry["image_id"], []).append(box)
    else:
        reading.faults.append(
            f"annotation {entry['id']!r} {fault}" if has_id(entry) else f"annotations[{place}] {fault}"
        )


def annotation_fault(entry: Any, images: set[Any], words: Mapping[int | str, str]) -> str | None:
    """Return why an annotation is no plain box of a known image and category, or None."""
    if not isinstance(entry, Mapping):
        return "is no object"
    for key, known in (("image_id", images), ("category_id", words)):
        value = entry.get(key)
        if not isinstance(value, int | str) or value not in known:
            return f"has the {key} {value!r}, which the file does not have"
    if entry.get("iscrowd"):
        return "is a crowd (iscrowd 1), which is no single object"
    if _is_turned(entry):
        return "is a turned box, which an upright box cannot hold"
    bbox = entry.get("bbox")
    if not isinstance(bbox, list) or len(bbox) != BOX_NUMBERS or not all(map(_is_number, bbox)):
        return f"has the bbox {bbox!r}, which is not [x, y, width, height]"
    return None


def _is_turned(entry: Mapping[str, Any]) -> bool:
    attributes = entry.get("attributes")
    told = {**entry, **attributes} if isinstance(attributes, Mapping) else entry
    bbox = entry.get("bbox")
    return any(told.get(key) for key in TURNS) or (isinstance(bbox, list) and len(bbox) == BOX_NUMBERS + 1)


def _notes(annotations: list[Any]) -> Iterator[str]:
    for key in ("segmentation", "keypoints"):
        count = sum(1 for entry in annotations if entry.get(key))
        if count:
            yield f"{count} annotations also have a {key}, which was left out: captures hold boxes"
