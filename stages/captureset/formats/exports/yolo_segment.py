"""YOLO segmentation: as YOLO detection, with polygons for boxes; `yolo_reading` reads it.

A row is `class x1 y1 x2 y2 …`, fractions of the image. The parts of one outline are joined into one polygon by bridges
of no width, as the trainer itself does it.
"""

from __future__ import annotations

from collections.abc import Sequence

from captureset.formats.exports import yolo
from captureset.formats.exports.items import ExportItem, Naming, Polygons
from captureset.records.rows import AnnotationRow

DIGITS = 8


def texts(items: Sequence[ExportItem], naming: Naming) -> dict[str, str]:
    """Return the label files and data.yaml by path; every box of an item has its outline."""
    return yolo.files(items, naming, _row)


def _row(annotation: AnnotationRow, item: ExportItem, naming: Naming) -> str:
    width, height = item.capture.width_px, item.capture.height_px
    points = joined(item.outline)
    places = " ".join(f"{v / (height if at % 2 else width):.{DIGITS}f}" for at, v in enumerate(points))
    return f"{naming.ids[annotation.category] - 1} {places}\n"


def joined(polygons: Polygons) -> tuple[float, ...]:
    """Return one polygon that goes around all of them and back to the first."""
    if len(polygons) == 1:
        return polygons[0]
    around = tuple(v for polygon in polygons for v in (*polygon, *polygon[:2]))
    back = tuple(v for polygon in reversed(polygons[:-1]) for v in polygon[:2])
    return around + back
