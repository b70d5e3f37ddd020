"""Where the object of a background-removed twin is: the extent of what its alpha shows.

Pillow alone does it, so that an app without the extra `pipeline` can ask too.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

from PIL import Image

from captureset.capture.images import orientation_of, turned_upright
from captureset.records.box import Box

SHOWN_FROM = 128  # alpha, of 255: half and more counts as the object
SPECK_SHARE = 0.001  # of the picture: a connected part that is smaller is what the removal left behind
GRID_SIDE = 256  # parts are told apart in a copy of at most this many cells a side, so a large twin costs no more

Cells = tuple[int, int, int, int]  # left, top, right, bottom; the last two are outside


def object_mask(data: bytes) -> Image.Image | None:
    """Return the upright mask of a twin, 255 where the object is and 0 elsewhere; None for a picture without alpha.

    Args:
        data: bytes of a picture that `images.inspect` lets in and that decodes.
    """
    with Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "WEBP"]) as image:
        if "A" not in image.getbands() and "transparency" not in image.info:
            return None
        upright = turned_upright(image.convert("RGBA"), orientation_of(image))
    return upright.getchannel("A").point(lambda alpha: 255 if alpha >= SHOWN_FROM else 0)


def object_box(data: bytes) -> Box | None:
    """Return the box around the object in whole pixels of the upright twin.

    None where alpha says nothing about a place: there is none, or it shows everything, nothing, or only specks.
    """
    mask = object_mask(data)
    if mask is None or mask.getextrema() == (255, 255):
        return None
    step = -(-max(mask.size) // GRID_SIDE)
    grid = mask.reduce(step)
    least = SPECK_SHARE * grid.width * grid.height * 255
    places = [_exact(mask, cells, step) for shown, cells in _parts(grid) if shown >= least]
    if not places:
        return None
    lefts, tops, rights, bottoms = zip(*places, strict=True)
    return Box.from_xyxy_px(min(lefts), min(tops), max(rights), max(bottoms))


def _parts(grid: Image.Image) -> Iterator[tuple[int, Cells]]:
    """Give the connected parts of a mask: the sum of its levels, and the cells around it. Corners connect."""
    levels, width = grid.tobytes(), grid.width
    waiting = {place for place, level in enumerate(levels) if level}
    while waiting:
        part, front = [], [waiting.pop()]
        while front:
            place = front.pop()
            part.append(place)
            near = waiting.intersection(_around(place, width))
            waiting -= near
            front += near
        across, down = [place % width for place in part], [place // width for place in part]
        yield sum(levels[place] for place in part), (min(across), min(down), max(across) + 1, max(down) + 1)


def _around(place: int, width: int) -> list[int]:
    """Return the neighbours of a cell; those above and below the picture are in no part."""
    sides = [step for step, inside in ((-1, place % width), (1, (place + 1) % width)) if inside]
    return [place + row + side for row in (-width, 0, width) for side in (0, *sides)]


def _exact(mask: Image.Image, cells: Cells, step: int) -> Cells:
    """Return the pixels around a part, given the cells around it."""
    left, top, right, bottom = (step * edge for edge in cells)
    found = mask.crop((left, top, min(right, mask.width), min(bottom, mask.height))).getbbox()
    x1, y1, x2, y2 = found or (0, 0, right - left, bottom - top)
    return left + x1, top + y1, left + x2, top + y2
