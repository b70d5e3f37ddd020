"""Everything that is known of one capture, gathered from the tables of catalog and measure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from captureset.records.answer_rows import ModelBoxRow
from captureset.records.box import Box, Frame
from captureset.records.rows import AnnotationRow, CaptureRow, MaskRow, MeasurementRow, RegionRow

Row = TypeVar("Row", AnnotationRow, ModelBoxRow)
Place = tuple[str, float, float, float, float]  # a photo and a box in it


@dataclass(frozen=True, slots=True)
class Evidence:
    """One capture with its measurements; what is None or missing has not been measured."""

    capture: CaptureRow
    measured: MeasurementRow | None = None
    boxes: tuple[AnnotationRow, ...] = ()
    regions: tuple[RegionRow, ...] = ()  # of its boxes
    mask: MaskRow | None = None
    model_boxes: tuple[ModelBoxRow, ...] = ()

    @property
    def frame(self) -> Frame:
        """The upright photo's size."""
        return Frame(self.capture.width_px, self.capture.height_px)


def box_of(row: AnnotationRow | ModelBoxRow | RegionRow) -> Box:
    """Return the bounding box of a row, in pixels of the upright photo."""
    return Box(row.x_px, row.y_px, row.w_px, row.h_px)


def gather(
    captures: Iterable[CaptureRow],
    measured: Iterable[MeasurementRow],
    annotations: Iterable[AnnotationRow] = (),
    regions: Iterable[RegionRow] = (),
    masks: Iterable[MaskRow] = (),
    model_boxes: Iterable[ModelBoxRow] = (),
) -> list[Evidence]:
    """Return what is known of every capture, in the catalog's order."""
    photos = {row.image_md5: row for row in measured}
    twins = {(row.image_md5, row.twin_md5): row for row in masks}
    places = {(row.image_md5, *box_of(row).xywh_px): row for row in regions}
    boxes, answered = _by_capture(annotations), _by_capture(model_boxes)
    return [
        Evidence(
            capture,
            photos.get(capture.image_md5),
            tuple(boxes[capture.capture_id]),
            tuple(_measured(capture.image_md5, boxes[capture.capture_id], places)),
            twins.get((capture.image_md5, capture.twin_md5)) if capture.twin_md5 else None,
            tuple(answered[capture.capture_id]),
        )
        for capture in captures
    ]


def _measured(image_md5: str, boxes: Iterable[AnnotationRow], regions: dict[Place, RegionRow]) -> Iterable[RegionRow]:
    places = ((image_md5, *box_of(box).xywh_px) for box in boxes)
    return (regions[place] for place in places if place in regions)


def _by_capture(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.capture_id].append(row)
    return found
