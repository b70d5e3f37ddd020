"""Photos a person called sharp or blurred: two folders, or a CSV file of paths or captures."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from captureset.capture.images import SUFFIXES
from captureset.errors import CapturesetError
from captureset.formats import tables
from captureset.pixels.measures import measure_photo
from captureset.records.rows import CaptureRow, MeasurementRow

LABELS = ("sharp", "blurred")
ENDINGS = {*SUFFIXES.values(), ".jpeg"}


@dataclass(frozen=True, slots=True)
class Labelled:
    """One photo, or a crop of one, with a person's word and its numbers."""

    name: str
    label: str  # sharp, blurred
    row: MeasurementRow


def read_labelled(source: Path, root: Path | None) -> list[Labelled]:
    """Return the labelled photos of a folder that has `sharp/` and `blurred/`, or of a CSV file.

    A file is measured as a photo of its own, so a crop at the size it was cut at.

    Args:
        source: the folder, or a CSV file with a column `label` and a column `path` (from the file's folder) or
            `capture_id`.
        root: the repository that has the captures, None when there is none around.

    Raises:
        CapturesetError: a label, a file or a capture is unknown; every line of a CSV file is named.
    """
    return list(_of_folder(source) if source.is_dir() else _of_csv(source, root))


def _of_folder(folder: Path) -> Iterator[Labelled]:
    missing = [label for label in LABELS if not (folder / label).is_dir()]
    if missing:
        raise CapturesetError(f"{folder} has no folder {missing[0]}; put the photos into {folder}/sharp and /blurred.")
    for label in LABELS:
        for path in sorted((folder / label).rglob("*")):
            if path.suffix.lower() in ENDINGS:
                yield Labelled(str(path.relative_to(folder)), label, measure_photo("", path.read_bytes()))


def _of_csv(path: Path, root: Path | None) -> list[Labelled]:
    rows = _rows(path)
    measured = _measured(root) if any(row.get("capture_id") for row in rows) else {}
    found, faults = list[Labelled](), list[str]()
    for line, row in enumerate(rows, start=2):
        try:
            found.append(_of_row(row, path.parent, measured))
        except ValueError as error:
            faults.append(f"line {line} {error}")
    if faults:
        raise CapturesetError(f"{path} cannot be used: {'; '.join(faults[:20])}; mend or delete those lines.")
    return found


def _rows(path: Path) -> list[dict[str, str | None]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle)
            names = reader.fieldnames or ()
            if "label" not in names or not {"path", "capture_id"} & set(names):
                raise CapturesetError(
                    f"{path} has the columns {', '.join(names) or 'of an empty file'}; it needs `label` (sharp or "
                    "blurred) and `path` or `capture_id`."
                )
            return list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CapturesetError(f"{path} cannot be read as CSV: {error}; check the path and save it as UTF-8.") from None


def _of_row(row: Mapping[str, str | None], folder: Path, measured: Mapping[str, MeasurementRow]) -> Labelled:
    label, name = (row.get("label") or "").strip(), (row.get("path") or row.get("capture_id") or "").strip()
    if label not in LABELS:
        raise ValueError(f"has the label {label!r}, which is neither sharp nor blurred")
    if row.get("path"):
        try:
            return Labelled(name, label, measure_photo("", (folder / name).read_bytes()))
        except OSError as error:
            raise ValueError(f"names {name!r}, which cannot be read ({error.strerror})") from None
    if name not in measured:
        raise ValueError(f"names capture {name!r}, which is not measured")
    return Labelled(name, label, measured[name])


def _measured(root: Path | None) -> dict[str, MeasurementRow]:
    """Return the measurement of every capture of a repository."""
    if root is None:
        raise CapturesetError("the captures of a `capture_id` column are looked up in a repository; name it by --repo.")
    captures = tables.read(root / "data/catalog/captures.parquet", CaptureRow)
    rows = {row.image_md5: row for row in tables.read(root / "data/measure/measurements.parquet", MeasurementRow)}
    return {capture.capture_id: rows[capture.image_md5] for capture in captures if capture.image_md5 in rows}
