"""Rules 18 to 25: files, names and pixels."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from captureset.formats.exports import places
from captureset.formats.exports.yolo_reading import folders_of
from captureset.records.reading import ReadBox
from captureset.records.splits import ALL_SPLITS
from captureset.verification.case import Case, Fault, at

PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
DETECT_NUMBERS = 4


def stems(case: Case) -> Iterator[Fault]:
    """Give images of one split whose names differ only in folder, suffix or case."""
    for split, images in case.splits.items():
        seen: dict[str, str] = {}
        for image in images:
            other = seen.setdefault(places.stem_key(image.file), image.file)
            if other != image.file:
                yield Fault(image.file, "", f"has the stem of {other}, also in {split}")


def text(case: Case) -> Iterator[Fault]:
    """Give names that are not NFC, percent-encoded, not UTF-8, or no text at all once YAML has read them."""
    for image in case.reading.images:
        for name in (image.file, image.name):
            fault = _name_fault(name)
            if fault:
                yield Fault(image.label or image.file, name, fault)
                break
    for file, listed in case.reading.categories.items():
        names = [name for _, name in listed]
        yield from (Fault(file, repr(name), fault) for name in names if (fault := _category_fault(name)))
        twice = {name for name in names if names.count(name) > 1} if len(set(map(repr, names))) < len(names) else ()
        yield from (Fault(file, repr(name), "two categories have this name") for name in sorted(map(str, twice)))
    yield from _not_utf8(case)


def _name_fault(name: str) -> str | None:
    if PERCENT.search(name):
        return "is percent-encoded"
    if not unicodedata.is_normalized("NFC", name):
        return "is not in Unicode's composed form (NFC)"
    return "has letters that are no UTF-8" if any("\ud800" <= c <= "\udfff" for c in name) else None


def _category_fault(name: Any) -> str | None:
    if not isinstance(name, str):
        return f"is read as {type(name).__name__}, not as text"
    return _name_fault(name) or (None if name.strip() else "is an empty name")


def _not_utf8(case: Case) -> Iterator[Fault]:
    labels = {image.label for image in case.reading.images if image.label}
    for name in sorted(labels | set(case.reading.documents)):
        path = case.reading.root / name
        try:
            if path.suffix in {".txt", ".json", ".yaml", ".yml"}:
                path.read_bytes().decode("utf-8")
        except UnicodeDecodeError as error:
            yield Fault(name, "", f"is not UTF-8 at byte {error.start}")


def label_places(case: Case) -> Iterator[Fault]:
    """Give images whose path has not exactly one `images` folder, or whose label the trainer looks for elsewhere."""
    for image in case.reading.images:
        folders = PurePosixPath(image.file).parts[:-1]
        if folders.count("images") != 1:
            yield Fault(image.file, "", f"its path has {folders.count('images')} folders called images, not one")
        elif image.label != places.label_of(image.file):
            yield Fault(image.file, "", f"the trainer looks for {places.label_of(image.file)}, which is not there")


def portable(case: Case) -> Iterator[Fault]:
    """Give places that only one machine or one working directory has."""
    yield from (Fault(f.file, "", f.value) for f in case.reading.faults if f.rule == "data_yaml")
    for file, document in case.reading.documents.items():
        if case.reading.kind.startswith("yolo"):
            yield from _yaml_faults(case, file, document)
    for image in case.reading.images:
        if _leads_out(image.name):
            yield Fault(str(image.label), f"image {image.id!r}", f"{image.name} leads out of the folder")


def _yaml_faults(case: Case, file: str, document: Any) -> Iterator[Fault]:
    if not isinstance(document, dict):
        yield Fault(file, "", "holds no mapping")
        return
    for key in ("path", "download"):
        if document.get(key):
            yield Fault(file, key, f"the trainer resolves `{key}` against its own settings: {document[key]!r}")
    for split in ALL_SPLITS:
        for place in folders_of(document, split):
            if _leads_out(place):
                yield Fault(file, split, f"{place} leads out of the folder")
            elif not (case.reading.root / place).exists() and not (case.manifest and not case.manifest["images"]):
                yield Fault(file, split, f"{place} is not there")
    yield from (Fault(file, key, "the trainer demands it") for key in ("train", "val") if not document.get(key))


def _leads_out(place: str) -> bool:
    return place.startswith(("/", "\\")) or ".." in PurePosixPath(place).parts or bool(Path(place).drive)


def pixels(case: Case) -> Iterator[Fault]:
    """Give images that cannot be opened, or are not RGB of 8 bits without transparency."""
    for file, picture in case.pictures.items():
        if picture.fault:
            yield Fault(file, "", picture.fault)
        elif picture.transparent:
            yield Fault(file, "", f"has transparent pixels ({picture.mode}), under which cv2 shows what hides there")
        elif picture.mode != "RGB" or picture.deep:
            yield Fault(file, "", "has more than 8 bits a channel" if picture.deep else f"is {picture.mode}, not RGB")
    if case.origin and case.manifest:
        for entry in case.manifest["images"]:
            if "alpha_composited" in entry["changes"] and not case.manifest.get("background_color"):
                yield Fault("manifest.json", entry["file"], "does not say on which colour alpha was composited")


def jpeg_ends(case: Case) -> Iterator[Fault]:
    """Give JPEGs with bytes after their end, which the trainer writes anew in place."""
    yield from (
        Fault(file, "", "does not end with FFD9") for file, picture in case.pictures.items() if not picture.whole
    )


def label_rows(case: Case) -> Iterator[Fault]:
    """Give YOLO rows that have not the columns of their task, and rows that stand twice."""
    seen = set[tuple[Any, ...]]()
    for image in case.reading.images:
        for box in image.boxes:
            key = (image.file, repr(box.category), box.numbers, box.polygons)
            if key in seen:
                yield at(box, "stands twice")
            seen.add(key)
            fault = _columns_fault(case.reading.kind, box)
            if fault:
                yield at(box, fault)


def _columns_fault(kind: str, box: ReadBox) -> str | None:
    if not kind.startswith("yolo"):
        return None
    if not isinstance(box.category, int):
        return f"the class {box.category!r} is no whole number"
    columns = len(str(box.row["line"]).split())
    if kind == "yolo" and columns != DETECT_NUMBERS + 1:
        return f"has {columns} columns, not five"
    return None if kind == "yolo" or box.polygons else f"has {columns} columns, not a class and three or more points"


def empties(case: Case) -> Iterator[Fault]:
    """Give images that nothing speaks of, and in the repository captures that are missing, or here without reason."""
    for image in case.reading.images:
        if image.label is None and case.reading.kind.startswith("yolo"):
            yield Fault(image.file, "", "has no label file, so nobody knows whether anything is in it")
    for name in case.reading.stray:
        if places.is_image(name):
            yield Fault(name, "", "is in no list, so nobody knows whether anything is in it")
    if case.origin:
        yield from _membership(case)


def _membership(case: Case) -> Iterator[Fault]:
    manifest = case.manifest or {"images": [], "left_out": []}
    here = set(case.capture_of.values())
    left = {entry["capture_id"]: entry["reason"] for entry in manifest["left_out"]}
    for name, wanted in sorted(case.truth.captures.items()):
        if wanted.left_out is None and name not in here:
            yield Fault("manifest.json", name, "the capture is missing")
        elif wanted.left_out is not None and left.get(name) != wanted.left_out:
            yield Fault("manifest.json", name, f"is left out as {left.get(name)}, {wanted.left_out} is due")
    for name in sorted(here):
        wanted_here = case.truth.captures.get(name)
        if wanted_here is None or wanted_here.left_out is not None:
            yield Fault("manifest.json", name, "has no business here")
    files = {image.file for image in case.reading.images}
    listed = set(case.capture_of)
    yield from (Fault(file, "", "is in the manifest or in the labels, not in both") for file in sorted(files ^ listed))
