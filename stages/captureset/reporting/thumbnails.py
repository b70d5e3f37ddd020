"""Small pictures of photos, upright, as data URIs."""

from __future__ import annotations

import base64
import io
import math

from PIL import Image

from captureset.capture.images import BROKEN, orientation_of, turned_upright
from captureset.records.box import Box

QUALITY = 80
PAPER = (244, 245, 247)  # under transparent pixels: the page's own light gray
DEEP_TO_8_BIT = 1 / 256


def thumbnail(data: bytes, long_side_px: int) -> str | None:
    """Return a photo as a JPEG data URI, upright, its long side at most `long_side_px`; None if it cannot be decoded.

    A smaller photo is not enlarged. The EXIF orientation is applied, no metadata is kept.
    """
    photo = _upright(data, 2 * long_side_px)
    return None if photo is None else _data_uri(photo, long_side_px)


def crop(data: bytes, box: Box, photo_width_px: int, long_side_px: int) -> str | None:
    """Return the part of a photo inside a box as a JPEG data URI; None if it cannot be decoded.

    Args:
        data: the photo.
        box: in pixels of the upright photo, inside it.
        photo_width_px: of the upright photo.
        long_side_px: at most, of the picture that comes back; a smaller one is not enlarged.
    """
    share = max(box.w_px, box.h_px) / photo_width_px
    photo = _upright(data, math.ceil(2 * long_side_px / share))
    if photo is None:
        return None
    scale = photo.width / photo_width_px
    left, top = math.floor(box.x_px * scale), math.floor(box.y_px * scale)
    right, bottom = math.ceil((box.x_px + box.w_px) * scale), math.ceil((box.y_px + box.h_px) * scale)
    return _data_uri(photo.crop((left, top, min(right, photo.width), min(bottom, photo.height))), long_side_px)


def _upright(data: bytes, side_px: int) -> Image.Image | None:
    """Return a photo as upright RGB, decoded no larger than needed for both sides to have `side_px`."""
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "WEBP"]) as image:
            orientation = orientation_of(image)
            image.draft("RGB", (side_px, side_px))
            return turned_upright(_flat(image), orientation)
    except (*BROKEN, Image.DecompressionBombError):
        return None


def _data_uri(photo: Image.Image, long_side_px: int) -> str:
    photo.thumbnail((long_side_px, long_side_px), Image.Resampling.LANCZOS)
    sink = io.BytesIO()
    photo.save(sink, "JPEG", quality=QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(sink.getvalue()).decode("ascii")


def _flat(image: Image.Image) -> Image.Image:
    """Return a photo as RGB, its transparency laid on paper."""
    if "A" in image.getbands() or "transparency" in image.info:
        rgba = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", rgba.size, (*PAPER, 255)), rgba).convert("RGB")
    if image.mode.startswith("I"):  # 16 bit: Pillow alone would clip it to white
        return image.convert("F").point(lambda value: value * DEEP_TO_8_BIT + 0).convert("L").convert("RGB")
    return image.convert("RGB")
