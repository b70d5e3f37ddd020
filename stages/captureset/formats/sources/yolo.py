"""YOLO detection: a data.yaml, photos, and one .txt a photo with rows `class cx cy w h`, fractions of the photo."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from captureset.capture import images
from captureset.errors import CapturesetError
from captureset.formats.sources import yolo_rows, yolo_yaml
from captureset.formats.sources.dataset import BYTE_ORDER_MARK, SourceBox, SourceDataset, SourceImage, source_name
from captureset.formats.sources.fates import DirtError, Fates
from captureset.formats.sources.yolo_rows import Fractions
from captureset.formats.sources.yolo_yaml import CLASS_FILES, Layout
from captureset.records.box import Box, Frame


@dataclass(frozen=True, slots=True)
class _Row:
    """One sound row of a label file."""

    where: str
    category: str
    place: Fractions


def read(data: Path) -> SourceDataset:
    """Return the dataset of a data.yaml; an empty .txt is a verified-empty photo, a missing one an unlabelled photo.

    `path` (the YAML's own folder if absent) holds every photo. Its splits are not kept: captureset divides anew. A
    folder with a classes.txt and no data.yaml will do.

    Raises:
        CapturesetError: there is no such dataset.
    """
    fates = Fates()
    layout = yolo_yaml.read(data, fates)
    photos = sorted(set().union(*layout.photos.values()))
    fates.photos += len(photos)
    every = [image for photo in photos if (image := _image(photo, layout, fates))]
    _note_strays(photos, layout, fates)
    return SourceDataset.of(layout.root.resolve().name, every, _notes(layout.photos, every), fates)


def label_path(photo: Path) -> Path:
    """Return where the trainer looks for a photo's label: the last /images/ is /labels/, the suffix .txt."""
    separator = os.sep
    parts = str(photo).rsplit(f"{separator}images{separator}", 1)
    return Path(f"{separator}labels{separator}".join(parts)).with_suffix(".txt")


def _image(photo: Path, layout: Layout, fates: Fates) -> SourceImage | None:
    name, label = source_name(photo, layout.root), label_path(photo)
    if not label.is_file():
        return SourceImage(photo, name, None, (), labelled=False)
    try:
        rows = list(_rows(label, layout, name, fates))
    except CapturesetError as error:
        fates.add("label_unreadable", _shown(label, layout), str(error).rstrip("."), name)
        return None
    try:
        frame = images.inspect(photo.read_bytes(), name).upright if rows else None
    except (CapturesetError, OSError) as error:
        fates.add("photo_unreadable", name, f"cannot be read: {str(error).rstrip('.')}", name)
        fates.leave_out([row.where for row in rows], name)
        return None
    boxes = tuple(_box(row, frame) for row in rows) if frame else ()
    return SourceImage(photo, name, frame, boxes)


def _box(row: _Row, frame: Frame) -> SourceBox:
    return SourceBox(row.category, Box.from_cxcywh_norm(*row.place, frame), row.where)


def _shown(label: Path, layout: Layout) -> str:
    return (label.relative_to(layout.root) if label.is_relative_to(layout.root) else label).as_posix()


def _rows(label: Path, layout: Layout, photo: str | None, fates: Fates) -> Iterator[_Row]:
    """Give the sound rows of a label file; the others, and what was mended, are noted.

    Raises:
        CapturesetError: it is no UTF-8.
    """
    shown = _shown(label, layout)
    if label.read_bytes().startswith(BYTE_ORDER_MARK):
        fates.add("label_mark", shown, "begins with a byte order mark", photo)
    for number, cells in enumerate(map(str.split, yolo_yaml.lines(label)), start=1):
        if not cells:
            continue
        fates.boxes += 1
        where = f"{shown} line {number}"
        try:
            category, place, repairs = yolo_rows.read(cells, layout.words, keypoints=layout.keypoints)
        except DirtError as error:
            fates.fail(error, where, photo)
            continue
        for repair in repairs:
            fates.fail(repair, where, photo)
        yield _Row(where, category, place)


def _note_strays(photos: list[Path], layout: Layout, fates: Fates) -> None:
    """Note the label files without a photo, and their rows, in the folders where labels were looked for."""
    labels = {label_path(photo) for photo in photos}
    folders = {label.parent for label in labels if "labels" in label.parts and label.parent.is_dir()}
    not_labels = {Path(name).name for name in CLASS_FILES}
    strays = {path for folder in folders for path in folder.glob("*.txt") if path.name not in not_labels} - labels
    for stray in sorted(strays):
        fates.photos += 1
        fates.add("label_without_photo", _shown(stray, layout), "has no photo")
        try:
            fates.leave_out([row.where for row in _rows(stray, layout, None, fates)], None)
        except CapturesetError:
            continue  # its rows cannot be counted


def _notes(photos: Mapping[str, set[Path]], found: list[SourceImage]) -> Iterator[str]:
    counts = ", ".join(f"{split} {len(names)}" for split, names in photos.items() if names)
    yield f"the source's own splits ({counts}) were not kept: captureset divides anew"
    unlabelled = sum(1 for image in found if not image.labelled)
    if unlabelled:
        yield f"{unlabelled} photos have no .txt and came in without a label"
