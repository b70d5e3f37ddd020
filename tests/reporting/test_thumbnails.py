"""Thumbnails: upright, small, of every kind of photo."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image, ImageOps

import photos
from captureset.reporting.thumbnails import PAPER, thumbnail


def decoded(uri: str | None) -> Image.Image:
    """The picture in a data URI."""
    assert uri is not None
    kind, _, data = uri.partition(",")
    assert kind == "data:image/jpeg;base64"
    return Image.open(io.BytesIO(base64.b64decode(data, validate=True)))


def file_of(image: Image.Image, kind: str = "PNG") -> bytes:
    """An image as a file."""
    sink = io.BytesIO()
    image.save(sink, kind)
    return sink.getvalue()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_thumbnail_is_upright_for_every_exif_orientation(orientation: int) -> None:
    """It shows what Pillow's exif_transpose of the photo shows, and carries no EXIF itself."""
    photo = photos.jpeg(200, 100, seed=3, exif_orientation=orientation)
    with Image.open(io.BytesIO(photo)) as image:
        upright = ImageOps.exif_transpose(image)
    small = decoded(thumbnail(photo, 100))
    assert small.size == ((50, 100) if orientation >= 5 else (100, 50))
    wanted = np.asarray(upright.resize(small.size), dtype=float)
    assert float(np.abs(np.asarray(small, dtype=float) - wanted).mean()) < 12
    assert not small.getexif()


def test_a_small_photo_is_not_enlarged() -> None:
    """40 x 30 pixels stay so."""
    assert decoded(thumbnail(photos.png(40, 30), 240)).size == (40, 30)


def test_a_sliver_keeps_a_pixel() -> None:
    """2000 x 2 pixels at 100 are 100 x 1, not 100 x 0."""
    assert decoded(thumbnail(photos.png(2000, 2), 100)).size == (100, 1)


def test_transparency_lies_on_paper() -> None:
    """A clear pixel has the page's light gray, not black."""
    clear = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    seen = decoded(thumbnail(file_of(clear), 20)).getpixel((10, 10))
    assert isinstance(seen, tuple)
    assert max(abs(a - b) for a, b in zip(seen, PAPER, strict=True)) <= 2


def test_a_16_bit_photo_keeps_its_brightness() -> None:
    """Half of 65535 is half of 255."""
    deep = Image.fromarray(np.full((20, 20), 32768, dtype=np.uint16))
    seen = decoded(thumbnail(file_of(deep), 20)).getpixel((10, 10))
    assert isinstance(seen, tuple)
    assert abs(seen[0] - 128) <= 2


@pytest.mark.parametrize("mode", ["L", "LA", "P", "1", "CMYK"])
def test_every_mode_becomes_a_picture(mode: str) -> None:
    """Gray, palette, bilevel and print colours are all RGB in the end."""
    photo = file_of(photos.picture(40, 30, 1).convert(mode), "JPEG" if mode == "CMYK" else "PNG")
    assert decoded(thumbnail(photo, 40)).mode == "RGB"


@pytest.mark.parametrize("photo", [b"", b"<html>", photos.jpeg(300, 200)[:900], photos.png(300, 200)[:400]])
def test_what_cannot_be_decoded_is_none(photo: bytes) -> None:
    """Nothing, HTML and photos cut off have no thumbnail and are no error."""
    assert thumbnail(photo, 64) is None


def test_the_same_photo_gives_the_same_bytes() -> None:
    """Twice the same data URI."""
    assert thumbnail(photos.jpeg(300, 200), 64) == thumbnail(photos.jpeg(300, 200), 64)
