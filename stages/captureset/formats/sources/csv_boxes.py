"""Boxes in a CSV file, one row a box, corners in pixels: image,x1,y1,x2,y2,category under any column names."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from pathlib import Path

from captureset.errors import CapturesetError
from captureset.formats.sources.dataset import SourceBox, SourceDataset, SourceImage, contained, refuse
from captureset.records.box import Box

ROLES = ("image", "x1", "y1", "x2", "y2", "category")


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
        CapturesetError: a column, a number or an image is missing; the line is named.
    """
    rows = _rows(path, columns)
    boxes: dict[str, list[SourceBox]] = {}
    faults = []
    for line, row in rows:
        try:
            corners = [float(row[columns[role]]) for role in ("x1", "y1", "x2", "y2")]
            if not all(map(math.isfinite, corners)):
                raise ValueError("it is not finite")
            name, category = row[columns["image"]].strip(), row[columns["category"]].strip()
        except (TypeError, ValueError, AttributeError):
            faults.append(f"line {line} has no number for a corner, or too few cells")
            continue
        boxes.setdefault(name, []).append(SourceBox(category, Box.from_xyxy_px(*corners)))
    refuse(path, faults, "mend those lines")
    found = tuple(
        SourceImage(contained(images, name), name.replace("\\", "/"), None, tuple(boxes[name]))
        for name in sorted(boxes)
    )
    return SourceDataset(path.stem, found, _notes(images, boxes))


def _rows(path: Path, columns: Mapping[str, str]) -> list[tuple[int, dict[str, str]]]:
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


def _notes(images: Path, boxes: Mapping[str, object]) -> tuple[str, ...]:
    present = sum(1 for path in images.rglob("*") if path.suffix.lower() in {".jpg", ".jpeg", ".png", ".webp"})
    left = present - len(boxes)
    return (f"{left} photos of {images.name} have no row and were left out",) if left > 0 else ()
