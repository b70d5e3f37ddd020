"""Numbers as foreign datasets write them."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Sequence

from captureset.errors import one_line
from captureset.formats.sources.fates import DirtError
from captureset.records.box import Frame

LARGEST_SIDE_PX = 1_000_000  # no photo that may come in is nearly as large
LONGEST_SHOWN = 60
# Three digits after the comma may as well be thousands, so they are no decimals here.
DECIMAL_COMMA = re.compile(r"[+-]?\d+,(?:\d{1,2}|\d{4,})")


def read(value: object) -> tuple[float, str | None]:
    """Return a number, and the code of the dirt in it when it is JSON text or has a decimal comma.

    Raises:
        DirtError: `not_a_number`; the sentence lacks the place.
    """
    if isinstance(value, str):
        number, comma = from_text(value)
        return number, "decimal_comma" if comma else "number_as_text"
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= sys.float_info.max:
        raise DirtError("not_a_number", f"has {one_line(repr(value), LONGEST_SHOWN)}, which is no number")
    return float(value), None


def size(sides: Sequence[object]) -> Frame | None:
    """Return the size of a picture from its width and height; absent or 0 is none.

    Raises:
        DirtError: `bad_size`; the sentence lacks the place.
    """
    try:
        width, height = (read(side or 0)[0] for side in sides)
    except DirtError:
        width = height = -1.0
    if not all(0 <= side <= LARGEST_SIDE_PX and side.is_integer() for side in (width, height)):
        shown = one_line(str(list(sides)), LONGEST_SHOWN)
        raise DirtError("bad_size", f"has the size {shown}, which is no whole number of pixels")
    return Frame(int(width), int(height)) if width and height else None


def from_text(text: str) -> tuple[float, bool]:
    """Return the number in a text, and whether it has a decimal comma.

    Raises:
        DirtError: `not_a_number`; NaN and infinity are none.
    """
    plain = text.strip()
    comma = DECIMAL_COMMA.fullmatch(plain) is not None
    try:
        number = (
            float(plain.replace(",", ".") if comma else plain) if plain.isascii() and "_" not in plain else math.nan
        )
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise DirtError("not_a_number", f"has {one_line(repr(text), LONGEST_SHOWN)}, which is no number")
    return number, comma
