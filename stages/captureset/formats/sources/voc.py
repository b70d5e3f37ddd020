"""Pascal VOC: one XML file a photo, corners in pixels."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from captureset.errors import CapturesetError
from captureset.formats.sources import corners, numbers
from captureset.formats.sources.dataset import SourceBox, SourceDataset, SourceImage
from captureset.formats.sources.fates import DirtError, Fates
from captureset.formats.sources.photos import Found, PhotoFolders, note_spelling

SIDES = ("width", "height")
CORNERS = ("xmin", "ymin", "xmax", "ymax")
FORBIDDEN = (b"<!DOCTYPE", b"<!ENTITY", b"\0")  # NUL: UTF-16, in which the other two would hide


@dataclass(frozen=True, slots=True)
class _File:
    """One XML file that could be parsed."""

    path: Path
    root: ET.Element

    @property
    def told(self) -> str:
        """What the file calls its photo, perhaps nothing."""
        return self.text("filename")

    def text(self, tag: str) -> str:
        """Return what stands under a tag, perhaps nothing."""
        return (self.root.findtext(tag) or "").strip()

    @property
    def photo_name(self) -> str:
        """What the file calls its photo; its own stem when it does not say."""
        return self.told or self.path.stem


def read(folder: Path, images: Path | None = None, *, one_based: bool = False) -> SourceDataset:
    """Return the dataset in a folder of XML files; one without objects was looked at.

    Photos are looked for beside the XML and in `JPEGImages`, or in `images` and its `JPEGImages`. `<path>` is a place
    on the annotator's machine and is ignored. Corners stay the numbers they are: some tools count pixels from 1,
    others from 0, and a file does not say which; with `one_based` the left and top edges move by 1.

    Raises:
        CapturesetError: there is no XML, or no folder of photos.
    """
    fates, paths = Fates(), _xml_files(folder)
    folders = PhotoFolders(*_photo_folders(paths[0].parent, images))
    files = [file for path in paths if (file := _parsed(path, fates))]
    photos = _photos(files, folders, fates)
    every = [image for file in files if (image := _image(file, photos.get(file.path), fates, one_based=one_based))]
    used = (found.path for found in photos.values())
    notes = (*_notes(files), *folders.left_out(used, "have no XML file"))
    return SourceDataset.of(folder.resolve().name, every, notes, fates)


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


def _parsed(path: Path, fates: Fates) -> _File | None:
    fates.photos += 1
    try:
        data = path.read_bytes()
        if not any(mark in data for mark in FORBIDDEN):
            return _File(path, ET.fromstring(data))  # noqa: S314 - document types and entities do not come here
        said = "has a document type, an entity or a NUL byte; save it as plain UTF-8 XML"
    except (OSError, ET.ParseError, LookupError, ValueError) as error:
        said = f"is no XML: {error}"
    fates.add("label_unreadable", path.name, said)
    return None


def _photos(files: list[_File], folders: PhotoFolders, fates: Fates) -> dict[Path, Found]:
    """Return the photo of each file; a file without one, or about another's, is noted."""
    results = folders.find_all(file.photo_name for file in files)
    chosen = {file.path: _chosen(file, results[file.photo_name], folders) for file in files}
    holders = Counter(found.path for found in chosen.values() if isinstance(found, Found))
    photos = {}
    for file in files:
        found = chosen[file.path]
        if isinstance(found, DirtError):
            fates.fail(found, f"{file.path.name}: the image {file.photo_name!r}")
        elif holders[found.path] > 1:
            fates.add("photo_twice", file.path.name, f"is not the only file about {found.name}")
        else:
            _note_name(file, found, fates)
            photos[file.path] = found
    return photos


def _chosen(file: _File, named: Found | DirtError, folders: PhotoFolders) -> Found | DirtError:
    """Return the photo a file names; when it names none that is there, the photo of the file's own name."""
    if file.told and not (isinstance(named, DirtError) and named.code == "photo_missing"):
        return named
    try:
        return replace(folders.find(file.path.stem), code="named_after_xml")
    except DirtError:
        return named


def _note_name(file: _File, found: Found, fates: Fates) -> None:
    if found.code == "named_after_xml":
        fates.add(found.code, file.path.name, f"names the photo {file.told!r}; taken was {found.name}", found.name)
    else:
        note_spelling(found, file.photo_name, fates)


def _image(file: _File, found: Found | None, fates: Fates, *, one_based: bool) -> SourceImage | None:
    photo = found.name if found else None
    boxes = tuple(_boxes(file, photo, fates, one_based=one_based))
    try:
        if found:
            return SourceImage(
                found.path, found.name, numbers.size([file.text(f"size/{side}") for side in SIDES]), boxes
            )
    except DirtError as error:
        fates.fail(error, file.path.name, photo)
    fates.leave_out([box.row for box in boxes], photo)
    return None


def _boxes(file: _File, photo: str | None, fates: Fates, *, one_based: bool) -> Iterator[SourceBox]:
    for place, element in enumerate(file.root.findall("object"), start=1):
        fates.boxes += 1
        word = (element.findtext("name") or "").strip()
        row = f"{file.path.name} object {place}" + (f" ({word})" if word else "")
        try:
            box, repairs = corners.read(_corners(element, word), shift_px=1.0 if one_based else 0.0)
        except DirtError as error:
            fates.fail(error, row, photo)
            continue
        for repair in repairs:
            fates.fail(repair, row, photo)
        yield SourceBox(word, box, row)


def _corners(element: ET.Element, word: str) -> dict[str, str]:
    """Return the four corners of an object as they are written, by tag."""
    bndbox = element.find("bndbox")
    if not word:
        raise DirtError("no_category", "has no <name>")
    if element.find("robndbox") is not None:
        raise DirtError("turned_box", "is a turned box, which an upright box cannot hold")
    if bndbox is None:
        raise DirtError("no_box", "has no <bndbox>")
    return {f"<{tag}>": (bndbox.findtext(tag) or "").strip() for tag in CORNERS}


def _notes(files: list[_File]) -> Iterator[str]:
    objects = [element for file in files for element in file.root.findall("object")]
    difficult = sum((element.findtext("difficult") or "").strip() == "1" for element in objects)
    if difficult:
        yield f"{difficult} objects are marked difficult and came in like any other"
    parts = sum(len(element.findall("part")) for element in objects)
    if parts:
        yield f"{parts} parts of objects were left out: captures hold whole objects"
