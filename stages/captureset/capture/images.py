"""What an image file is, found from its bytes: format, upright size, orientation, and whether it is whole."""

from __future__ import annotations

import hashlib
import io
import re
import struct
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime

from PIL import Image, ImageOps, UnidentifiedImageError

from captureset.errors import RefusedCaptureError
from captureset.records.box import Frame

FORMATS = {"JPEG": "jpeg", "MPO": "jpeg", "PNG": "png", "WEBP": "webp"}  # Pillow's name to ours
SUFFIXES = {"jpeg": ".jpg", "png": ".png", "webp": ".webp"}
ORIENTATION_TAG = 0x0112
EXIF_IFD, TAKEN_TAG, OFFSET_TAG = 0x8769, 0x9003, 0x9011
SIDEWAYS = (5, 6, 7, 8)
BROKEN = (OSError, ValueError, SyntaxError, struct.error, TypeError, KeyError, IndexError, EOFError)


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
        orientation = orientation_of(image)
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


def taken_at(data: bytes) -> str | None:
    """Return the EXIF time a photo was taken, RFC 3339, or None; without an offset it is read as UTC."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            exif = image.getexif().get_ifd(EXIF_IFD)
        moment = datetime.strptime(str(exif[TAKEN_TAG]).strip("\0 "), "%Y:%m:%d %H:%M:%S").replace(tzinfo=UTC)
    except BROKEN:
        return None
    offset = str(exif.get(OFFSET_TAG, "")).strip("\0 ")
    known = re.fullmatch(r"[+-]\d{2}:\d{2}", offset)
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + (offset if known else "Z")


def pixel_sha256(data: bytes, name: str) -> str:
    """Return the SHA-256 of the upright pixels, after decoding the whole file strictly.

    Hashed are the mode, the size and the RGB or RGBA bytes, so a file saved again without loss hashes the same.

    Raises:
        RefusedCaptureError: `damaged`; a photo that is cut off or garbled is no training data.
    """
    with _opened(data, name) as image:
        try:
            if FORMATS[str(image.format)] == "jpeg":
                _decode_strictly(data)
            image.load()
            upright = ImageOps.exif_transpose(image)
            rgb = upright.convert("RGBA" if "A" in upright.getbands() or "transparency" in upright.info else "RGB")
        except (*BROKEN, Image.DecompressionBombError) as error:
            raise RefusedCaptureError(
                "damaged", f"{name} is damaged: {error}; fetch the photo again from where it was taken."
            ) from None
    header = f"{rgb.mode} {rgb.width} {rgb.height}\n".encode()
    return hashlib.sha256(header + rgb.tobytes()).hexdigest()


def _decode_strictly(data: bytes) -> None:
    """Decode a JPEG with every libjpeg warning an error; Pillow alone passes most damage (CMYK it must judge)."""
    import simplejpeg  # noqa: PLC0415 - in the extra `pipeline`; an app that only submits has none

    _, _, colorspace, _ = simplejpeg.decode_jpeg_header(data)
    if colorspace not in {"CMYK", "YCCK"}:
        simplejpeg.decode_jpeg(data, colorspace="GRAY", fastdct=True)


def _opened(data: bytes, name: str) -> Image.Image:
    """Return the image, its header read, under a format allow-list and a pixel limit."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "WEBP"])
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise RefusedCaptureError(
            "too_many_pixels", f"{name} has more than {Image.MAX_IMAGE_PIXELS} pixels; send it scaled down."
        ) from None
    except (UnidentifiedImageError, *BROKEN):
        raise RefusedCaptureError(
            "not_an_image",
            f"{name} is no JPEG, PNG or WebP image (it begins with {data[:12]!r}); send the photo itself.",
        ) from None
