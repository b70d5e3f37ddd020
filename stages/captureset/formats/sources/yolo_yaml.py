"""A YOLO dataset's data.yaml: where its photos stand and what its classes are called.

Photos are found by the rules of the trainer (ultralytics), so what it would train on is what comes in.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from captureset.errors import CapturesetError
from captureset.formats import schema
from captureset.formats.sources.fates import DirtError, Fates
from captureset.formats.sources.photos import PhotoFolders

SPLITS = ("train", "val", "test")
SUFFIXES = (
    *(".jpg", ".jpeg", ".png", ".webp", ".mpo"),
    *(".bmp", ".dng", ".tif", ".tiff", ".jp2", ".heic", ".heif", ".avif"),  # the trainer's, refused at the import
)
CLASS_FILES = ("classes.txt", "obj.names", "labels/classes.txt")


@dataclass(frozen=True, slots=True)
class Layout:
    """A data.yaml, understood: the folder of all photos, the classes, and the photos of each split."""

    root: Path
    words: Mapping[int, str]
    keypoints: bool
    photos: Mapping[str, set[Path]]


def read(data: Path, fates: Fates) -> Layout:
    """Return the layout of a data.yaml, or of a folder that has one, or that has a classes.txt instead.

    Raises:
        CapturesetError: there is none, or it names no class or no place that exists.
    """
    data_yaml = data / "data.yaml" if data.is_dir() else data
    if data.is_dir() and not data_yaml.is_file() and (names := _listed_names(data)):
        fates.add("names_from_classes", str(data.name), "has no data.yaml, only the names of its classes")
        document: Any = {"train": "images" if (data / "images").is_dir() else ".", "names": names}
    else:
        document = schema.read_yaml(data_yaml) if data_yaml.is_file() else None
    if not isinstance(document, Mapping):
        raise CapturesetError(f"{data_yaml} is no YOLO data.yaml; give the file with `train`, `val` and `names`.")
    root = _root(document, data_yaml, fates)
    words = _words(document, data_yaml, root, fates)
    return Layout(root, words, "kpt_shape" in document, _photos(document, root, fates))


def _root(document: Mapping[str, Any], data_yaml: Path, fates: Fates) -> Path:
    """Return the folder of the dataset, absolute."""
    here, told = data_yaml.absolute().parent, document.get("path")
    places = [here / str(told), Path(str(told)).absolute()] if told else [here]
    for place in places:
        if place.is_dir():
            return Path(os.path.normpath(place))
    if any((here / str(place)).exists() for split in SPLITS for place in _places(document, split)):
        fates.add("path_elsewhere", data_yaml.name, f"has the path {told!r}, which is no folder here")
        return Path(os.path.normpath(here))
    raise CapturesetError(f"{data_yaml} has the path {told!r}, but {places[0]} is no folder; correct `path`.")


def _words(document: Mapping[str, Any], data_yaml: Path, root: Path, fates: Fates) -> dict[int, str]:
    names = document.get("names")
    if not names and (names := _listed_names(root)):
        fates.add("names_from_classes", data_yaml.name, "has no `names`")
    pairs = names.items() if isinstance(names, Mapping) else enumerate(names) if isinstance(names, list) else ()
    try:
        words = {int(number): str(name).strip() for number, name in pairs}
    except (TypeError, ValueError):
        words = {}
    if not words or not all(words.values()):
        raise CapturesetError(f"{data_yaml} has no usable `names`; give a list of names, or class number: name.")
    if document.get("nc", len(words)) != len(words):
        fates.add("class_count", data_yaml.name, f"has nc: {document['nc']!r} and {len(words)} names")
    for number, word in words.items():
        if word in [other for place, other in words.items() if place < number]:
            fates.add("same_category", f"the class {number}", f"is called {word!r}, as another one is")
    return words


def _listed_names(root: Path) -> list[str]:
    """Return the class names in a classes.txt, one a line."""
    listed = next((path for name in CLASS_FILES if (path := root / name).is_file()), None)
    return [line.strip() for line in lines(listed) if line.strip()] if listed else []


def _places(document: Mapping[str, Any], split: str) -> list[str]:
    told = document.get(split) or (document.get("validation") if split == "val" else None) or []
    return list(map(str, told if isinstance(told, list) else [told]))


def _photos(document: Mapping[str, Any], root: Path, fates: Fates) -> dict[str, set[Path]]:
    """Return the photos each split names: a folder, a list of folders, or text files with one photo a line."""
    found: dict[str, set[Path]] = {}
    for split in SPLITS:
        found[split] = set()
        for place in _places(document, split):
            source = _place(root, place)
            if source.is_dir():
                found[split] |= {photo for photo in _below(source) if _inside(photo, root, split, fates)}
            elif source.suffix.lower() == ".txt" and source.is_file():
                found[split] |= set(_listed(source, root, fates))
            else:
                fates.add("split_missing", f"{split}:", f"{source} does not exist")
    return found


def _place(root: Path, place: str) -> Path:
    """Return where a split stands; as for the trainer, a `../` that leads nowhere is dropped."""
    path = root / place.replace("\\", "/")
    if not path.exists() and place.startswith("../"):
        path = root / place.removeprefix("../")
    return Path(os.path.normpath(path))


def _below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() in SUFFIXES and not hidden:
            yield path


def _inside(photo: Path, root: Path, split: str, fates: Fates) -> bool:
    inside = photo.is_relative_to(root) and photo.resolve().is_relative_to(root.resolve())
    if not inside:
        fates.photos += 1
        fates.add("outside_folder", f"{split}: {photo}", f"lies outside {root}, the `path` of the dataset")
    return inside


def _listed(source: Path, root: Path, fates: Fates) -> Iterator[Path]:
    """Give the photos a text file names, one a line: beside it (`./` always), else below the root, else by name."""
    told = [line.strip() for line in lines(source) if line.strip()]
    spelt = {line: _spelt(line, source, root) for line in told}
    results = PhotoFolders(root).find_all(spelt.values())
    for line, name in spelt.items():
        found, row = results[name], f"{source.name}: {line}"
        if isinstance(found, DirtError):
            fates.photos += 1
            fates.fail(found, row)
            continue
        if found.code:
            fates.add(found.code, row, f"was found as {found.name}", found.name)
        yield Path(os.path.normpath(found.path))


def _spelt(line: str, source: Path, root: Path) -> str:
    """Return a line's photo as a path from the root."""
    plain = line.replace("\\", "/")
    beside = source.parent / plain
    path = beside if plain.startswith("./") or beside.is_file() else root / plain
    return line if path.is_absolute() and not path.is_relative_to(root) else os.path.relpath(path, root)


def lines(path: Path) -> list[str]:
    """Return the lines of a text file, a byte order mark left out.

    Raises:
        CapturesetError: it is no UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CapturesetError(f"{path} cannot be read: {error}; save it as UTF-8.") from None
