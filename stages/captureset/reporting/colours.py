"""A colour for every category: fixed by its id, far from its neighbours', dark enough for white letters."""

from __future__ import annotations

import colorsys

GOLDEN_TURN = 0.6180339887498949  # of the colour wheel, from one id to the next
SATURATIONS = (0.72, 0.55)
LEAST_CONTRAST = 4.8  # against white; WCAG asks for 4.5


def colour_of(category_id: int) -> str:
    """Return `#rrggbb` for a category id from 1 up."""
    hue = (0.58 + category_id * GOLDEN_TURN) % 1
    lightness = 0.5
    while (rgb := _rgb(hue, lightness, SATURATIONS[category_id % 2])) and contrast_to_white(rgb) < LEAST_CONTRAST:
        lightness -= 0.01
    return "#{:02x}{:02x}{:02x}".format(*rgb)


def _rgb(hue: float, lightness: float, saturation: float) -> tuple[int, int, int]:
    red, green, blue = (round(255 * part) for part in colorsys.hls_to_rgb(hue, lightness, saturation))
    return red, green, blue


def contrast_to_white(rgb: tuple[int, int, int]) -> float:
    """Return the contrast of white letters on a colour, 1 to 21, as WCAG 2 defines it."""
    red, green, blue = (_linear(part / 255) for part in rgb)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def _linear(part: float) -> float:
    low = 0.04045
    return part / 12.92 if part <= low else float(((part + 0.055) / 1.055) ** 2.4)
