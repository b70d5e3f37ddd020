"""Rules 10 to 17: where boxes lie, and what else an annotation may be."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from captureset.formats.exports.coco_reading import rows
from captureset.records.box import Box, Frame
from captureset.records.reading import ReadBox, ReadImage
from captureset.verification.case import NUMBERS, Case, Fault, NotApplicableError, at, in_pixels
from captureset.verification.truth import ExpectedCapture

ROUNDING_PX = 0.001
LEAST_POLYGON = 6
ENCLOSED_PX = 1.0
STRAIGHT = 1e-6


def inside(case: Case) -> Iterator[Fault]:
    """Give boxes that are no four numbers, have no area, or reach outside their image."""
    for box in case.reading.boxes:
        if len(box.numbers) != NUMBERS or not all(map(math.isfinite, box.numbers)):
            yield at(box, f"the box is {_shown(box)}, not four finite numbers")
    for _, box, place, frame in case.placed():
        if all(map(math.isfinite, box.numbers)):
            fault = place.fault_in(frame, ROUNDING_PX)
            if fault:
                yield at(box, f"the box {_shown(box)} {fault}")


def _shown(box: ReadBox) -> str:
    return repr(box.row.get("line", list(box.numbers)))


def sides(case: Case) -> Iterator[Fault]:
    """Give boxes with a side shorter than the policy allows."""
    least = case.policy.min_side_px
    for _, box, place, _ in case.placed():
        if 0 < min(place.w_px, place.h_px) < least - case.policy.tolerance_px:
            yield at(box, f"a side is {min(place.w_px, place.h_px):.3f} px, {least:g} px are the least")


def yolo_corners(case: Case) -> Iterator[Fault]:
    """Give YOLO corners outside [0, 1] by any amount, and edges that are not the catalog's."""
    for box in case.reading.boxes:
        if len(box.numbers) == NUMBERS:
            cx, cy, w, h = box.numbers
            corners = (cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2)
            ends = [v for polygon in box.polygons for v in polygon] or corners
            if not (min(ends) >= 0 and max(ends) <= 1):
                yield at(box, f"{_shown(box)} leaves [0, 1]: {min(ends)!r} to {max(ends)!r}")
    if case.origin and case.reading.kind == "yolo":
        yield from _apart(case)


def frames(case: Case) -> Iterator[Fault]:
    """Give declared sizes that are not those of the upright pixels, and orientations that are left."""
    for image in case.reading.images:
        picture = case.pictures.get(image.file)
        if picture is None or picture.upright is None:
            continue
        if image.frame and image.frame != picture.stored:
            yield Fault(
                image.label or image.file, image.file, f"says {_size(image.frame)}, the file {_size(picture.stored)}"
            )
        if picture.orientation != 1:
            yield Fault(image.file, "", f"the EXIF orientation is {picture.orientation}")


def _size(frame: Any) -> str:
    return f"{frame.width_px}x{frame.height_px} px"


def measured_frames(case: Case) -> Iterator[Fault]:
    """Give boxes that are not where the sidecar or the feedback puts them, scaled from the frame they name."""
    if case.reading.kind != "yolo":  # whose edges are rule 12's
        yield from _apart(case)
    for image, wanted, frame in _expected(case):
        told = () if wanted.told is None else wanted.told.boxes
        places = [in_pixels(case.reading.kind, box, frame) for box in image.boxes]
        for box, place, due in zip(image.boxes, places, told, strict=False):
            if place is not None and not _gap(place, due) <= case.policy.tolerance_px:
                yield at(box, f"lies {_gap(place, due):.4f} px from where it was measured")


def _expected(case: Case) -> Iterator[tuple[ReadImage, ExpectedCapture, Frame]]:
    for image in case.reading.images:
        wanted, frame = case.expected(image), case.frame(image)
        if wanted is not None and frame is not None:
            yield image, wanted, frame


def _apart(case: Case) -> Iterator[Fault]:
    """Give boxes that are not the catalog's."""
    for image, wanted, frame in _expected(case):
        if len(image.boxes) != len(wanted.boxes):
            yield Fault(image.label or image.file, image.file, f"{len(image.boxes)} boxes, {len(wanted.boxes)} are due")
            continue
        for box, (number, place) in zip(image.boxes, wanted.boxes, strict=True):
            yield from _off(case, box, number, place, in_pixels(case.reading.kind, box, frame))


def _off(case: Case, box: ReadBox, number: int | None, wanted: Box, found: Box | None) -> Iterator[Fault]:
    shift = 1 if case.reading.kind == "yolo" else 0
    category = box.category + shift if isinstance(box.category, int) else box.category
    if category != number:
        yield at(box, f"the category is {category!r}, the label's is {number!r}")
    if found is None:
        yield at(box, "there are no four numbers to compare")
    elif not _gap(found, wanted) <= case.policy.tolerance_px:
        yield at(box, f"lies {_gap(found, wanted):.4f} px off, {case.policy.tolerance_px} px are allowed")


def _gap(one: Box, other: Box) -> float:
    return max(abs(a - b) for a, b in zip(one.xyxy_px, other.xyxy_px, strict=True))


def crowds(case: Case) -> Iterator[Fault]:
    """Give `iscrowd` that is neither 0 nor 1; in the repository any crowd, and photos that only look empty."""
    for box in case.reading.boxes:
        crowd = box.row.get("iscrowd", 0)
        if type(crowd) is not int or crowd not in {0, 1}:
            yield at(box, f"iscrowd is {crowd!r}, not 0 or 1")
        elif case.origin and crowd:
            yield at(box, "is a crowd, which no capture holds")
    if case.origin is None and case.reading.kind.startswith("yolo"):
        raise NotApplicableError("a YOLO file cannot say which rows were crowds; verify the COCO it was made from")
    if case.origin:
        yield from _false_empties(case)


def _false_empties(case: Case) -> Iterator[Fault]:
    for image in case.reading.images:
        wanted = case.expected(image)
        if wanted and not image.boxes and wanted.kind not in {"empty", "category"}:
            yield Fault(image.file, wanted.capture_id, f"has no box although its label is of the kind {wanted.kind!r}")


def rotated(case: Case) -> Iterator[Fault]:
    """Give rotated boxes that stand as if they were upright: a rotation beside them, or an outline beyond them."""
    for box in case.reading.boxes:
        turn = _rotation(box.row)
        if turn:
            yield at(box, f"is rotated by {turn}, which readers of `bbox` ignore")
        elif len(box.numbers) == NUMBERS + 1:
            yield at(box, f"has five numbers {list(box.numbers)}: a rotated box")
        elif case.reading.kind == "yolo" and box.polygons and _is_oblique(box.polygons[0]):
            yield at(box, f"{_shown(box)} has four oblique corners, which a detector takes for a polygon")
        elif case.reading.kind == "coco" and box.polygons and not _encloses(box):
            yield at(box, f"the box {list(box.numbers)} does not enclose its segmentation")


def _rotation(row: Any) -> Any:
    attributes = row.get("attributes")
    turn = attributes.get("rotation", 0) if isinstance(attributes, dict) else 0
    return row.get("rotation") or turn


def _is_oblique(corners: tuple[float, ...]) -> bool:
    points = [*zip(corners[::2], corners[1::2], strict=True)]
    return any(min(abs(a[0] - b[0]), abs(a[1] - b[1])) > STRAIGHT for a, b in pairwise([*points, points[0]]))


def _encloses(box: ReadBox) -> bool:
    xs, ys = ([v for p in box.polygons for v in p[axis::2]] for axis in (0, 1))
    if len(box.numbers) != NUMBERS or not xs or not ys:
        return True  # other rules speak of it
    x1, y1, x2, y2 = Box(*box.numbers).xyxy_px
    slack = (min(xs) - x1, min(ys) - y1, x2 - max(xs), y2 - max(ys))
    return min(slack) >= -ENCLOSED_PX


def segmentation(case: Case) -> Iterator[Fault]:
    """Give segmentations that are neither an empty list, nor polygons, nor (of a crowd) an RLE of the image's size."""
    sizes = {
        (name, repr(row.get("id"))): [row.get("height"), row.get("width")]
        for name, document in case.reading.documents.items()
        for row in (rows(document, "images") if isinstance(document, dict) else ())
    }
    for box in case.reading.boxes:
        if case.reading.kind == "yolo_segment":
            fault = _polygon_fault(box.polygons[0]) if box.polygons else "is no polygon"
        else:
            fault = _segmentation_fault(box.row, sizes.get((box.file, repr(box.row.get("image_id")))))
        if fault:
            yield at(box, fault)


def _segmentation_fault(row: Any, size: Any) -> str | None:
    found = row.get("segmentation", [])
    if isinstance(found, dict):
        return (
            None
            if found.get("size") == size and "counts" in found
            else f"its RLE is of the size {found.get('size')}, the image of {size}"
        )
    if not isinstance(found, list):
        return f"its segmentation is {type(found).__name__}, not a list or an RLE"
    if found and row.get("iscrowd"):
        return "is a crowd outlined by polygons, which pycocotools reads as RLE"
    return next(filter(None, (_polygon_fault(polygon) for polygon in found)), None)


def _polygon_fault(polygon: Any) -> str | None:
    if not isinstance(polygon, list | tuple) or len(polygon) < LEAST_POLYGON or len(polygon) % 2:
        return "has a polygon that is not three or more pairs of numbers"
    return (
        None
        if all(isinstance(v, int | float) and math.isfinite(v) for v in polygon)
        else "has a polygon with a number that is none"
    )
