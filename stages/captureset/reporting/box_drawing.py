"""One photo with its boxes drawn over it as SVG, names as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from captureset.records.box import Box, iou
from captureset.records.rows import AnnotationRow
from captureset.records.taxonomy import Category, Taxonomy
from captureset.reporting.markup import Markup, joined, tag

LETTER_PX, TALL_PX, PAD_PX = 11, 16.0, 5.0  # at the thumbnail's size
NARROW, WIDE = 0.6, 1.0  # width of a letter, of its height: Latin, Korean
FIRST_WIDE = "\u1100"


class Pictured(Protocol):
    """What is drawn: a capture, or a part of one with a size of its own."""

    @property
    def capture_id(self) -> str:
        """Its name."""

    @property
    def width_px(self) -> int:
        """Width of the upright picture in which the boxes lie."""

    @property
    def height_px(self) -> int:
        """Height of it."""


@dataclass(frozen=True, slots=True)
class BoxDrawing:
    """Draws captures as squares of `side_px`; `colours` are by category code."""

    taxonomy: Taxonomy
    colours: Mapping[str, str]
    side_px: int

    def picture(self, capture: Pictured, boxes: Sequence[AnnotationRow], data_uri: str | None) -> Markup:
        """Return the photo in the middle of its square, boxes and names over it, small boxes above large ones.

        A photo that cannot be decoded (`data_uri` None) is a gray area that says so.
        """
        frame = _shown(capture, self.side_px)
        at = _rectangle(frame)
        marked = [self._marked(row, _box_in(row, capture, frame)) for row in boxes]
        marked.sort(key=lambda item: -item.box.area_px2)
        names = ", ".join(item.category.name_en for item in marked) or "no box"
        return tag(
            "svg",
            tag("image", href=data_uri, preserveAspectRatio="none", **at) if data_uri else _placeholder(frame),
            *(_outline(item) for item in marked),
            *_name_tags(marked, frame),
            viewBox=f"0 0 {self.side_px} {self.side_px}",
            role="img",
            aria_label=f"{capture.capture_id}: {names}",
        )

    def _marked(self, row: AnnotationRow, box: Box) -> _Marked:
        return _Marked(row, box, self.taxonomy[row.category], self.colours[row.category])


@dataclass(frozen=True, slots=True)
class _Marked:
    """A box as it is drawn, in pixels of the square."""

    row: AnnotationRow
    box: Box
    category: Category
    colour: str


def _shown(capture: Pictured, side_px: int) -> Box:
    """Return where the photo lies in the square: as large as it fits, in the middle."""
    scale = side_px / max(capture.width_px, capture.height_px)
    width, height = capture.width_px * scale, capture.height_px * scale
    return Box((side_px - width) / 2, (side_px - height) / 2, width, height)


def _box_in(box: AnnotationRow, capture: Pictured, shown: Box) -> Box:
    scale = shown.w_px / capture.width_px
    return Box(shown.x_px + box.x_px * scale, shown.y_px + box.y_px * scale, box.w_px * scale, box.h_px * scale)


def _rectangle(box: Box) -> dict[str, str]:
    return {"x": _n(box.x_px), "y": _n(box.y_px), "width": _n(box.w_px), "height": _n(box.h_px)}


def _placeholder(frame: Box) -> Markup:
    x, y = frame.x_px + frame.w_px / 2, frame.y_px + frame.h_px / 2
    note = tag("text", "cannot be decoded", x=_n(x), y=_n(y), text_anchor="middle", class_="broken")
    return joined(tag("rect", class_="broken", **_rectangle(frame)), note)


def _outline(item: _Marked) -> Markup:
    """Return a box with a white halo; dashed while no person vouches for it."""
    at = _rectangle(item.box)
    dashes = None if item.row.origin == "person" else "5 3"
    title = tag("title", _described(item.row, item.category))
    box = tag("rect", title, class_="box", stroke=item.colour, stroke_dasharray=dashes, **at)
    return joined(tag("rect", class_="halo", **at), box)


def _described(row: AnnotationRow, category: Category) -> str:
    said = f"{row.origin}, {row.derived_from}" if row.derived_from else row.origin
    confidence = "" if row.confidence is None else f", confidence {row.confidence:.2f} of 1"
    size = f"{row.w_px:g} x {row.h_px:g} px at {row.x_px:g}, {row.y_px:g}"
    return f"{category.name} ({category.code}, {category.name_en}): {size}; {said}{confidence}"


def _name_tags(marked: Sequence[_Marked], frame: Box) -> Iterator[Markup]:
    """Give a name for every box where it hides no other name; the caption below names them all."""
    taken: list[Box] = []
    for item in marked:
        width = min(_width_px(item.category.name) + 2 * PAD_PX, frame.w_px)
        places = _places(item.box, width, frame)
        free = next((place for place in places if all(iou(place, other) == 0 for other in taken)), None)
        if free is not None:
            taken.append(free)
            yield _name_tag(item, free)


def _places(box: Box, width: float, frame: Box) -> Iterator[Box]:
    """Give where a name may stand: above the box, inside its top, below it, inside its bottom; never off the photo."""
    x = min(max(box.x_px - 1, frame.x_px), frame.x_px + frame.w_px - width)
    bottom = box.y_px + box.h_px
    for y in (box.y_px - TALL_PX, box.y_px, bottom, bottom - TALL_PX):
        if frame.y_px <= y <= frame.y_px + frame.h_px - TALL_PX:
            yield Box(x, y, width, TALL_PX)


def _name_tag(item: _Marked, place: Box) -> Markup:
    at = {"x": _n(place.x_px + PAD_PX), "y": _n(place.y_px + 0.76 * TALL_PX)}
    text = tag("text", item.category.name, class_="name", font_size=LETTER_PX, **at)
    return joined(tag("rect", fill=item.colour, **_rectangle(place)), text)


def _width_px(name: str) -> float:
    return LETTER_PX * sum(WIDE if letter >= FIRST_WIDE else NARROW for letter in name)


def _n(value: float) -> str:
    return f"{value:.2f}"
