"""A folder opened as what it is: one of our exports, or anybody's COCO or YOLO folder."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from captureset.errors import CapturesetError
from captureset.formats import jsontext
from captureset.formats.exports import classification, coco_reading, ecoguide, tables, yolo_reading
from captureset.records.reading import Reading

READERS: dict[str, Callable[[Path], Reading]] = {
    "coco": coco_reading.read,
    "yolo": partial(yolo_reading.read, kind="yolo"),
    "yolo_segment": partial(yolo_reading.read, kind="yolo_segment"),
    "classification": classification.read,
    "custom": ecoguide.read,
    "tables": tables.read,
}
YAML = (".yaml", ".yml")


def opened(place: Path) -> list[Reading]:
    """Return what stands at a place: a folder, a COCO JSON or a data.yaml; a folder may hold both formats.

    Raises:
        CapturesetError: there is no such place, or nothing in it that could be verified.
    """
    if place.is_file():
        reader = yolo_reading.read if place.suffix in YAML else coco_reading.read
        return [reader(place.parent, place.name)]
    if not place.is_dir():
        raise CapturesetError(f"{place} does not exist; name a COCO or YOLO folder.")
    ours = manifest_of(place)
    if ours is not None:
        return [READERS[ours["format"]](place)]
    found = [yolo_reading.read(place)] if yolo_reading.data_yaml_of(place) else []
    try:
        return [*found, coco_reading.read(place)]
    except CapturesetError:
        if found:
            return found
    raise CapturesetError(
        f"{place} holds neither a COCO document (a JSON object with images) nor a data.yaml; name another folder."
    )


def manifest_of(folder: Path) -> dict[str, Any] | None:
    """Return the manifest of an export of ours that is switched on, None where there is none."""
    path = folder / "manifest.json"
    if not path.is_file():
        return None
    document = jsontext.read(path)
    ours = isinstance(document, dict) and document.get("format") in READERS and document.get("enabled")
    return document if ours else None
