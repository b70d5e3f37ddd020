"""One photo as one small gray picture, upright, from one DCT-scaled decode: every number is taken from it.

Scaling matters: sharpness depends on it and the thresholds are calibrated at a long side of 1024 px. A smaller photo
is never enlarged; it is measured at its own size, which stands beside the values.
"""

from __future__ import annotations

import io
import re
import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from captureset.capture.images import MAX_PIXELS, SIDEWAYS, orientation_of, turned_upright
from captureset.pixels.depth import eight_bit

GrayImage = NDArray[np.uint8]

LONG_SIDE_PX = 1024
FORMATS = ("JPEG", "PNG", "WEBP")
UNREADABLE = (
    OSError,
    ValueError,
    SyntaxError,
    struct.error,
    TypeError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
MID_GRAY = (128, 128, 128, 255)
# Luminance quantisation of the JPEG standard (ITU-T T.81, table K.1), added up: order does not matter to the sum.
STANDARD_TABLE = (
    *(16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29),
    *(51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121),
    *(120, 101, 72, 92, 95, 98, 112, 100, 103, 99),
)


@dataclass(frozen=True, slots=True)
class Picture:
    """What numbers are taken from."""

    gray: GrayImage  # upright, uint8, shape (H, W), the long side 1024 px or the photo's own if smaller
    width_px: int  # of the upright photo itself
    height_px: int
    jpeg_quality: int | None  # 1 to 100; None: no JPEG


def read_picture(data: bytes) -> Picture:
    """Return a photo as one gray picture; transparent pixels are composited on mid gray.

    Raises:
        OSError, ValueError and other UNREADABLE: the bytes are no whole image.
    """
    image = opened(data)
    scale = min(1.0, LONG_SIDE_PX / max(image.size))
    size = (max(round(image.width * scale), 1), max(round(image.height * scale), 1))
    full = image.size
    quality = jpeg_quality(image)
    orientation = orientation_of(image)
    image.draft("L", size)
    gray = _gray(eight_bit(image))
    if gray.size != size:
        gray = gray.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    width, height = reversed(full) if orientation in SIDEWAYS else full
    return Picture(np.asarray(turned_upright(gray, orientation)), width, height, quality)


def opened(data: bytes) -> Image.Image:
    """Return an image, its header read; one of more pixels than intake lets in is refused before it is decoded."""
    image: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)
    if image.width * image.height > MAX_PIXELS:  # Pillow only warns, and a warning filter is not safe among threads
        raise ValueError(f"{image.width}x{image.height} px are more than {MAX_PIXELS} pixels")
    return image


def _gray(image: Image.Image) -> Image.Image:
    if has_alpha(image):
        rgba = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", rgba.size, MID_GRAY), rgba)
    return image.convert("L")


def has_alpha(image: Image.Image) -> bool:
    """Say whether pixels of an image can be transparent."""
    return "A" in image.getbands() or "transparency" in image.info


def jpeg_quality(image: Image.Image) -> int | None:
    """Return the quality, 1 to 100, whose standard luminance table is nearest to the image's; None for no JPEG."""
    tables = getattr(image, "quantization", None)
    if not tables:
        return None
    total = sum(tables[min(tables)])
    return min(range(1, 101), key=lambda quality: (abs(_table_sum(quality) - total), -quality))


def _table_sum(quality: int) -> int:
    """Return the sum of the luminance table that libjpeg makes of a quality."""
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality  # noqa: PLR2004 - libjpeg's jpeg_quality_scaling
    return sum(min(max((entry * scale + 50) // 100, 1), 255) for entry in STANDARD_TABLE)


def failure_of(error: BaseException) -> str:
    """Return why a photo could not be read, the same words in every run: Pillow names addresses in memory."""
    return re.sub(r" ?<[^<>]* at 0x[0-9a-f]+>", "", str(error)) or type(error).__name__
