"""Where the thing is: the alpha channel of the background-removed twin of a photo."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from captureset.capture.images import orientation_of, turned_upright
from captureset.pixels.picture import Picture, has_alpha, opened

Mask = NDArray[np.bool_]

OPAQUE_FROM = 128  # alpha of a pixel that belongs to the foreground
SHAPE_TOLERANCE = 0.02  # of the aspect, between twin and photo


@dataclass(frozen=True, slots=True)
class Foreground:
    """The pixels of a twin that are not transparent."""

    fraction: float  # of the frame
    box_px: tuple[float, float, float, float] | None  # x, y, w, h in the upright photo; None: all is transparent
    mask: Mask  # shape of the photo's gray picture


def read_foreground(data: bytes, picture: Picture) -> Foreground | None:
    """Return the foreground of a twin, upright as its photo; None when the twin has no alpha.

    Raises:
        ValueError: the twin has another shape than the photo.
        OSError and other UNREADABLE: the bytes are no whole image.
    """
    image = opened(data)
    if not has_alpha(image):
        return None
    alpha = turned_upright(image.convert("RGBA").getchannel("A"), orientation_of(image))
    _require_same_shape(alpha, picture)
    opaque = alpha.point([0] * OPAQUE_FROM + [255] * (256 - OPAQUE_FROM))
    fraction = opaque.histogram()[255] / (opaque.width * opaque.height)
    high, wide = picture.gray.shape
    small = opaque if opaque.size == (wide, high) else opaque.resize((wide, high), Image.Resampling.BOX)
    return Foreground(fraction, _box(opaque, picture), np.asarray(small) >= OPAQUE_FROM)


def _require_same_shape(alpha: Image.Image, picture: Picture) -> None:
    ratio = alpha.width * picture.height_px / (alpha.height * picture.width_px)
    if abs(ratio - 1) > SHAPE_TOLERANCE:
        photo = f"{picture.width_px}x{picture.height_px}"
        raise ValueError(f"the twin is {alpha.width}x{alpha.height} px, of another shape than its photo of {photo} px")


def _box(opaque: Image.Image, picture: Picture) -> tuple[float, float, float, float] | None:
    found = opaque.getbbox()
    if found is None:
        return None
    left, top, right, bottom = found
    x, y = picture.width_px / opaque.width, picture.height_px / opaque.height
    return left * x, top * y, (right - left) * x, (bottom - top) * y
