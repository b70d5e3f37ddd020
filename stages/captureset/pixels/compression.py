"""How hard a JPEG was compressed, from its quantisation tables."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

from PIL import Image

# Luminance table of the JPEG standard (ITU-T T.81, K.1); only its sum is used, so the order does not matter.
STANDARD_TABLE = (
    *(16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29),
    *(51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121),
    *(120, 101, 72, 92, 95, 98, 112, 100, 103, 99),
)
HALF = 50  # libjpeg scales the table one way below this quality and another way above


def _table_sum(quality: int) -> int:
    """Return the sum of the luminance table that libjpeg makes of a quality (jpeg_quality_scaling)."""
    scale = 5000 // quality if quality < HALF else 200 - 2 * quality
    return sum(min(max((entry * scale + 50) // 100, 1), 255) for entry in STANDARD_TABLE)


WORST_FIRST = [_table_sum(quality) for quality in range(1, 101)]
ASCENDING = WORST_FIRST[::-1]


def jpeg_quality(image: Image.Image) -> int | None:
    """Return the quality, 1 to 100, whose standard luminance table has the sum nearest to the image's.

    None for no JPEG. Encoders with tables of their own get the nearest standard one.
    """
    tables: dict[int, Any] = getattr(image, "quantization", None) or {}
    if not tables:
        return None
    total = sum(tables[min(tables)])
    place = bisect_left(ASCENDING, total)
    nearest = min(range(max(place - 1, 0), min(place + 1, 100)), key=lambda at: abs(ASCENDING[at] - total))
    return 100 - nearest
