"""What an image file is, found from its bytes: format, upright size, orientation, and whether it is whole."""

from __future__ import annotations

import hashlib
import io
import re
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PIL import Image, UnidentifiedImageError

from captureset.errors import RefusedCaptureError
from captureset.records.box import Frame

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FORMATS = {"JPEG": "jpeg", "MPO": "jpeg", "PNG": "png", "WEBP": "webp"}  # Pillow's name to ours
SUFFIXES = {"jpeg": ".jpg", "png": ".png", "webp": ".webp"}
MAX_PIXELS = 89_478_485  # where Pillow begins to warn of a decompression bomb
ORIENTATION_TAG = 0x0112
EXIF_IFD, TAKEN_TAG, OFFSET_TAG = 0x8769, 0x9003, 0x9011
SIDEWAYS = (5, 6, 7, 8)
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
PNG_ORIENTATION_MARKS = (b"eXIf", b"Raw profile type exif", b"XML:com.adobe.xmp")
BROKEN = (
    *(OSError, ValueError, SyntaxError, struct.error, TypeError, LookupError, EOFError),
    *(AttributeError, ArithmeticError, RuntimeError),  # damaged EXIF has tags of the wrong type
)


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What the header of an image says; `stored` is before, `upright` after its orientation is applied."""

    format: str
    stored: Frame
    upright: Frame
    orientation: int
    size_bytes: int
    sha256: str


def inspect(data: bytes, name: str) -> ImageFacts:
    """Return the facts in an image's header; the pixels are not decoded, so this takes under a millisecond.

    Raises:
        RefusedCaptureError: `not_an_image` or `too_many_pixels`.
    """
    with _opened(data, name) as image:
        # Pillow decodes a whole PNG to look for an orientation, which few have
        marked = image.format != "PNG" or any(mark in data for mark in PNG_ORIENTATION_MARKS)
        orientation = orientation_of(image) if marked else 1
        stored = Frame(*image.size)
        upright = Frame(stored.height_px, stored.width_px) if orientation in SIDEWAYS else stored
        kind = FORMATS[str(image.format)]
        return ImageFacts(kind, stored, upright, orientation, len(data), hashlib.sha256(data).hexdigest())


def orientation_of(image: Image.Image) -> int:
    """Return the EXIF orientation, 1 to 8; absent, broken or nonsense is 1 (upright)."""
    try:
        value = image.getexif().get(ORIENTATION_TAG, 1)
    except BROKEN:
        return 1
    return value if value in range(1, 9) else 1


def turned_upright(image: Image.Image, orientation: int) -> Image.Image:
    """Return the image as its orientation says; broken EXIF cannot make it fail, as Pillow's exif_transpose does."""
    return image.transpose(TURNS[orientation]) if orientation in TURNS else image


def taken_at(data: bytes) -> str | None:
    """Return the EXIF time a photo was taken, RFC 3339, or None; without an offset it is read as UTC."""
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "WEBP"]) as image:
            exif = image.getexif().get_ifd(EXIF_IFD)
        moment = datetime.strptime(str(exif[TAKEN_TAG]).strip("\0 "), "%Y:%m:%d %H:%M:%S").replace(tzinfo=UTC)
    except BROKEN:
        return None
    offset = str(exif.get(OFFSET_TAG, "")).strip("\0 ")
    known = re.fullmatch(r"[+-](0\d|1[0-4]):[0-5]\d", offset)
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + (offset if known else "Z")


def pixel_sha256(data: bytes, name: str) -> str:
    """Return the SHA-256 of the upright pixels, after decoding the whole file strictly.

    Hashed are the mode, the size and the RGB or RGBA bytes, so a file saved again without loss hashes the same.

    Raises:
        RefusedCaptureError: `damaged`; a photo that is cut off or garbled is no training data.
    """
    with _opened(data, name) as image:
        try:
            pixels = _upright_pixels(image, data)
        except (*BROKEN, Image.DecompressionBombError) as error:
            raise RefusedCaptureError(
                "damaged", f"{name} is damaged: {error}; fetch the photo again from where it was taken."
            ) from None
    height, width, channels = pixels.shape
    digest = hashlib.sha256(f"{'RGBA'[:channels]} {width} {height}\n".encode())
    digest.update(pixels.data)
    return digest.hexdigest()


def _upright_pixels(image: Image.Image, data: bytes) -> NDArray[np.uint8]:
    """Return the pixels, RGB or RGBA, uint8, shape (H, W, 3 or 4); every libjpeg warning is an error.

    Pillow alone passes most damage. CMYK, which the strict decoder cannot give, is left to it.
    """
    import numpy as np  # noqa: PLC0415 - as simplejpeg in the extra `pipeline`; an app that only submits has neither
    import simplejpeg  # noqa: PLC0415

    strict = FORMATS[str(image.format)] == "jpeg" and image.mode in {"RGB", "L"}
    if not strict:
        image.load()
    orientation = orientation_of(image)
    if strict:
        pixels: NDArray[np.uint8] = simplejpeg.decode_jpeg(data, colorspace="RGB")
        if orientation == 1:
            return pixels
        image = Image.fromarray(pixels)
    upright = turned_upright(image, orientation)
    alpha = "A" in upright.getbands() or "transparency" in upright.info
    return np.asarray(upright.convert("RGBA" if alpha else "RGB"))


def _opened(data: bytes, name: str) -> Image.Image:
    """Return the image, its header read, under a format allow-list and a pixel limit."""
    too_many = RefusedCaptureError("too_many_pixels", f"{name} has more than {MAX_PIXELS} pixels; send it scaled down.")
    try:
        image = Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "WEBP"])
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise too_many from None
    except (UnidentifiedImageError, *BROKEN):
        raise RefusedCaptureError(
            "not_an_image",
            f"{name} is no JPEG, PNG or WebP image (it begins with {data[:12]!r}); send the photo itself.",
        ) from None
    if image.width * image.height > MAX_PIXELS:  # Pillow only warns, and a warning filter is not safe among threads
        raise too_many
    return image
