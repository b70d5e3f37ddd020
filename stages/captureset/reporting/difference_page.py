"""Two versions side by side as one page: numbers, then every changed label as it was and as it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from captureset.comparison.difference import BOX_KINDS, Difference, LabelChange, Shift
from captureset.comparison.semver import level
from captureset.comparison.snapshot import SeenBox, Snapshot
from captureset.comparison.telling import said_by
from captureset.records.box import Box, Frame
from captureset.records.rows import AnnotationRow
from captureset.records.taxonomy import Taxonomy
from captureset.reporting.box_drawing import BoxDrawing
from captureset.reporting.colours import colours
from captureset.reporting.markup import Markup, joined, tag
from captureset.reporting.shell import html_page, navigation, sections
from captureset.reporting.tables_html import Column, table
from captureset.reporting.thumbnails import crop

SIDE_PX = 300
MOST_PAIRS, MOST_ADDED = 60, 24
MARGIN = 0.25  # of the changed boxes' extent, shown around them
Read = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a capture that is drawn; boxes lie in it as in a picture of its own."""

    capture_id: str
    width_px: int
    height_px: int
    region: Box


def page(changed: Difference, old: Snapshot, new: Snapshot, taxonomy: Taxonomy, read: Read) -> str:
    """Return the page.

    Args:
        changed: from old to new.
        old: the earlier version.
        new: the later one.
        taxonomy: names of the categories.
        read: gives the bytes of an address; called only for captures that are shown.
    """
    drawing = BoxDrawing(taxonomy, _colours(taxonomy), SIDE_PX)
    asked, why = level(changed)
    title = f"{changed.old} → {changed.new}"
    parts = {
        "Captures": _captures(changed),
        "Changed labels": _pairs(changed.labels, old, new, drawing, read),
        "Added": _added(changed.added, new, drawing, read),
        "Boxes": _boxes(changed),
        "Exports": _exports(changed),
        "Distribution": _distribution(changed),
    }
    head = tag("header", tag("h1", title), tag("p", f"A {asked} change: {why}."))
    return html_page(title, head, navigation(parts), *sections(parts))


def _colours(taxonomy: Taxonomy) -> dict[str, str]:
    given = colours(category.id for category in taxonomy.categories)
    return {category.code: given[category.id] for category in taxonomy.categories}


def _captures(changed: Difference) -> Markup:
    rows = (
        ("added", changed.added),
        ("removed", changed.removed),
        ("masked now", changed.newly_masked),
        ("unmasked", changed.masked_before_added),
        ("other photo under the same id", changed.replaced),
        ("moved to another split", tuple(moved.capture_id for moved in changed.splits)),
        ("label changed", tuple(label.capture_id for label in changed.labels)),
    )
    shown = [(what, len(ids), ", ".join(ids[:5]) + (" …" if len(ids) > 5 else "")) for what, ids in rows]  # noqa: PLR2004 - a line
    return table((Column("captures"), Column("number", "num"), Column("first")), shown)


def _pairs(labels: Sequence[LabelChange], old: Snapshot, new: Snapshot, drawing: BoxDrawing, read: Read) -> Markup:
    if not labels:
        return tag("p", "No label changed.")
    more = f" The first {MOST_PAIRS} of {len(labels)} are shown." if len(labels) > MOST_PAIRS else ""
    cards = [_pair(label, old, new, drawing, read) for label in labels[:MOST_PAIRS]]
    return joined(tag("p", f"Before on the left, after on the right.{more}"), tag("div", *cards, class_="changed"))


def _pair(label: LabelChange, old: Snapshot, new: Snapshot, drawing: BoxDrawing, read: Read) -> Markup:
    part = _part(label, new)
    name = label.capture_id
    capture = new.captures[name]
    uri = crop(read(capture.image_md5), part.region, capture.width_px, SIDE_PX)
    before = drawing.picture(part, _inside(old.boxes.get(name, ()), part), uri)
    after = drawing.picture(part, _inside(new.boxes.get(name, ()), part), uri)
    moved = [f"{change.kind} {change.category}" + _iou(change.iou) for change in label.boxes]
    named = [f"{label.old_category or 'no category'} → {label.new_category or 'no category'}"]
    told = (named if label.old_category != label.new_category else []) + moved
    caption = tag("figcaption", tag("p", tag("code", name)), tag("p", "; ".join(told)), tag("p", said_by(label)))
    return tag("figure", tag("div", before, after, class_="then-now"), caption)


def _iou(value: float | None) -> str:
    return "" if value is None else f" (IoU {value:.2f})"


def _part(label: LabelChange, version: Snapshot) -> Part:
    """Return what to show of a photo: the changed boxes with a margin, all of it when no box changed."""
    frame = version.frame(label.capture_id)
    boxes = [box.box for change in label.boxes for box in (change.old, change.new) if box is not None]
    region = _around(boxes, frame) if boxes else Box(0.0, 0.0, float(frame.width_px), float(frame.height_px))
    return Part(label.capture_id, math.ceil(region.w_px), math.ceil(region.h_px), region)


def _around(boxes: Iterable[Box], frame: Frame) -> Box:
    corners = [box.xyxy_px for box in boxes]
    x1, y1 = min(c[0] for c in corners), min(c[1] for c in corners)
    x2, y2 = max(c[2] for c in corners), max(c[3] for c in corners)
    margin = MARGIN * max(x2 - x1, y2 - y1)
    left, top = max(math.floor(x1 - margin), 0), max(math.floor(y1 - margin), 0)
    right, bottom = min(math.ceil(x2 + margin), frame.width_px), min(math.ceil(y2 + margin), frame.height_px)
    return Box.from_xyxy_px(float(left), float(top), float(right), float(bottom))


def _inside(boxes: Iterable[SeenBox], part: Part) -> list[AnnotationRow]:
    return [_row(box, part) for box in boxes if _touches(box.box, part.region)]


def _row(box: SeenBox, part: Part) -> AnnotationRow:
    moved = replace(box, x_px=box.x_px - part.region.x_px, y_px=box.y_px - part.region.y_px)
    return AnnotationRow(box.capture_id, 0, box.category, *moved.box.xywh_px, box.origin, None, None)


def _touches(box: Box, region: Box) -> bool:
    ax1, ay1, ax2, ay2 = box.xyxy_px
    bx1, by1, bx2, by2 = region.xyxy_px
    return ax1 < bx2 and bx1 < ax2 and ay1 < by2 and by1 < ay2


def _added(ids: Sequence[str], new: Snapshot, drawing: BoxDrawing, read: Read) -> Markup:
    if not ids:
        return tag("p", "No capture was added.")
    more = f"The first {MOST_ADDED} of {len(ids)}." if len(ids) > MOST_ADDED else f"All {len(ids)}."
    return joined(tag("p", more), tag("div", *_sheet(ids[:MOST_ADDED], new, drawing, read), class_="sheet"))


def _sheet(ids: Iterable[str], new: Snapshot, drawing: BoxDrawing, read: Read) -> Iterator[Markup]:
    for name in ids:
        frame = new.frame(name)
        whole = Part(
            name, frame.width_px, frame.height_px, Box(0.0, 0.0, float(frame.width_px), float(frame.height_px))
        )
        uri = crop(read(new.captures[name].image_md5), whole.region, frame.width_px, SIDE_PX)
        picture = drawing.picture(whole, _inside(new.boxes.get(name, ()), whole), uri)
        yield tag("figure", picture, tag("figcaption", tag("p", tag("code", name), class_="id")), class_="card")


def _boxes(changed: Difference) -> Markup:
    columns = (Column("category"), *(Column(kind, "num") for kind in BOX_KINDS))
    rows = [(code, *(kinds[kind] for kind in BOX_KINDS)) for code, kinds in changed.box_counts.items()]
    return table(columns, rows) if rows else tag("p", "No box changed.")


def _exports(changed: Difference) -> Markup:
    rows = [(change.path, len(change.came), len(change.left)) for change in changed.carried]
    columns = (Column("export"), Column("captures that came", "num"), Column("left it", "num"))
    found = table(columns, rows) if rows else tag("p", "Every export carries the same captures.")
    return found if changed.classes_kept else joined(found, tag("p", "Categories are called otherwise in them."))


def _distribution(changed: Difference) -> Markup:
    groups = (("split", changed.split_sizes), ("grade", changed.grades), ("category", changed.captures))
    rows = [(kind, name, *_shift(shift)) for kind, shifts in groups for name, shift in shifts.items()]
    rows.append(("quality", "mean overall score", *_shift(changed.mean_score)))
    columns = (Column("of"), Column("what"), Column("before", "num"), Column("after", "num"), Column("change", "num"))
    return table(columns, rows)


def _shift(shift: Shift) -> tuple[str, str, str]:
    return f"{shift.old:g}", f"{shift.new:g}", f"{shift.new - shift.old:+g}" if shift.new != shift.old else ""
