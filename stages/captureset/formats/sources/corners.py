"""A box written as two corners in pixels, each number a text under some name."""

from __future__ import annotations

from collections.abc import Mapping

from captureset.formats.sources import numbers
from captureset.formats.sources.fates import DirtError
from captureset.records.box import Box


def read(cells: Mapping[str, str], shift_px: float = 0.0) -> tuple[Box, tuple[DirtError, ...]]:
    """Return the box between two corners, put in order, and the repairs it took.

    Args:
        cells: the texts of x1, y1, x2, y2 in this order, by what the source calls them.
        shift_px: what the first corner moves up and left, 1 where pixels are counted from 1.

    Raises:
        DirtError: a number is missing or is none.
    """
    found = [_number(name, text) for name, text in cells.items()]
    (x1, y1, x2, y2), repairs = (number for number, _ in found), []
    if any(comma for _, comma in found):
        repairs.append(DirtError("decimal_comma", f"has {', '.join(map(repr, cells.values()))}"))
    if x2 < x1 or y2 < y1:
        repairs.append(DirtError("corners_swapped", f"has the corners {x1:g}, {y1:g} and {x2:g}, {y2:g}"))
    left, top = min(x1, x2) - shift_px, min(y1, y2) - shift_px
    return Box.from_xyxy_px(left, top, max(x1, x2), max(y1, y2)), tuple(repairs)


def _number(name: str, text: str) -> tuple[float, bool]:
    if not text:
        raise DirtError("no_box", f"has nothing under {name!r}")
    try:
        return numbers.from_text(text)
    except DirtError as error:
        raise DirtError(error.code, f"has {text!r} under {name!r}, which is no number") from None
