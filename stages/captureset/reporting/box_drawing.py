"""One photo with its boxes drawn over it as SVG, names as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from captureset.records.box import Box, iou
from captureset.records.rows import AnnotationRow, CaptureRow
from captureset.records.taxonomy import Category, Taxonomy
from captureset.reporting.colours import colour_of
from captureset.reporting.markup import Markup, joined, tag

LETTER_PX, TALL_PX, PAD_PX = 11, 16.0, 5.0  # at the thumbnail's size
NARROW, WIDE = 0.6, 1.0  # width of a letter, of its height: Latin, Korean
FIRST_WIDE = "\u1100"


def picture(
    taxonomy: Taxonomy, capture: CaptureRow, boxes: Sequence[AnnotationRow], data_uri: str | None, side_px: int
) -> Markup:
    """Return a square of `side_px` with the photo in its middle, boxes and names over it; large boxes come first.

    A photo that cannot be decoded is a gray area that says so.
    """
    frame = _shown(capture, side_px)
    at = {"width": _n(frame.w_px), "height": _n(frame.h_px), "x": _n(frame.x_px), "y": _n(frame.y_px)}
    drawn = [_box_in(box, capture, frame) for box in boxes]
    order = sorted(range(len(boxes)), key=lambda place: -drawn[place].area_px2)
    categories = [taxonomy[box.category] for box in boxes]
    return tag(
        "svg",
        tag("image", href=data_uri, preserveAspectRatio="none", **at) if data_uri else _placeholder(frame, at),
        *(_outline(boxes[i], drawn[i], categories[i]) for i in order),
        *_name_tags([(categories[i], drawn[i]) for i in order], frame),
        viewBox=f"0 0 {side_px} {side_px}",
        role="img",
        aria_label=f"{capture.capture_id}: {', '.join(category.name_en for category in categories) or 'no box'}",
    )


def _shown(capture: CaptureRow, side_px: int) -> Box:
    """Return where the photo lies in the square: as large as it fits, in the middle."""
    scale = side_px / max(capture.width_px, capture.height_px)
    width, height = capture.width_px * scale, capture.height_px * scale
    return Box((side_px - width) / 2, (side_px - height) / 2, width, height)


def _box_in(box: AnnotationRow, capture: CaptureRow, shown: Box) -> Box:
    scale = shown.w_px / capture.width_px
    return Box(shown.x_px + box.x_px * scale, shown.y_px + box.y_px * scale, box.w_px * scale, box.h_px * scale)


def _placeholder(frame: Box, at: dict[str, str]) -> Markup:
    x, y = frame.x_px + frame.w_px / 2, frame.y_px + frame.h_px / 2
    note = tag("text", "cannot be decoded", x=_n(x), y=_n(y), text_anchor="middle", class_="broken")
    return joined(tag("rect", class_="broken", **at), note)


def _outline(row: AnnotationRow, box: Box, category: Category) -> Markup:
    """Return a box with a white halo; dashed while no person vouches for it."""
    at = {"x": _n(box.x_px), "y": _n(box.y_px), "width": _n(box.w_px), "height": _n(box.h_px)}
    said = f"{row.origin}, {row.derived_from}" if row.derived_from else row.origin
    confidence = "" if row.confidence is None else f", confidence {row.confidence:.2f}"
    size = f"{row.w_px:g} x {row.h_px:g} px at {row.x_px:g}, {row.y_px:g}"
    title = tag("title", f"{category.name} ({category.code}, {category.name_en}) · {size} · {said}{confidence}")
    dashes = None if row.origin == "person" else "5 3"
    colour = colour_of(category.id)
    return joined(
        tag("rect", class_="halo", **at), tag("rect", title, class_="box", stroke=colour, stroke_dasharray=dashes, **at)
    )


def _name_tags(named: Sequence[tuple[Category, Box]], frame: Box) -> Iterator[Markup]:
    """Give a name for every box where it hides no other name; the caption below names them all."""
    taken: list[Box] = []
    for category, box in named:
        width = min(_width_px(category.name) + 2 * PAD_PX, frame.w_px)
        free = next((place for place in _places(box, width, frame) if all(iou(place, t) == 0 for t in taken)), None)
        if free is not None:
            taken.append(free)
            yield _name_tag(category, free)


def _places(box: Box, width: float, frame: Box) -> Iterator[Box]:
    """Give where a name may stand: above the box, inside its top, below it, inside its bottom; never off the photo."""
    x = min(max(box.x_px - 1, frame.x_px), frame.x_px + frame.w_px - width)
    bottom = box.y_px + box.h_px
    for y in (box.y_px - TALL_PX, box.y_px, bottom, bottom - TALL_PX):
        if frame.y_px <= y <= frame.y_px + frame.h_px - TALL_PX:
            yield Box(x, y, width, TALL_PX)


def _name_tag(category: Category, place: Box) -> Markup:
    at = {"x": _n(place.x_px), "y": _n(place.y_px), "width": _n(place.w_px), "height": _n(place.h_px)}
    text_at = {"x": _n(place.x_px + PAD_PX), "y": _n(place.y_px + 0.76 * TALL_PX)}
    text = tag("text", category.name, class_="name", font_size=LETTER_PX, **text_at)
    return joined(tag("rect", fill=colour_of(category.id), **at), text)


def _width_px(name: str) -> float:
    return LETTER_PX * sum(WIDE if letter >= FIRST_WIDE else NARROW for letter in name)


def _n(value: float) -> str:
    return f"{value:.2f}"
