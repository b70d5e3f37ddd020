"""The outline of what a background-removed twin shows: polygons along pixel edges, thinned by a pixel at most."""

from __future__ import annotations

import io
from collections import defaultdict

import numpy as np
import numpy.typing as npt
from PIL import Image

from captureset.capture.images import BROKEN, orientation_of, turned_upright
from captureset.records.box import Box, Frame, iou

Mask = npt.NDArray[np.bool_]  # (height, width)
Points = npt.NDArray[np.float64]  # (N, 2), x and y in pixels, clockwise
OPAQUE = 128
SAME_OBJECT_IOU = 0.7
SAME_SHAPE = 0.01
LEAST_PART = 0.01
THINNED_PX = 1.0
CORNERS = 3


def outline_of(twin: bytes, box: Box, frame: Frame) -> tuple[tuple[float, ...], ...]:
    """Return the polygons (x, y, x, y …; pixels) around the opaque part of a twin, the largest first, or none.

    None where the twin is no picture of the same shape as the photo, has no transparency, or shows something else
    than the box: the extent of its opaque part must overlap the box with an IoU of 0.7. The outline is cut to the
    box; holes are filled; parts under a hundredth of the whole are dust and left out.
    """
    mask = _mask(twin, frame)
    extent = None if mask is None else _extent(mask)
    if mask is None or extent is None or iou(extent, box) < SAME_OBJECT_IOU:
        return ()
    x1, y1, x2, y2 = box.xyxy_px
    inner = np.zeros_like(mask)
    rows, columns = slice(int(y1), int(np.ceil(y2))), slice(int(x1), int(np.ceil(x2)))
    inner[rows, columns] = mask[rows, columns]
    parts = sorted(((_area(loop), loop) for loop in _loops(inner)), key=lambda part: (-part[0], part[1].tolist()))
    whole = sum(area for area, _ in parts if area > 0)
    kept = [_thinned(loop) for area, loop in parts if area >= LEAST_PART * whole > 0]
    cut = [np.clip(loop, (x1, y1), (x2, y2)) for loop in kept if len(loop) >= CORNERS]
    return tuple(tuple(loop.ravel().tolist()) for loop in cut)


def _mask(twin: bytes, frame: Frame) -> Mask | None:
    try:
        with Image.open(io.BytesIO(twin), formats=["PNG", "WEBP"]) as image:
            if "A" not in image.getbands() and "transparency" not in image.info:
                return None
            alpha = turned_upright(image.convert("RGBA").getchannel("A"), orientation_of(image))
    except BROKEN:
        return None
    across, down = alpha.width / frame.width_px, alpha.height / frame.height_px
    if abs(across / down - 1) > SAME_SHAPE:
        return None
    sized = alpha.resize((frame.width_px, frame.height_px), Image.Resampling.NEAREST)
    return np.asarray(sized) >= OPAQUE


def _extent(mask: Mask) -> Box | None:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return None
    return Box.from_xyxy_px(columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)


def _loops(mask: Mask) -> list[Points]:
    """Return the closed outlines of a mask along its pixels' edges: outer ones clockwise, holes the other way."""
    ahead = _edges(mask)
    loops = []
    while ahead:
        start = at = min(ahead)
        came, loop = (1, 0), [start]
        while True:
            step = _next(ahead, at, came)
            came = (step[0] - at[0], step[1] - at[1])
            at = step
            if at == start:
                break
            loop.append(at)
        loops.append(np.asarray(_corners(loop), np.float64))
    return loops


Corner = tuple[int, int]


def _edges(mask: Mask) -> dict[Corner, list[Corner]]:
    """Return where the edge leads from every corner, the opaque side to the right."""
    padded = np.pad(mask, 1)
    inner = padded[1:-1, 1:-1]
    sides = (
        (inner & ~padded[:-2, 1:-1], (0, 0), (1, 0)),
        (inner & ~padded[1:-1, 2:], (1, 0), (1, 1)),
        (inner & ~padded[2:, 1:-1], (1, 1), (0, 1)),
        (inner & ~padded[1:-1, :-2], (0, 1), (0, 0)),
    )
    ahead: dict[Corner, list[Corner]] = defaultdict(list)
    for side, (ax, ay), (bx, by) in sides:
        for y, x in np.argwhere(side).tolist():
            ahead[x + ax, y + ay].append((x + bx, y + by))
    return ahead


def _next(ahead: dict[Corner, list[Corner]], at: Corner, came: Corner) -> Corner:
    """Take the edge that leads on; where two pixels touch by a corner only, the one that turns right."""
    choices = ahead[at]
    right = (at[0] - came[1], at[1] + came[0])
    step = choices.pop(choices.index(right) if len(choices) > 1 and right in choices else 0)
    if not choices:
        del ahead[at]
    return step


def _corners(loop: list[Corner]) -> list[Corner]:
    """Return a loop without the points on straight runs."""
    before, after = [loop[-1], *loop[:-1]], [*loop[1:], loop[0]]
    return [
        b
        for a, b, c in zip(before, loop, after, strict=True)
        if (b[0] - a[0], b[1] - a[1]) != (c[0] - b[0], c[1] - b[1])
    ]


def _area(loop: Points) -> float:
    x, y = loop[:, 0], loop[:, 1]
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def _thinned(loop: Points) -> Points:
    """Return a loop with the points that matter to a pixel (Douglas-Peucker, from its two farthest points)."""
    far = int(np.argmax(((loop - loop[0]) ** 2).sum(axis=1)))
    closed = np.vstack([loop, loop[:1]])
    keep = np.zeros(len(closed), bool)
    keep[[0, far, -1]] = True
    todo = [(0, far), (far, len(closed) - 1)]
    while todo:
        first, last = todo.pop()
        if last - first > 1:
            gaps = _distances(closed[first + 1 : last], closed[first], closed[last])
            worst = int(np.argmax(gaps))
            if gaps[worst] > THINNED_PX:
                keep[middle := first + 1 + worst] = True
                todo += [(first, middle), (middle, last)]
    return closed[:-1][keep[:-1]]


def _distances(points: Points, a: Points, b: Points) -> npt.NDArray[np.float64]:
    along = b - a
    length = float(np.hypot(*along))
    gaps: npt.NDArray[np.float64] = np.abs(along[0] * (points[:, 1] - a[1]) - along[1] * (points[:, 0] - a[0]))
    return gaps / length  # which is not 0: a loop passes no corner twice between the two it is cut at
