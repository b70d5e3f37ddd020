"""YOLO detection: a data.yaml, photos, and one .txt a photo with rows `class cx cy w h`, fractions of the photo.

Photos and labels are found by the rules of the trainer (ultralytics), so what it would train on is what comes in.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from captureset.capture import images
from captureset.errors import CapturesetError
from captureset.formats import schema
from captureset.formats.sources.dataset import SourceBox, SourceDataset, SourceImage, refuse, source_name
from captureset.records.box import Box, Frame

SPLITS = ("train", "val", "test")
SUFFIXES = (
    *(".jpg", ".jpeg", ".png", ".webp", ".mpo"),
    *(".bmp", ".dng", ".tif", ".tiff", ".jp2", ".heic", ".heif", ".avif"),  # the trainer's, refused at the import
)
COLUMNS = 5


def read(data_yaml: Path) -> SourceDataset:
    """Return the dataset of a data.yaml; an empty .txt is a verified-empty photo, a missing one an unlabelled photo.

    `path` (the YAML's own folder if absent) holds every photo. Its splits are not kept: captureset divides anew.

    Raises:
        CapturesetError: a folder, a photo or a row is wrong; every fault is named.
    """
    document = schema.read_yaml(data_yaml) if data_yaml.is_file() else None
    if not isinstance(document, Mapping):
        raise CapturesetError(f"{data_yaml} is no YOLO data.yaml; give the file with `train`, `val` and `names`.")
    root, words, faults = _root(document, data_yaml), _words(document, data_yaml), list[str]()
    photos = _photos(document, root, faults)
    every = [_image(photo, root, words, faults) for photo in sorted(set().union(*photos.values()))]
    if not any(photos.values()):
        faults.append("no photo stands under train, val or test")
    refuse(data_yaml, faults, "mend those lines and paths")
    found = sorted(every, key=lambda image: image.name)
    return SourceDataset(root.resolve().name, tuple(found), tuple(_notes(photos, found)))


def _root(document: Mapping[str, Any], data_yaml: Path) -> Path:
    """Return the folder of the dataset, absolute."""
    here, told = data_yaml.absolute().parent, document.get("path")
    places = [here / str(told), Path(str(told)).absolute()] if told else [here]
    for place in places:
        if place.is_dir():
            return Path(os.path.normpath(place))
    raise CapturesetError(f"{data_yaml} has the path {told!r}, but {places[0]} is no folder; correct `path`.")


def _words(document: Mapping[str, Any], data_yaml: Path) -> dict[int, str]:
    names = document.get("names")
    pairs = names.items() if isinstance(names, Mapping) else enumerate(names) if isinstance(names, list) else ()
    try:
        words = {int(number): str(name).strip() for number, name in pairs}
    except (TypeError, ValueError):
        words = {}
    if not words or not all(words.values()):
        raise CapturesetError(f"{data_yaml} has no usable `names`; give a list of names, or class number: name.")
    return words


def _photos(document: Mapping[str, Any], root: Path, faults: list[str]) -> dict[str, set[Path]]:
    """Return the photos each split names: a folder, a list of folders, or text files with one photo a line."""
    told = {**document, "val": document.get("val", document.get("validation"))}
    found: dict[str, set[Path]] = {}
    for split in SPLITS:
        places = told.get(split) or []
        found[split] = set()
        for place in places if isinstance(places, list) else [places]:
            for photo in _candidates(_place(root, str(place)), root):
                fault = _path_fault(photo, root)
                faults += [f"{split}: {photo} {fault}"] if fault else []
                found[split] |= set() if fault else {photo}
    return found


def _place(root: Path, place: str) -> Path:
    """Return where a split stands; as for the trainer, a `../` that leads nowhere is dropped."""
    path = root / place
    if not path.exists() and place.startswith("../"):
        path = root / place.removeprefix("../")
    return Path(os.path.normpath(path))


def _candidates(source: Path, root: Path) -> list[Path]:
    """Return what a split's folder or text file names; itself when it is neither."""
    if source.is_dir():
        found = [path for path in sorted(source.rglob("*")) if not _hidden(path, source)]
    elif source.suffix.lower() == ".txt" and source.is_file():
        found = [_line_path(line.strip(), source, root) for line in _lines(source) if line.strip()]
    else:
        return [source]
    return [path for path in found if path.suffix.lower() in SUFFIXES]


def _hidden(path: Path, below: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(below).parts)


def _line_path(line: str, source: Path, root: Path) -> Path:
    """Return the photo a line names: beside the text file (`./` always), else below the root."""
    beside = source.parent / line
    return Path(os.path.normpath(beside if line.startswith("./") or beside.is_file() else root / line))


def _path_fault(photo: Path, root: Path) -> str | None:
    if not (photo.is_relative_to(root) and photo.resolve().is_relative_to(root.resolve())):
        return f"lies outside {root}, the `path` of the dataset"
    return None if photo.is_file() else "does not exist"


def label_path(photo: Path) -> Path:
    """Return where the trainer looks for a photo's label: the last /images/ is /labels/, the suffix .txt."""
    separator = os.sep
    parts = str(photo).rsplit(f"{separator}images{separator}", 1)
    return Path(f"{separator}labels{separator}".join(parts)).with_suffix(".txt")


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CapturesetError(f"{path} cannot be read: {error}; save it as UTF-8.") from None


def _image(photo: Path, root: Path, words: Mapping[int, str], faults: list[str]) -> SourceImage:
    name, label = source_name(photo, root), label_path(photo)
    if not label.is_file():
        return SourceImage(photo, name, None, (), labelled=False)
    try:
        rows = list(_rows(label, root, words, faults))
        frame = images.inspect(photo.read_bytes(), name).upright if rows else None
    except (CapturesetError, OSError) as error:
        faults.append(str(error).rstrip("."))
        return SourceImage(photo, name, None, ())
    boxes = tuple(_box(word, numbers, frame) for word, numbers in rows) if frame else ()
    return SourceImage(photo, name, frame, boxes)


def _box(word: str, numbers: list[float], frame: Frame) -> SourceBox:
    cx, cy, w, h = numbers
    return SourceBox(word, Box.from_cxcywh_norm(cx, cy, w, h, frame))


def _rows(label: Path, root: Path, words: Mapping[int, str], faults: list[str]) -> Iterator[tuple[str, list[float]]]:
    shown = label.relative_to(root) if label.is_relative_to(root) else label
    for number, cells in enumerate(map(str.split, _lines(label)), start=1):
        if not cells:
            continue
        try:
            yield _row(cells, words)
        except ValueError as error:
            faults.append(f"{shown} line {number} {error}")


def _row(cells: list[str], words: Mapping[int, str]) -> tuple[str, list[float]]:
    """Return the category and the four fractions of a row.

    Raises:
        ValueError: it is no box of a known class; the rest of a sentence.
    """
    if len(cells) != COLUMNS:
        kind = "a polygon or keypoints, which a box cannot hold" if len(cells) > COLUMNS else "too few"
        raise ValueError(f"has {len(cells)} columns ({kind}) where a box has {COLUMNS}")
    try:
        number, *place = map(float, cells)
    except ValueError:
        raise ValueError(f"has {' '.join(cells)!r}, which are not five numbers") from None
    if not all(map(math.isfinite, (number, *place))):
        raise ValueError(f"has {' '.join(cells)!r}, which are not five finite numbers")
    if number not in words:
        raise ValueError(f"has the class {cells[0]}, which `names` does not have (0 to {max(words)})")
    return words[int(number)], place


def _notes(photos: Mapping[str, set[Path]], found: list[SourceImage]) -> Iterator[str]:
    counts = ", ".join(f"{split} {len(names)}" for split, names in photos.items() if names)
    yield f"the source's own splits ({counts}) were not kept: captureset divides anew"
    unlabelled = sum(1 for image in found if not image.labelled)
    if unlabelled:
        yield f"{unlabelled} photos have no .txt and came in without a label"
    labels = {label_path(image.path) for image in found}
    folders = {label.parent for label in labels if "labels" in label.parts and label.parent.is_dir()}
    stray = sum(1 for folder in folders for path in folder.glob("*.txt") if path not in labels)
    if stray:
        yield f"{stray} label files have no photo and were left out"
