"""Small pictures: of what a model mistook, the object a person's label boxes; of what looks alike, whole photos."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain

from captureset.records.box import Box
from captureset.records.rows import AnnotationRow, CaptureRow
from captureset.reporting.markup import Markup, tag
from captureset.reporting.thumbnails import crop, thumbnail
from captureset.reporting.trust import Trust

SIDE_PX = 96
PAIRS, A_PAIR = 8, 3


def mistaken(captures: Iterable[CaptureRow], trust: Trust) -> list[CaptureRow]:
    """Return the captures to show, in the catalog's order: the first by id of each of the most frequent mistakes."""
    wanted = set(chain.from_iterable(row.sample_ids[:A_PAIR] for row in trust.mistakes[:PAIRS]))
    return [row for row in captures if row.capture_id in wanted]


def crops(
    captures: Iterable[CaptureRow], boxes: Iterable[AnnotationRow], read: Callable[[str], bytes]
) -> dict[str, Markup]:
    """Return a picture of each capture by its id: its largest box, the whole photo where it has none.

    Args:
        captures: the ones to show.
        boxes: of any captures.
        read: gives the bytes of an address.
    """
    shown = {row.capture_id: row for row in captures}
    own: dict[str, list[AnnotationRow]] = {name: [] for name in shown}
    for box in boxes:
        if box.capture_id in own:
            own[box.capture_id].append(box)
    return {name: _cut_out(shown[name], own[name], read(shown[name].image_md5)) for name in sorted(shown)}


def photos(captures: Iterable[CaptureRow], read: Callable[[str], bytes]) -> dict[str, Markup]:
    """Return a picture of each whole photo by the id of its capture; `read` gives the bytes of an address."""
    return {row.capture_id: _shown(row, thumbnail(read(row.image_md5), SIDE_PX)) for row in captures}


def _cut_out(capture: CaptureRow, boxes: Sequence[AnnotationRow], data: bytes) -> Markup:
    largest = max(boxes, key=lambda box: (box.w_px * box.h_px, -box.position), default=None)
    if largest is None:
        return _shown(capture, thumbnail(data, SIDE_PX))
    box = Box(largest.x_px, largest.y_px, largest.w_px, largest.h_px)
    return _shown(capture, crop(data, box, capture.width_px, SIDE_PX))


def _shown(capture: CaptureRow, uri: str | None) -> Markup:
    if uri is None:
        return tag("span", f"{capture.capture_id} cannot be decoded", class_="muted sample")
    side = {"width": SIDE_PX, "height": SIDE_PX}
    image = tag("image", tag("title", capture.capture_id), href=uri, **side)
    box = {"viewBox": f"0 0 {SIDE_PX} {SIDE_PX}", **side}
    return tag("span", tag("svg", image, role="img", aria_label=capture.capture_id, **box), class_="sample")
