"""A box in any of an app's shapes, as it lies in the upright photo, or the code of what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from captureset.capture.images import SIDEWAYS, ImageFacts
from captureset.formats.sources.ecoguide_label import number_of
from captureset.records.box import Box, Frame

KEYS = {  # of a box given as a dict, and what four numbers in that order are
    "xywh": (("x", "y", "width", "height"), ("x", "y", "w", "h"), ("left", "top", "width", "height")),
    "xyxy": (("x1", "y1", "x2", "y2"), ("xmin", "ymin", "xmax", "ymax"), ("left", "top", "right", "bottom")),
    "cxcywh": (("cx", "cy", "w", "h"), ("cx", "cy", "width", "height")),
}
NAMES = {f"{kind}{unit}": (kind, unit == "_norm") for kind in KEYS for unit in ("", "_px", "_norm")}
NAME_KEYS, VALUE_KEYS = ("format", "convention", "bbox_format"), ("values", "coordinates", "bbox", "box")
LARGEST_SIDE_PX = 65535
ROUNDING_PX = 1.0  # detectors round an edge outwards


class MisplacedError(Exception):
    """A box that cannot be placed; its text is a stable code of `review.reasons`."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A box in its frame, upright; `clipped` when more than a rounding error was outside."""

    box: Box
    frame: Frame
    clipped: bool

    @property
    def document(self) -> dict[str, Any]:
        """The box as a sidecar has it."""
        frame = {"width_px": self.frame.width_px, "height_px": self.frame.height_px}
        return {"xywh_px": list(self.box.xywh_px), "frame": frame}


def frame_of(part: Any, across: str = "width_px", down: str = "height_px") -> Frame | None:
    """Return the frame in two keys of a dict, None when they are no size of a picture."""
    sides = [number_of(part.get(key)) if isinstance(part, Mapping) else None for key in (across, down)]
    whole = [int(side) for side in sides if side is not None and 1 <= side <= LARGEST_SIDE_PX and side == int(side)]
    return Frame(*whole) if len(whole) == len(sides) else None


def placed(told: Any, named: Any, frame: Frame | None, photo: ImageFacts | None) -> Placed:
    """Return a box as it lies in the upright photo's shape.

    Args:
        told: the box: a dict of its edges, or four numbers, alone or beside the name of their convention.
        named: the convention of four bare numbers: xyxy, xywh, cxcywh, with _norm for fractions of the frame.
        frame: what it was measured in, unless the box says itself; None when nobody knows.
        photo: the photo it is about; None, when it has not arrived, leaves the shape unchecked.

    Raises:
        MisplacedError: `odd_box`, `box_without_convention`, `box_without_frame`, `frame_of_another_shape` or
            `box_outside`.
    """
    numbers, convention = _numbers(told, named)
    own = told.get("frame") if isinstance(told, Mapping) else None
    frame = frame_of(own) or frame_of(own, "width", "height") or frame
    if frame is None:
        raise MisplacedError("box_without_frame")
    kind, norm = NAMES[convention]
    scale = (frame.width_px, frame.height_px) if norm else (1, 1)
    a, b, c, d = (number * side for number, side in zip(numbers, scale * 2, strict=True))
    corners = {
        "xyxy": (a, b, c, d),
        "xywh": (a, b, a + c, b + d),
        "cxcywh": (a - c / 2, b - d / 2, a + c / 2, b + d / 2),
    }
    return _upright(_inside(corners[kind], frame), photo)


def _numbers(told: Any, named: Any) -> tuple[list[float], str]:
    """Return four numbers and the name of their convention."""
    values, name = told, named
    if isinstance(told, Mapping):
        values, name = _of_dict(told, named)
    if not isinstance(values, list | tuple) or len(values) != 4:  # noqa: PLR2004 - edges
        raise MisplacedError("odd_box")
    numbers = [number for value in values if (number := number_of(value)) is not None and abs(number) < 1e9]  # noqa: PLR2004 - pixels
    if len(numbers) != 4:  # noqa: PLR2004 - edges
        raise MisplacedError("odd_box")
    if not isinstance(name, str) or name.casefold() not in NAMES:
        raise MisplacedError("box_without_convention")
    return numbers, name.casefold()


def _of_dict(told: Mapping[str, Any], named: Any) -> tuple[Any, Any]:
    name = next((told[key] for key in NAME_KEYS if key in told), None)
    for kind, orders in KEYS.items():
        for keys in orders:
            if all(key in told for key in keys):
                suffix = "_norm" if isinstance(name, str) and name.casefold().endswith("_norm") else ""
                return [told[key] for key in keys], kind + suffix
    for key in told:
        if str(key).casefold() in NAMES:
            return told[key], key
    return next((told[key] for key in VALUE_KEYS if key in told), None), name or named


def _inside(corners: tuple[float, float, float, float], frame: Frame) -> Placed:
    x1, y1, x2, y2 = corners
    if x2 <= x1 or y2 <= y1:
        raise MisplacedError("odd_box")
    kept = Box.from_xyxy_px(max(x1, 0.0), max(y1, 0.0), min(x2, frame.width_px), min(y2, frame.height_px))
    if kept.fault_in(frame):
        raise MisplacedError("box_outside")
    beyond = max(-x1, -y1, x2 - frame.width_px, y2 - frame.height_px)
    return Placed(kept, frame, beyond > ROUNDING_PX)


def _upright(found: Placed, photo: ImageFacts | None) -> Placed:
    """Return the box in the upright photo; one measured in a sideways photo's unturned pixels is turned with it."""
    if photo is None or found.frame.same_shape(photo.upright):
        return found
    if photo.orientation in SIDEWAYS and found.frame.same_shape(photo.stored):
        turned = Frame(found.frame.height_px, found.frame.width_px)
        return Placed(found.box.rotated(photo.orientation, found.frame), turned, found.clipped)
    raise MisplacedError("frame_of_another_shape")
