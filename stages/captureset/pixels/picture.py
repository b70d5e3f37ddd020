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
import simplejpeg
from numpy.typing import NDArray
from PIL import Image

from captureset.capture.images import MAX_PIXELS, SIDEWAYS, orientation_of, turned_upright
from captureset.pixels.compression import jpeg_quality
from captureset.pixels.depth import eight_bit

GrayImage = NDArray[np.uint8]

LONG_SIDE_PX = 1024
SIZE_TOLERANCE = 1 / 32  # a DCT-scaled decode this near to it is taken as it comes: resampling costs half as much again
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


@dataclass(frozen=True, slots=True)
class Picture:
    """What numbers are taken from."""

    gray: GrayImage  # upright, uint8, shape (H, W), the long side about 1024 px or the photo's own if smaller
    width_px: int  # of the upright photo itself
    height_px: int
    jpeg_quality: int | None  # 1 to 100; None: no JPEG


def read_picture(data: bytes) -> Picture:
    """Return a photo as one gray picture; transparent pixels are composited on mid gray.

    Raises:
        OSError, ValueError and other UNREADABLE: the bytes are no whole image.
    """
    image = opened(data)
    stored = image.size
    quality = jpeg_quality(image)
    orientation = orientation_of(image)
    gray = _strict_jpeg(data, stored) if quality and image.mode in {"RGB", "L"} else _any_other(image)
    width, height = reversed(stored) if orientation in SIDEWAYS else stored
    return Picture(np.asarray(turned_upright(gray, orientation)), width, height, quality)


def opened(data: bytes) -> Image.Image:
    """Return an image, its header read; one of more pixels than intake lets in is refused before it is decoded."""
    image: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)
    if image.width * image.height > MAX_PIXELS:  # Pillow only warns, and a warning filter is not safe among threads
        raise ValueError(f"{image.width}x{image.height} px are more than {MAX_PIXELS} pixels")
    return image


def has_alpha(image: Image.Image) -> bool:
    """Say whether pixels of an image can be transparent."""
    return "A" in image.getbands() or "transparency" in image.info


def _strict_jpeg(data: bytes, stored: tuple[int, int]) -> Image.Image:
    """Decode at the eighth of the full size that comes next to 1024 px; every libjpeg warning is an error."""
    wide, high = _scaled(stored, 1 - SIZE_TOLERANCE)
    levels = simplejpeg.decode_jpeg(data, colorspace="GRAY", min_width=wide, min_height=high)[:, :, 0]
    gray = Image.fromarray(levels)
    return gray if max(gray.size) <= LONG_SIDE_PX * (1 + SIZE_TOLERANCE) else _resized(gray, _scaled(stored))


def _any_other(image: Image.Image) -> Image.Image:
    size = _scaled(image.size)
    image.draft("L", size)
    image = eight_bit(image)
    if not has_alpha(image):
        return _resized(image.convert("L"), size)
    rgba = _resized(image.convert("RGBA"), size)
    return Image.alpha_composite(Image.new("RGBA", size, MID_GRAY), rgba).convert("L")


def _scaled(size: tuple[int, int], share: float = 1.0) -> tuple[int, int]:
    """Return a size whose long side is at most a share of 1024 px, one pixel at least; never a larger one."""
    scale = min(1.0, LONG_SIDE_PX * share / max(size))
    return max(round(size[0] * scale), 1), max(round(size[1] * scale), 1)


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Scale by averaging areas, which keeps sharpness as it is at no resampling (bilinear takes a third of it)."""
    return image if image.size == size else image.resize(size, Image.Resampling.BOX, reducing_gap=2.0)


def failure_of(error: BaseException) -> str:
    """Return why a photo could not be read, the same words in every run: Pillow names addresses in memory.

    Raises:
        MemoryError: a decoder said so in its own way; that depends on the machine, not on the photo alone.
    """
    said = re.sub(r" ?<[^<>]* at 0x[0-9a-f]+>", "", str(error)) or type(error).__name__
    if "memory" in said.lower():
        raise MemoryError(said) from None
    return said
