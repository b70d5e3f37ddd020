"""Whatever an app holds a picture in, as the bytes of a file: uploaded bytes stay as they are."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

from PIL import Image

from captureset.capture.images import BROKEN, MAX_BYTES, orientation_of, turned_upright
from captureset.errors import RefusedCaptureError

PNG_MODES = {"1", "L", "LA", "P", "RGB", "RGBA", "I;16"}
FAST = 1  # zlib's level: an app must not wait for a smaller file
QUALITY = 95


def picture_bytes(picture: Any, name: str) -> bytes:
    """Return a picture as a file.

    Bytes, a file object and a path give the bytes that are there. A PIL image and a numpy array (uint8, RGB or RGBA or
    gray) become a PNG, upright and without loss; one that would be too large a JPEG, unless it has alpha.

    Args:
        picture: what the app holds.
        name: what to call it in a refusal.

    Raises:
        RefusedCaptureError: it is no picture, or cannot be decoded.
        OSError: the path cannot be read.
    """
    if isinstance(picture, bytes | bytearray | memoryview):
        return bytes(picture)
    if isinstance(picture, str | os.PathLike):
        return Path(picture).read_bytes()
    if isinstance(picture, Image.Image):
        return _encoded(picture, name)
    if hasattr(picture, "__array_interface__"):
        return _encoded(_from_array(picture, name), name)
    if callable(getattr(picture, "getvalue", None)) and isinstance(found := picture.getvalue(), bytes):
        return found  # Streamlit's UploadedFile, io.BytesIO: whole, wherever it was read to
    if callable(getattr(picture, "read", None)) and isinstance(found := picture.read(), bytes):
        return found
    raise RefusedCaptureError(
        "not_an_image", f"{name} is a {type(picture).__name__}; hand over its bytes, a path, a PIL image or an array."
    )


def _from_array(array: Any, name: str) -> Image.Image:
    try:
        image = Image.fromarray(array)
    except BROKEN:
        image = None
    if image is None or image.mode not in {"L", "RGB", "RGBA"} or not all(image.size):
        raise RefusedCaptureError(
            "not_an_image", f"{name} is an array that is no picture; hand over uint8 of shape (H, W), (H, W, 3 or 4)."
        )
    return image


def _encoded(image: Image.Image, name: str) -> bytes:
    try:
        upright = turned_upright(image, orientation_of(image))
        kept = upright if upright.mode in PNG_MODES else upright.convert("RGB")
        data = _file(kept, "PNG", compress_level=FAST)
        if len(data) > MAX_BYTES and "A" not in kept.getbands():
            data = _file(kept.convert("RGB"), "JPEG", quality=QUALITY, subsampling=0)
    except BROKEN as error:
        raise RefusedCaptureError("damaged", f"{name} cannot be decoded: {error}; hand over its bytes.") from None
    return data


def _file(image: Image.Image, kind: str, **options: Any) -> bytes:
    """Return an image as a file that says nothing but its pixels and its colour profile."""
    sink = io.BytesIO()
    bare = image.copy()
    bare.info = {key: image.info[key] for key in ("icc_profile", "transparency") if key in image.info}
    bare.getexif().clear()
    bare.save(sink, kind, **options)
    return sink.getvalue()
