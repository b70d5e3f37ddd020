"""Boxes in a CSV file, one row a box, corners in pixels: image,x1,y1,x2,y2,category under any column names."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from captureset.errors import CapturesetError
from captureset.formats.sources import corners
from captureset.formats.sources.dataset import SourceBox, SourceDataset, SourceImage
from captureset.formats.sources.fates import DirtError, Fates
from captureset.formats.sources.photos import Found, PhotoFolders, note_spelling

ROLES = ("image", "x1", "y1", "x2", "y2", "category")
CORNERS = ROLES[1:5]
DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of the file: its cells by role, stripped."""

    where: str
    cells: Mapping[str, str]
    too_long: bool  # it has text beyond the last column

    @property
    def is_blank(self) -> bool:
        """Whether it names a photo and nothing else."""
        return not self.too_long and not any(self.cells[role] for role in ROLES[1:])


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

    A row that names a photo and nothing else says that the photo has no box.

    Raises:
        CapturesetError: the file is no CSV or lacks a column, or there is no folder of photos.
    """
    fates, folder = Fates(), PhotoFolders(images)
    rows = _rows(path, columns, fates)
    names = dict.fromkeys(row.cells["image"] for row in rows if row.cells["image"])
    photos = folder.find_all(names)
    _note_photos(photos, fates)
    boxes: dict[Found, list[SourceBox]] = defaultdict(list)
    for row in rows:
        found = photos.get(row.cells["image"])
        _take(row, found if isinstance(found, Found) else None, columns, boxes, fates)
    merged: dict[Path, SourceImage] = {}
    for found, theirs in boxes.items():  # two spellings of one name are one photo
        before = merged[found.path].boxes if found.path in merged else ()
        merged[found.path] = SourceImage(found.path, found.name, None, (*before, *theirs))
    return SourceDataset.of(path.stem, merged.values(), folder.left_out(merged, "have no row"), fates)


def _note_photos(photos: Mapping[str, Found | DirtError], fates: Fates) -> None:
    """Count the photos the file speaks of, and note those that are not found or spelt otherwise."""
    fates.photos += len({found.path for found in photos.values() if isinstance(found, Found)})
    for name, found in photos.items():
        if isinstance(found, DirtError):
            fates.photos += 1
            fates.fail(found, f"the image {name!r}")
        else:
            note_spelling(found, name, fates)


def _take(
    row: _Row,
    found: Found | None,
    columns: Mapping[str, str],
    boxes: dict[Found, list[SourceBox]],
    fates: Fates,
) -> None:
    photo = found.name if found else None
    if found and row.is_blank:
        fates.add("blank_row", row.where, f"says that {found.name} has no box", photo)
        boxes[found] += []
        return
    fates.boxes += 1
    try:
        box, repairs = _box(row, columns)
    except DirtError as error:
        fates.fail(error, row.where, photo)
        if found:
            boxes[found] += []  # its photo has a refused box and is left out by name
        return
    if found is None:
        fates.leave_out([row.where], None)
        return
    for repair in repairs:
        fates.fail(repair, row.where, photo)
    boxes[found].append(box)


def _box(row: _Row, columns: Mapping[str, str]) -> tuple[SourceBox, tuple[DirtError, ...]]:
    if not row.cells["image"]:
        raise DirtError("orphan", f"has nothing under {columns['image']!r}")
    if row.too_long:
        raise DirtError("columns", "has more cells than there are columns; put text with a comma in quotes")
    box, repairs = corners.read({columns[role]: row.cells[role] for role in CORNERS})
    if not row.cells["category"]:
        raise DirtError("no_category", f"has nothing under {columns['category']!r}")
    return SourceBox(row.cells["category"], box, row.where), repairs


def _rows(path: Path, columns: Mapping[str, str], fates: Fates) -> list[_Row]:
    """Return every line below the head; lines without any text are none."""
    try:
        text = _unmarked(path.read_bytes().decode("utf-8"), path, fates)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text, path, fates), strict=True)
        head = next(reader, [])
        places = _places(path, head, columns, fates)
        lines = ((reader.line_num, list(map(str.strip, cells))) for cells in reader)
        return [_row(line, cells, places, len(head)) for line, cells in lines if any(cells)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CapturesetError(f"{path} cannot be read as CSV: {error}; check the path and save it as UTF-8.") from None


def _row(line: int, cells: list[str], places: Mapping[str, int], width: int) -> _Row:
    texts = {role: cells[place] if place < len(cells) else "" for role, place in places.items()}
    return _Row(f"line {line}", texts, any(cells[width:]))


def _unmarked(text: str, path: Path, fates: Fates) -> str:
    if text.startswith("\ufeff"):
        fates.add("file_mark", path.name, "begins with a byte order mark")
    return text.removeprefix("\ufeff")


def _delimiter(text: str, path: Path, fates: Fates) -> str:
    head = next(iter(text.splitlines()), "")
    found = next((mark for mark in DELIMITERS if mark in head), ",")
    if found != ",":
        fates.add(
            "other_delimiter", path.name, f"has {'tabs' if found == chr(9) else 'semicolons'} between its columns"
        )
    return found


def _places(path: Path, head: list[str], columns: Mapping[str, str], fates: Fates) -> dict[str, int]:
    """Return where the column of each role stands."""
    folded = [name.strip().casefold() for name in head]
    for name in columns.values():
        if folded.count(name.strip().casefold()) != 1 and name not in head:
            raise CapturesetError(
                f"{path} has no column {name!r} (it has {', '.join(head)}); "
                "name the columns with --columns image=…,x1=…,y1=…,x2=…,y2=…,category=…."
            )
        if name not in head:
            fates.add("header_spelling", path.name, f"spells the column {name!r} otherwise")
    exact = {role: name for role, name in columns.items() if name in head}
    return {
        role: head.index(exact[role]) if role in exact else folded.index(name.strip().casefold())
        for role, name in columns.items()
    }
