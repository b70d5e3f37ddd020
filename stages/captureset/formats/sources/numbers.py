"""Numbers as foreign datasets write them."""

from __future__ import annotations

import math
import re

from captureset.formats.sources.fates import DirtError

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
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise DirtError("not_a_number", f"has {value!r}, which is no number")
    return float(value), None


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
        raise DirtError("not_a_number", f"has {text!r}, which is no number")
    return number, comma
