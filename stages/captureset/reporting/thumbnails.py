"""Small pictures of photos, upright, as data URIs."""

from __future__ import annotations

import base64
import io

from PIL import Image

from captureset.capture.images import BROKEN, orientation_of, turned_upright

QUALITY = 80
PAPER = (244, 245, 247)  # under transparent pixels: the page's own light gray
DEEP_TO_8_BIT = 1 / 256


def thumbnail(data: bytes, long_side_px: int) -> str | None:
    """Return a photo as a JPEG data URI, upright, its long side at most `long_side_px`; None if it cannot be decoded.

    A smaller photo is not enlarged. The EXIF orientation is applied, no metadata is kept.
    """
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "WEBP"]) as image:
            orientation = orientation_of(image)
            image.draft("RGB", (2 * long_side_px, 2 * long_side_px))
            small = _flat(image)
            small.thumbnail((long_side_px, long_side_px), Image.Resampling.LANCZOS)
    except (*BROKEN, Image.DecompressionBombError):
        return None
    sink = io.BytesIO()
    turned_upright(small, orientation).save(sink, "JPEG", quality=QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(sink.getvalue()).decode("ascii")


def _flat(image: Image.Image) -> Image.Image:
    """Return a photo as RGB, its transparency laid on paper."""
    if "A" in image.getbands() or "transparency" in image.info:
        rgba = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", rgba.size, (*PAPER, 255)), rgba).convert("RGB")
    if image.mode.startswith("I"):  # 16 bit: Pillow alone would clip it to white
        return image.convert("F").point(lambda value: value * DEEP_TO_8_BIT + 0).convert("L").convert("RGB")
    return image.convert("RGB")
