"""Which captures a format carries, and why it leaves out the others."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from captureset.exporting.layouts import Layout
from captureset.formats import tables
from captureset.formats.exports.items import ExportItem, Naming, Polygons
from captureset.pixels.outline import outline_of
from captureset.records.box import Box, Frame
from captureset.records.rows import AnnotationRow, CaptureRow, QualityRow, SplitRow
from captureset.records.splits import ALL_SPLITS, splits_of


@dataclass(frozen=True, slots=True)
class Tables:
    """What exports are made from."""

    captures: Sequence[CaptureRow]
    annotations: Sequence[AnnotationRow]
    quality: Sequence[QualityRow]
    splits: Sequence[SplitRow]

    @classmethod
    def read(cls, data: Path) -> Tables:
        """Return the tables below the folder `data`."""
        return cls(
            tables.read(data / "catalog/captures.parquet", CaptureRow),
            tables.read(data / "catalog/annotations.parquet", AnnotationRow),
            tables.read(data / "quality/quality.parquet", QualityRow),
            tables.read(data / "split/split.parquet", SplitRow),
        )


def placed(rows: Tables) -> list[ExportItem]:
    """Return every capture that has a place in a split, masked ones too, by id; file names have no suffix yet.

    A name of digits only would be taken for an image id by evaluators (ultralytics' is one), so it gets a word.
    """
    captures = {capture.capture_id: capture for capture in rows.captures}
    judged = {row.capture_id: row for row in rows.quality}
    boxes: dict[str, list[AnnotationRow]] = defaultdict(list)
    for annotation in rows.annotations:
        boxes[annotation.capture_id].append(annotation)
    return [
        ExportItem(captures[row.capture_id], boxes[row.capture_id], judged[row.capture_id], row, _stem(row.capture_id))
        for row in sorted(rows.splits, key=lambda row: row.capture_id)
    ]


def _stem(capture_id: str) -> str:
    return f"capture_{capture_id}" if capture_id.isdigit() else capture_id  # no id has an underscore


def outline(item: ExportItem, read: Callable[[str], bytes]) -> Polygons:
    """Return the outline of the one box of a capture, traced from its twin; nothing where that shows another thing."""
    if item.capture.twin_md5 is None or len(item.annotations) != 1:
        return ()
    (a,) = item.annotations
    frame = Frame(item.capture.width_px, item.capture.height_px)
    return outline_of(read(item.capture.twin_md5), Box(a.x_px, a.y_px, a.w_px, a.h_px), frame)


def left_out(
    items: Sequence[ExportItem], layout: Layout, naming: Naming, background_ratio: float | None
) -> dict[str, str]:
    """Return the captures a format leaves out, each with its reason code."""
    reasons = {item.capture.capture_id: reason for item in items if (reason := _reason(item, layout, naming))}
    if layout.boxed and background_ratio is not None:
        rest = [item for item in items if item.capture.capture_id not in reasons]
        reasons |= dict.fromkeys(_surplus(rest, background_ratio), "background_over_ratio")
    return reasons


def _reason(item: ExportItem, layout: Layout, naming: Naming) -> str | None:
    kind, whole = item.capture.label_kind, item.capture.category
    codes = {a.category for a in item.annotations} or ({whole} if whole else set())
    if item.split.masked is not None:
        return item.split.masked
    if layout.boxed and kind == "category":
        return "no_box"
    if layout.labelled and kind == "empty":
        return "no_category"
    if layout.mapped and codes - naming.ids.keys():
        return "category_not_mapped"
    return "no_outline" if layout.outlined and item.annotations and not item.outline else None


def _surplus(items: Sequence[ExportItem], ratio: float) -> Iterator[str]:
    """Give the photos without a box beyond the ratio, split by split; the same ones stay while data grows."""
    for split in ALL_SPLITS:
        here = [item for item in items if item.split.split == split]
        bare = sorted((item.capture.capture_id for item in here if not item.annotations), key=_lot)
        yield from bare[int(ratio * (len(here) - len(bare))) :]


def _lot(capture_id: str) -> str:
    return hashlib.sha256(f"background {capture_id}".encode()).hexdigest()


def counts(items: Sequence[ExportItem]) -> Mapping[str, Any]:
    """Return images, boxes and photos without a box of every split."""
    return {
        name: {
            "images": len(here),
            "boxes": sum(len(item.annotations) for item in here),
            "without_boxes": sum(not item.annotations for item in here),
        }
        for name in splits_of(item.split.split for item in items)
        for here in [[item for item in items if item.split.split == name]]
    }
