"""Pascal VOC: one XML file a photo, corners in pixels."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path

from captureset.errors import CapturesetError
from captureset.formats.sources.dataset import PhotoFolders, SourceBox, SourceDataset, SourceImage, refuse
from captureset.records.box import Box, Frame

CORNERS = ("xmin", "ymin", "xmax", "ymax")
FORBIDDEN = (b"<!DOCTYPE", b"<!ENTITY", b"\0")  # NUL: UTF-16, in which the other two would hide


@dataclass(slots=True)
class _Reading:
    folders: PhotoFolders
    photos: dict[Path, SourceImage] = field(default_factory=dict)
    difficult: int = 0


def read(folder: Path, images: Path | None = None) -> SourceDataset:
    """Return the dataset in a folder of XML files; one without objects is a verified-empty photo.

    Photos are looked for beside the XML and in `JPEGImages`, or in `images` and its `JPEGImages`. `<path>` is a place
    on the annotator's machine and is ignored. Corners stay the numbers they are: some tools count pixels from 1,
    others from 0, and a file does not say which.

    Raises:
        CapturesetError: there is no XML, or one is broken or has no photo; every fault is named.
    """
    files = _xml_files(folder)
    reading, faults = _Reading(PhotoFolders(*_photo_folders(files[0].parent, images))), []
    for path in files:
        try:
            _take(path, reading)
        except CapturesetError as error:
            faults.append(str(error).rstrip("."))
    refuse(folder, faults, "mend those files, or give the photos' folder with --images")
    notes = reading.folders.left_out(reading.photos, "have no XML file")
    if reading.difficult:
        notes = (f"{reading.difficult} objects are marked difficult and came in like any other", *notes)
    every = sorted(reading.photos.values(), key=lambda image: image.name)
    return SourceDataset(folder.resolve().name, tuple(every), notes)


def _xml_files(folder: Path) -> list[Path]:
    for place in (folder, folder / "Annotations"):
        found = sorted(path for path in place.glob("[!.]*") if path.suffix.lower() == ".xml") if place.is_dir() else []
        if found:
            return found
    raise CapturesetError(f"{folder} has no .xml file, nor has its folder Annotations; give the folder of the XML.")


def _photo_folders(beside: Path, images: Path | None) -> list[Path]:
    if images is not None:
        return [images, *(place for place in (images / "JPEGImages",) if place.is_dir())]
    return [beside, *(p for p in (beside / "JPEGImages", beside.parent / "JPEGImages") if p.is_dir())]


def _take(path: Path, reading: _Reading) -> None:
    """Add the photo of one XML file.

    Raises:
        CapturesetError: the file is broken; the first fault in it is named.
    """
    root = _parse(path)
    photo, name = reading.folders.find(_text(root, "filename", path))
    if photo in reading.photos:
        raise CapturesetError(f"{path.name} is the second file about {name}")
    objects = root.findall("object")
    boxes = tuple(_box(element, f"{path.name} object {place}") for place, element in enumerate(objects, start=1))
    reading.difficult += sum((element.findtext("difficult") or "").strip() == "1" for element in objects)
    reading.photos[photo] = SourceImage(photo, name, _frame(root, path), boxes)


def _parse(path: Path) -> ET.Element:
    try:
        data = path.read_bytes()
        if any(mark in data for mark in FORBIDDEN):
            raise CapturesetError(
                f"{path.name} has a document type, an entity or a NUL byte; save it as plain UTF-8 XML"
            )
        return ET.fromstring(data)  # noqa: S314 - document types and entities are refused above
    except (OSError, ET.ParseError, LookupError, ValueError) as error:
        raise CapturesetError(f"{path.name} is no XML: {error}") from None


def _text(element: ET.Element, tag: str, path: Path) -> str:
    text = (element.findtext(tag) or "").strip()
    if not text:
        raise CapturesetError(f"{path.name} has no <{tag}>")
    return text


def _frame(root: ET.Element, path: Path) -> Frame | None:
    """Return the size the file declares; absent or 0 is none."""
    sides = [(root.findtext(f"size/{side}") or "0").strip() for side in ("width", "height")]
    try:
        width, height = map(int, sides)
    except ValueError:
        raise CapturesetError(f"{path.name} has the size {sides}, which is no whole number of pixels") from None
    return Frame(width, height) if width > 0 and height > 0 else None


def _box(element: ET.Element, where: str) -> SourceBox:
    word, corners = (element.findtext("name") or "").strip(), element.find("bndbox")
    if not word:
        raise CapturesetError(f"{where} has no <name>")
    if element.find("robndbox") is not None:
        raise CapturesetError(f"{where} ({word}) is a turned box, which an upright box cannot hold")
    if corners is None:
        raise CapturesetError(f"{where} ({word}) has no <bndbox>")
    return SourceBox(word, Box.from_xyxy_px(*(_number(corners, tag, f"{where} ({word})") for tag in CORNERS)))


def _number(corners: ET.Element, tag: str, where: str) -> float:
    text = (corners.findtext(tag) or "").strip()
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise CapturesetError(f"{where} has {text!r} as its <{tag}>, which is no number")
    return number
