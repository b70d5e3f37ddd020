"""Is a label sane? A superset of what the trainer asks; a capture whose label fails is not usable for training."""

from __future__ import annotations

import math
from collections.abc import Container, Iterator, Sequence
from itertools import combinations

from captureset.judgement.evidence import Evidence, box_of
from captureset.judgement.settings import QualityParams
from captureset.records.box import Box, Frame, iou
from captureset.records.rows import AnnotationRow

GATE_FLAGS = (
    "category_unknown",
    "confidence_out_of_range",
    "box_not_finite",
    "box_empty",
    "box_outside",
    "box_tiny",
    "box_covers_frame",
    "box_elongated",
    "box_repeated",
)
ROUNDING_PX = 0.001  # beyond an edge


def gate_flags(known: Evidence, settings: QualityParams, categories: Container[str] | None = None) -> list[str]:
    """Return the codes of what is wrong with the final label, each once, in the order of GATE_FLAGS.

    Without `categories` their codes are not looked at: `submit` and the stage catalog refuse unknown ones.
    A box made of the whole photo because params.yaml asked for it may cover the frame.
    """
    found = {*_words(known, categories), *_repeated(known.boxes, settings)}
    for row in known.boxes:
        found.update(_box_flags(row, known.frame, settings))
    return [flag for flag in GATE_FLAGS if flag in found]


def _words(known: Evidence, categories: Container[str] | None) -> Iterator[str]:
    named = {known.capture.category, *(row.category for row in known.boxes)} - {None}
    if categories is not None and any(code not in categories for code in named):
        yield "category_unknown"
    told = (known.capture.model_confidence, *(row.confidence for row in known.boxes))
    if any(value is not None and not 0 <= value <= 1 for value in told):
        yield "confidence_out_of_range"


def _box_flags(row: AnnotationRow, frame: Frame, settings: QualityParams) -> Iterator[str]:
    box = box_of(row)
    if not all(map(math.isfinite, box.xywh_px)):
        yield "box_not_finite"
    elif box.w_px <= 0 or box.h_px <= 0:
        yield "box_empty"
    else:
        yield from _shape_flags(box, frame, settings, whole=row.derived_from == "whole_image")


def _shape_flags(box: Box, frame: Frame, settings: QualityParams, *, whole: bool) -> Iterator[str]:
    if box.fault_in(frame, ROUNDING_PX):
        yield "box_outside"
    if box.area_px2 < settings.smallest_box_px2:
        yield "box_tiny"
    if box.area_px2 > settings.largest_box_share * frame.width_px * frame.height_px and not whole:
        yield "box_covers_frame"
    if max(box.w_px / box.h_px, box.h_px / box.w_px) > settings.longest_box_aspect:
        yield "box_elongated"


def _repeated(boxes: Sequence[AnnotationRow], settings: QualityParams) -> Iterator[str]:
    for one, other in combinations(boxes, 2):
        if one.category == other.category and iou(box_of(one), box_of(other)) > settings.repeated_box_iou:
            yield "box_repeated"
            return
