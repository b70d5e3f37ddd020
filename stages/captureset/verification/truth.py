"""What an export must hold, taken from the tables and the sidecars and not from the export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from captureset.exporting.layouts import Layout
from captureset.exporting.writing import Selection
from captureset.formats.exports import classification
from captureset.formats.exports.items import ExportItem, Naming
from captureset.records.box import Box
from captureset.verification.sources import Told

MADE = {"whole_image", "alpha"}  # boxes that nobody gave: the catalog made them of the photo's or the twin's extent


@dataclass(frozen=True, slots=True)
class ExpectedCapture:
    """One capture that has a place in a split; its boxes with the category ids of the export.

    `left_out` is the reason this format must not hold it, None when it must. `told` is what sidecar and feedback say.
    """

    capture_id: str
    split: str
    group: str
    kind: str
    boxes: tuple[tuple[int | None, Box], ...]
    told: Told | None
    left_out: str | None


@dataclass(frozen=True, slots=True)
class Truth:
    """Everything one export must hold, by capture id, and what its categories are called in order."""

    captures: Mapping[str, ExpectedCapture]
    names: tuple[str, ...]


def truth_of(
    layout: Layout, items: Iterable[ExportItem], chosen: Selection, naming: Naming, told: Mapping[str, Told]
) -> Truth:
    """Return what one export must hold of these captures."""
    ids = {c.code: c.id for c in naming.taxonomy.categories} if layout.own_ids else naming.ids
    captures = {
        item.capture.capture_id: _expected(item, ids, told.get(item.capture.capture_id), chosen) for item in items
    }
    return Truth(captures, tuple(_names(layout, naming)))


def _names(layout: Layout, naming: Naming) -> Iterator[str]:
    if layout.labelled:
        yield from map(classification.folder_of, naming.categories)
    elif layout.own_ids:
        yield from (category.code for category in naming.taxonomy.categories)
    else:
        yield from (category.name for category in naming.categories)


def _expected(item: ExportItem, ids: Mapping[str, int], told: Told | None, chosen: Selection) -> ExpectedCapture:
    boxes = tuple((ids.get(a.category), Box(a.x_px, a.y_px, a.w_px, a.h_px)) for a in item.annotations)
    if told is not None and not told.boxes and any(a.derived_from in MADE for a in item.annotations):
        told = replace(told, boxes=tuple(place for _, place in boxes))
    capture_id, split = item.capture.capture_id, item.split
    left = chosen.left_out.get(capture_id)
    return ExpectedCapture(capture_id, split.split, split.group, item.capture.label_kind, boxes, told, left)
