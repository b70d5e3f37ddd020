"""Can the size in cm be? There is no typical size to compare with, so only what geometry allows is judged."""

from __future__ import annotations

import math
from collections.abc import Iterator

from captureset.judgement.evidence import Evidence, box_of
from captureset.judgement.settings import QualityParams
from captureset.records.box import Box
from captureset.records.rows import CaptureRow

EDGE_PX = 2.0  # nearer to the photo's edge than this a thing may go on outside it


def size_counts(capture: CaptureRow) -> bool:
    """Say whether a capture is judged by its size: one is given, or the app that sent it should have one."""
    by_person_without_box = capture.label_origin == "person" and capture.label_kind == "category"
    if capture.label_kind not in {"boxes", "category"}:
        return False
    return capture.width_cm is not None or (capture.source_kind == "app" and not by_person_without_box)


def size_is_whole(capture: CaptureRow) -> bool:
    """Say whether width and height are known."""
    return capture.width_cm is not None and capture.height_cm is not None


def sizes_cm(capture: CaptureRow) -> list[float]:
    """Return the lengths in cm that are known."""
    return [value for value in (capture.width_cm, capture.height_cm, capture.depth_cm) if value is not None]


def size_is_possible(capture: CaptureRow, settings: QualityParams) -> bool:
    """Say whether every known length is above 0 and no longer than params.yaml allows."""
    return all(0 < value <= settings.largest_size_cm for value in sizes_cm(capture))


def size_disagreement(known: Evidence, settings: QualityParams) -> float | None:
    """Return how many times the box is wider or taller than the size in cm allows, 1 when it is not.

    A thing that stands upright is seen between its narrower side and its diagonal, whichever way it is turned. Not
    known without width and height, with more boxes than one, or where the box ends at the photo's edge.
    """
    capture = known.capture
    width, height, depth = capture.width_cm, capture.height_cm, capture.depth_cm
    if width is None or height is None or len(known.boxes) != 1 or not size_is_possible(capture, settings):
        return None
    box = box_of(known.boxes[0])
    if not box.is_solid or _at_edge(box, known):
        return None
    narrow, wide = (width, width) if depth is None else (min(width, depth), math.hypot(width, depth))
    seen = box.w_px / box.h_px
    return round(max(narrow / height / seen, seen / (wide / height), 1.0), 6)


def _at_edge(box: Box, known: Evidence) -> bool:
    x1, y1, x2, y2 = box.xyxy_px
    return min(x1, y1) < EDGE_PX or x2 > known.frame.width_px - EDGE_PX or y2 > known.frame.height_px - EDGE_PX


def size_flags(known: Evidence, settings: QualityParams) -> Iterator[str]:
    """Give what is wrong with the size in cm."""
    if not size_is_possible(known.capture, settings):
        yield "size_impossible"
    disagreement = size_disagreement(known, settings)
    if disagreement is not None and disagreement > settings.size_tolerance:
        yield "size_disagrees"
