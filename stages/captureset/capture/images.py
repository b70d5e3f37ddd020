"""What an image file is, found from its bytes: format, upright size, orientation, and whether it is whole."""

from __future__ import annotations

import hashlib
import io
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from PIL import Image, UnidentifiedImageError

from captureset.errors import RefusedCaptureError
from captureset.records.box import Frame

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORMATS = {"JPEG": "jpeg", "MPO": "jpeg", "PNG": "png", "WEBP": "webp"}  # Pillow's name to ours
SUFFIXES = {"jpeg": ".jpg", "png": ".png", "webp": ".webp"}
MAX_PIXELS = 89_478_485  # where Pillow begins to warn of a decompression bomb
MAX_BYTES = 64 * 1024 * 1024  # a photo of that many pixels has less
STRIP_ROWS = 256  # hashed at once, so that a large photo is not copied whole
ORIENTATION_TAG = 0x0112
EXIF_IFD, TAKEN_TAG, OFFSET_TAG = 0x8769, 0x9003, 0x9011
SIDEWAYS, UPSIDE_DOWN, MIRRORED = (5, 6, 7, 8), (3, 4, 7, 8), (2, 3, 6, 7)
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
    *(AttributeError, ArithmeticError, RuntimeError, AssertionError),  # damaged EXIF has tags of the wrong type
    *(zlib.error, Warning, MemoryError, Image.DecompressionBombError),
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
        RefusedCaptureError: `too_large`, `not_an_image`, `too_many_pixels` or `animated`.
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
            strict = FORMATS[str(image.format)] == "jpeg" and image.mode in {"RGB", "L"}
            return _hashed(*(_jpeg_strips(image, data) if strict else _strips(image)))
        except BROKEN as error:
            raise RefusedCaptureError(
                "damaged", f"{name} is damaged: {_said(error)}; fetch the photo again from where it was taken."
            ) from None


def _said(error: BaseException) -> str:
    """Return what a decoder said, or at least the name of its exception."""
    return str(error) or type(error).__name__


def _hashed(mode: str, width: int, height: int, strips: Iterator[Any]) -> str:
    digest = hashlib.sha256(f"{mode} {width} {height}\n".encode())
    for strip in strips:
        digest.update(memoryview(strip))
    return digest.hexdigest()


Strips = tuple[str, int, int, Iterator[Any]]


def _jpeg_strips(image: Image.Image, data: bytes) -> Strips:
    """Return the upright pixels of a JPEG; every libjpeg warning is an error, since Pillow alone passes most damage."""
    import numpy as np  # noqa: PLC0415 - as simplejpeg in the extra `pipeline`; an app that only submits has neither
    import simplejpeg  # noqa: PLC0415

    orientation = orientation_of(image)
    pixels: NDArray[Any] = simplejpeg.decode_jpeg(data, colorspace="RGB")
    pixels = pixels.transpose(1, 0, 2) if orientation in SIDEWAYS else pixels
    pixels = pixels[:: -1 if orientation in UPSIDE_DOWN else 1, :: -1 if orientation in MIRRORED else 1]
    height, width, _ = pixels.shape
    rows = (np.ascontiguousarray(pixels[top : top + STRIP_ROWS]) for top in range(0, height, STRIP_ROWS))
    return "RGB", width, height, rows


def _strips(image: Image.Image) -> Strips:
    """Return the upright pixels of any other image, CMYK JPEGs among them, which the strict decoder cannot give."""
    image.load()
    upright = turned_upright(image, orientation_of(image))
    mode = "RGBA" if "A" in upright.getbands() or "transparency" in upright.info else "RGB"
    width, height = upright.size
    boxes = ((0, top, width, min(top + STRIP_ROWS, height)) for top in range(0, height, STRIP_ROWS))
    return mode, width, height, (upright.crop(box).convert(mode).tobytes() for box in boxes)


def _opened(data: bytes, name: str) -> Image.Image:
    """Return the image, its header read, under a format allow-list and a pixel limit."""
    if len(data) > MAX_BYTES:
        raise RefusedCaptureError(
            "too_large", f"{name} has {len(data)} bytes and {MAX_BYTES} may come in; send it scaled down."
        )
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
    if image.format != "MPO" and getattr(image, "is_animated", False):  # MPO: further images, which do not come in
        raise RefusedCaptureError("animated", f"{name} is an animation; send one picture of it.")
    return image
