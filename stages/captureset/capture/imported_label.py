"""The label of an imported photo: the source's boxes, in our words, as they lie in the upright photo."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from captureset.capture.images import ImageFacts
from captureset.errors import CapturesetError
from captureset.formats.sources.dataset import SourceImage
from captureset.records.box import Box, Frame

ROUNDING_PX = 0.01  # sources write two to six decimals; an edge this far outside is the edge


def label_document(
    image: SourceImage, facts: ImageFacts, words: Mapping[str, str], *, reviewed: bool
) -> dict[str, Any]:
    """Return the `label` of a sidecar; a photo that was looked at and has no box is verified-empty.

    Raises:
        CapturesetError: boxes lie outside the photo, or the declared size is not the photo's.
    """
    if not image.labelled:
        return {"reviewed": False}
    if not image.boxes:
        return {"reviewed": True, "empty": True} if reviewed else {"reviewed": False}
    declared = image.frame or facts.upright
    _require_inside(image, declared)
    frame = {"width_px": facts.upright.width_px, "height_px": facts.upright.height_px}
    boxes = [
        {
            "category": words[found.category],
            "xywh_px": list(upright(found.box.snapped(declared), declared, facts, image.name).xywh_px),
            "frame": frame,
        }
        for found in image.boxes
    ]
    return {"reviewed": reviewed, "boxes": boxes}


def _require_inside(image: SourceImage, declared: Frame) -> None:
    faults = [
        f"box {place} ({found.category}) {[round(number, 3) for number in found.box.xywh_px]} {fault}"
        for place, found in enumerate(image.boxes, start=1)
        if (fault := found.box.fault_in(declared, ROUNDING_PX))
    ]
    if faults:
        raise CapturesetError(f"{image.name}: {', '.join(faults)}")


def upright(box: Box, declared: Frame, facts: ImageFacts, name: str) -> Box:
    """Return a box as it lies in the upright photo, in its pixels.

    A source that declares the size of the stored pixels drew on the lying picture; one that declares another size of
    the same shape drew on a scaled copy.

    Raises:
        CapturesetError: the declared size has not the shape of the photo, so the box belongs to another picture.
    """
    shapes = list(_readings(declared, facts))
    if not shapes:
        stored = facts.stored
        raise CapturesetError(
            f"{name} is {stored.width_px}x{stored.height_px} px but the source says "
            f"{declared.width_px}x{declared.height_px}, which is another picture"
        )
    if shapes[0] == facts.upright:
        return box.scaled(declared, facts.upright)
    return box.scaled(declared, facts.stored).rotated(facts.orientation, facts.stored)


def _readings(declared: Frame, facts: ImageFacts) -> Iterator[Frame]:
    """Give the picture a source drew on, the surest reading first: an exact size goes before a shape."""
    both = (facts.upright, facts.stored)
    yield from (frame for frame in both if frame == declared)
    yield from (frame for frame in both if frame.same_shape(declared))


def is_ambiguous(image: SourceImage, facts: ImageFacts) -> bool:
    """Say whether EXIF turns a photo and its declared size cannot tell on which picture its boxes were drawn."""
    told = image.frame is not None and facts.stored != facts.upright
    return bool(image.boxes) and facts.orientation != 1 and not told
