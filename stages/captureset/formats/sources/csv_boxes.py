"""Boxes in a CSV file, one row a box, corners in pixels: image,x1,y1,x2,y2,category under any column names."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from pathlib import Path

from captureset.errors import CapturesetError
from captureset.formats.sources.dataset import PhotoFolders, SourceBox, SourceDataset, SourceImage, refuse
from captureset.records.box import Box

ROLES = ("image", "x1", "y1", "x2", "y2", "category")
CORNERS = ROLES[1:5]


def parse_columns(text: str) -> dict[str, str]:
    """Return role to column name from `image=image_name,x1=x_min,…`; a role left out is its own column name.

    Raises:
        CapturesetError: a role is unknown or has no column.
    """
    pairs = [pair.partition("=") for pair in text.split(",") if pair.strip()]
    columns = {role.strip(): column.strip() for role, _, column in pairs}
    wrong = [role for role in columns if role not in ROLES or not columns[role]]
    if wrong:
        raise CapturesetError(f"--columns has {wrong[0]!r}; give role=column for the roles {', '.join(ROLES)}.")
    return {role: columns.get(role, role) for role in ROLES}


def read(path: Path, images: Path, columns: Mapping[str, str]) -> SourceDataset:
    """Return the dataset in a CSV file; photos without a row are not in it, and are counted in the notes.

    Raises:
        CapturesetError: a column, a number or an image is missing; every line is named.
    """
    folder, faults = PhotoFolders(images), list[str]()
    found: dict[str, Path | None] = {}
    boxes: dict[Path, list[SourceBox]] = {}
    names: dict[Path, str] = {}
    for line, row in _rows(path, columns):
        try:
            name, box = _box(row, columns)
        except ValueError as error:
            faults.append(f"line {line} {error}")
            continue
        if name not in found:
            found[name] = _photo(folder, name, names, faults)
        photo = found[name]
        if photo is not None:
            boxes.setdefault(photo, []).append(box)
    refuse(path, faults, "mend those lines, or give the right folder with --images")
    ordered = sorted(boxes, key=lambda photo: names[photo])
    every = tuple(SourceImage(photo, names[photo], None, tuple(boxes[photo])) for photo in ordered)
    return SourceDataset(path.stem, every, folder.left_out(boxes, "have no row"))


def _photo(folder: PhotoFolders, name: str, names: dict[Path, str], faults: list[str]) -> Path | None:
    """Return the file of a photo and note its name, or None and note the fault."""
    try:
        photo, names_it = folder.find(name)
    except CapturesetError as error:
        faults.append(str(error).rstrip("."))
        return None
    names[photo] = names_it
    return photo


def _box(row: Mapping[str, str | None], columns: Mapping[str, str]) -> tuple[str, SourceBox]:
    """Return the image and the box of one row.

    Raises:
        ValueError: a cell is missing or is no finite number; the rest of a sentence.
    """
    cells = {role: (row[columns[role]] or "").strip() for role in ROLES}
    empty = [columns[role] for role in ROLES if not cells[role]]
    if empty:
        raise ValueError(f"has nothing under {empty[0]!r}")
    return cells["image"], SourceBox(
        cells["category"], Box.from_xyxy_px(*(_number(cells[role], columns[role]) for role in CORNERS))
    )


def _number(text: str, column: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"has {text!r} under {column!r}, which is no number")
    return number


def _rows(path: Path, columns: Mapping[str, str]) -> list[tuple[int, dict[str, str | None]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle)
            missing = [name for name in columns.values() if name not in (reader.fieldnames or ())]
            if missing:
                raise CapturesetError(
                    f"{path} has no column {missing[0]!r} (it has {', '.join(reader.fieldnames or ())}); "
                    "name the columns with --columns image=…,x1=…,y1=…,x2=…,y2=…,category=…."
                )
            return [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CapturesetError(f"{path} cannot be read as CSV: {error}; check the path and save it as UTF-8.") from None
