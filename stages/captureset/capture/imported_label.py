"""The label of an imported photo: the source's boxes, in our words, as they lie in the upright photo."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from captureset.capture.images import ImageFacts
from captureset.formats.sources.dataset import SourceBox, SourceImage
from captureset.formats.sources.fates import DirtError, Fates
from captureset.records.box import Box, Frame

ROUNDING_PX = 0.01  # sources write two to six decimals; an edge this far outside is the edge
CLIPPED_SHARE = 0.01  # of the frame's side; what reaches out further is no slip of the hand
SHORTEST_SIDE_PX = 1.0  # verify lets no export have less


@dataclass(frozen=True, slots=True)
class Labelling:
    """What the labels of all photos of one import have in common.

    `words` lead from the source's to our codes. `reviewed` says whether a person vouches for boxes, `empty_reviewed`
    for their absence.
    """

    words: Mapping[str, str]
    reviewed: bool
    empty_reviewed: bool


@dataclass(frozen=True, slots=True)
class _Canvas:
    """The picture a source drew on, and the photo it belongs to."""

    declared: Frame
    facts: ImageFacts
    lying: bool

    def upright(self, box: Box) -> Box:
        """Return a box of the picture as it lies in the upright photo, in its pixels."""
        if not self.lying:
            return box.scaled(self.declared, self.facts.upright)
        return box.scaled(self.declared, self.facts.stored).rotated(self.facts.orientation, self.facts.stored)


def label_document(image: SourceImage, facts: ImageFacts, labelling: Labelling, fates: Fates) -> dict[str, Any]:
    """Return the `label` of a sidecar; what had to be mended in its boxes, and boxes that are none, are noted.

    Raises:
        DirtError: the declared size is not that of the photo, so nothing in the label can be trusted.
    """
    if not image.labelled:
        return {"reviewed": False}
    canvas = _canvas(image, facts, fates)
    if not image.boxes:
        vouched = labelling.reviewed and labelling.empty_reviewed
        return {"reviewed": True, "empty": True} if vouched else {"reviewed": False}
    frame = {"width_px": facts.upright.width_px, "height_px": facts.upright.height_px}
    boxes = [
        {"category": category, "xywh_px": list(box.xywh_px), "frame": frame}
        for category, box in _distinct(image, canvas, labelling.words, fates)
    ]
    return {"reviewed": labelling.reviewed, "boxes": boxes}


def _distinct(image: SourceImage, canvas: _Canvas, words: Mapping[str, str], fates: Fates) -> Iterator[tuple[str, Box]]:
    """Give our category and the place of each sound box, one that stands twice only once."""
    seen = set()
    for found in image.boxes:
        try:
            box, cut_px = _placed(found, canvas)
        except DirtError as error:
            fates.add(error.code, found.row, f"{_shown(found, image)} {error.said}", image.name)
            continue
        placed = (words[found.category], box)
        if placed in seen:
            said = f"{_shown(found, image)} is there already, the same to the last digit"
            fates.add("box_twice", found.row, said, image.name)
            continue
        if cut_px > ROUNDING_PX:
            fates.add("clipped", found.row, f"{_shown(found, image)} was cut by {cut_px:.3f} px", image.name)
        seen.add(placed)
        yield placed


def _shown(found: SourceBox, image: SourceImage) -> str:
    return f"of {image.name}: {found.category} {[round(number, 3) for number in found.box.xywh_px]}"


def _placed(found: SourceBox, canvas: _Canvas) -> tuple[Box, float]:
    """Return a box in the upright photo, cut at the edge where it reaches out a little, and by how many pixels.

    Raises:
        DirtError: it has no area, lies outside, or is thinner than a pixel.
    """
    frame = canvas.declared
    inside = found.box.snapped(frame)
    if found.box.w_px <= 0 or found.box.h_px <= 0:
        raise DirtError("no_area", "has no area")
    allowed_px = (frame.width_px * CLIPPED_SHARE, frame.height_px * CLIPPED_SHARE)
    across, down = _overshoot_px(found.box, frame)
    if across > allowed_px[0] or down > allowed_px[1] or inside.w_px <= 0 or inside.h_px <= 0:
        raise DirtError("outside", f"reaches outside its frame of {frame.width_px}x{frame.height_px} px")
    placed = canvas.upright(inside)
    if min(placed.w_px, placed.h_px) < SHORTEST_SIDE_PX - ROUNDING_PX:
        raise DirtError("under_a_pixel", f"has a side of {min(placed.w_px, placed.h_px):.3f} px in the photo")
    return placed, max(across, down)


def _overshoot_px(box: Box, frame: Frame) -> tuple[float, float]:
    """Return how far a box reaches out of its frame, across and down; 0 is not at all."""
    x1, y1, x2, y2 = box.xyxy_px
    return max(-x1, x2 - frame.width_px, 0.0), max(-y1, y2 - frame.height_px, 0.0)


def _canvas(image: SourceImage, facts: ImageFacts, fates: Fates) -> _Canvas:
    """Return the picture a source drew on, the surest reading first: an exact size goes before a shape.

    A source that declares the size of the stored pixels drew on the lying picture; one that declares another size of
    the same shape drew on a scaled copy.

    Raises:
        DirtError: the declared size has not the shape of the photo, so the label belongs to another picture.
    """
    declared, both = image.frame or facts.upright, (facts.upright, facts.stored)
    readings = [frame for frame in both if frame == declared] or [frame for frame in both if frame.same_shape(declared)]
    if not readings:
        stored, size = facts.stored, f"{declared.width_px}x{declared.height_px}"
        raise DirtError(
            "other_size",
            f"is {stored.width_px}x{stored.height_px} px but the source says {size}, which is another picture",
        )
    lying = readings[0] != facts.upright
    _note_canvas(image, facts, readings[0], fates, lying=lying)
    return _Canvas(declared, facts, lying)


def _note_canvas(image: SourceImage, facts: ImageFacts, drawn_on: Frame, fates: Fates, *, lying: bool) -> None:
    if not image.boxes:
        return
    if lying:
        fates.add("size_turned", image.name, "was drawn lying and is turned upright with its photo", image.name)
    if image.frame and image.frame != drawn_on:
        fates.add("size_scaled", image.name, f"was drawn at {image.frame.width_px} px across and is scaled", image.name)
    if facts.orientation != 1 and (image.frame is None or facts.stored == facts.upright):
        fates.add("turn_unknown", image.name, "is turned by EXIF; its boxes were taken as drawn upright", image.name)
