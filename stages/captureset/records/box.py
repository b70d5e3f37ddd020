"""Bounding boxes in absolute pixels, and the frame they were measured in."""

from __future__ import annotations

import math
from dataclasses import dataclass

ASPECT_TOLERANCE = 0.02  # a 640 px copy rounds its sides: 1 px in 100 still fits


@dataclass(frozen=True, slots=True)
class Frame:
    """Size of an upright picture in pixels."""

    width_px: int
    height_px: int

    def same_shape(self, other: Frame) -> bool:
        """Say whether one is a scaled copy of the other, as far as whole pixels can tell."""
        ratio = (self.width_px / self.height_px) / (other.width_px / other.height_px)
        return abs(ratio - 1) <= ASPECT_TOLERANCE


@dataclass(frozen=True, slots=True)
class Box:
    """Left, top, width, height in pixels of a frame; the origin is the top-left corner."""

    x_px: float
    y_px: float
    w_px: float
    h_px: float

    @classmethod
    def from_xyxy_px(cls, x1: float, y1: float, x2: float, y2: float) -> Box:
        """Return the box between two corners."""
        return cls(x1, y1, x2 - x1, y2 - y1)

    @classmethod
    def from_cxcywh_norm(cls, cx: float, cy: float, w: float, h: float, frame: Frame) -> Box:
        """Return the box of a YOLO row: centre and size as fractions of the frame."""
        width, height = frame.width_px, frame.height_px
        return cls((cx - w / 2) * width, (cy - h / 2) * height, w * width, h * height)

    @property
    def xyxy_px(self) -> tuple[float, float, float, float]:
        """The corners x1, y1, x2, y2 in pixels."""
        return self.x_px, self.y_px, self.x_px + self.w_px, self.y_px + self.h_px

    @property
    def xywh_px(self) -> tuple[float, float, float, float]:
        """Left, top, width, height in pixels."""
        return self.x_px, self.y_px, self.w_px, self.h_px

    @property
    def area_px2(self) -> float:
        """Area in square pixels."""
        return self.w_px * self.h_px

    @property
    def is_solid(self) -> bool:
        """All numbers are finite and the area is a pixel at least, so that sides can be divided by."""
        return all(map(math.isfinite, self.xywh_px)) and min(self.w_px, self.h_px) > 0 and self.area_px2 >= 1

    def scaled(self, measured_in: Frame, to: Frame) -> Box:
        """Return the same place in a picture of another size, each axis by its own ratio."""
        if measured_in == to:
            return self
        across = to.width_px / measured_in.width_px
        down = to.height_px / measured_in.height_px
        return Box(self.x_px * across, self.y_px * down, self.w_px * across, self.h_px * down)

    def fault_in(self, frame: Frame, tolerance_px: float = 0.001) -> str | None:
        """Return what is wrong with the box in this frame, or None.

        A rounding error of `tolerance_px` beyond an edge is no fault; see `snapped`.
        """
        if not all(map(math.isfinite, self.xywh_px)):
            return "has a number that is not finite"
        if self.w_px <= 0 or self.h_px <= 0:
            return "has no area"
        x1, y1, x2, y2 = self.xyxy_px
        outside = (
            min(x1, y1) < -tolerance_px
            or x2 > frame.width_px + tolerance_px
            or y2 > frame.height_px + tolerance_px
            or min(x2, y2) <= 0  # a sliver beyond the edge, which snapping would turn inside out
            or x1 >= frame.width_px
            or y1 >= frame.height_px
        )
        return f"reaches outside its frame of {frame.width_px}x{frame.height_px} px" if outside else None

    def snapped(self, frame: Frame) -> Box:
        """Return the box with its corners inside the frame; only rounding errors move."""
        x1, y1, x2, y2 = self.xyxy_px
        inside = min(x1, y1) >= 0 and x2 <= frame.width_px and y2 <= frame.height_px
        if inside:
            return self
        x1, y1 = max(x1, 0.0), max(y1, 0.0)
        return Box.from_xyxy_px(x1, y1, min(x2, frame.width_px), min(y2, frame.height_px))

    def rotated(self, orientation: int, stored: Frame) -> Box:
        """Return the box as it lies in the upright picture.

        Args:
            orientation: EXIF orientation of the file, 1 to 8.
            stored: frame of the stored, not yet upright pixels, in which this box was measured.
        """
        x1, y1, x2, y2 = self.xyxy_px
        width, height = stored.width_px, stored.height_px
        corners = {
            2: (width - x2, y1, width - x1, y2),
            3: (width - x2, height - y2, width - x1, height - y1),
            4: (x1, height - y2, x2, height - y1),
            5: (y1, x1, y2, x2),
            6: (height - y2, x1, height - y1, x2),
            7: (height - y2, width - x2, height - y1, width - x1),
            8: (y1, width - x2, y2, width - x1),
        }
        return Box.from_xyxy_px(*corners[orientation]) if orientation in corners else self


def iou(a: Box, b: Box) -> float:
    """Return the intersection of two boxes over their union, 0 to 1."""
    ax1, ay1, ax2, ay2 = a.xyxy_px
    bx1, by1, bx2, by2 = b.xyxy_px
    across = max(0.0, min(ax2, bx2) - max(ax1, bx1))
    down = max(0.0, min(ay2, by2) - max(ay1, by1))
    union = a.area_px2 + b.area_px2 - across * down
    return across * down / union if union > 0 else 0.0
