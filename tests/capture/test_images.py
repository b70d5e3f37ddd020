from __future__ import annotations

import hashlib
import io
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image, ImageFile, ImageOps

from captureset.capture import images
from captureset.errors import RefusedCaptureError
from captureset.records.box import Frame
from photos import encoded, jpeg, picture, png


def webp(image: Image.Image) -> bytes:
    """Return a picture as a lossless WebP."""
    sink = io.BytesIO()
    image.save(sink, "WEBP", lossless=True)
    return sink.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return one chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_header(width: int, height: int) -> bytes:
    """Return a PNG that claims a size and has no pixel."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "kind"), [(jpeg(40, 30), "jpeg"), (png(40, 30), "png"), (webp(picture(40, 30, 0)), "webp")]
)
def test_facts_come_from_the_bytes(data: bytes, kind: str) -> None:
    """Format, size and SHA-256, whatever the file is called."""
    facts = images.inspect(data, "IMG.final.HEIC")
    assert (facts.format, facts.upright, facts.size_bytes) == (kind, Frame(40, 30), len(data))
    assert facts.sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("draw", [jpeg, png])
def test_the_upright_size_is_that_pillow_shows(draw: object, orientation: int) -> None:
    """For every EXIF orientation, in JPEG and PNG, `upright` is the size after exif_transpose, `stored` before."""
    assert callable(draw)
    data = draw(40, 30, exif_orientation=orientation)
    facts = images.inspect(data, "x")
    shown = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).size
    assert (facts.orientation, facts.stored, facts.upright) == (orientation, Frame(40, 30), Frame(*shown))


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_a_nonsense_orientation_is_upright(orientation: int) -> None:
    """Cameras write 0; it turns nothing."""
    assert images.inspect(jpeg(40, 30, exif_orientation=orientation), "x").orientation == 1


def test_an_orientation_behind_the_pixels_of_a_png_counts() -> None:
    """PNG allows EXIF after the image; the upright size must not depend on where it stands."""
    exif = Image.Exif()
    exif[0x0112] = 6
    end = chunk(b"IEND", b"")
    data = png(40, 30).removesuffix(end) + chunk(b"eXIf", exif.tobytes()[6:]) + end
    assert ImageOps.exif_transpose(Image.open(io.BytesIO(data))).size == (30, 40)
    assert images.inspect(data, "x").upright == Frame(30, 40)


def test_inspecting_decodes_no_pixel(monkeypatch: pytest.MonkeyPatch) -> None:
    """An app waits for a header only, for a PNG too."""

    def refuse(_: object) -> None:
        raise AssertionError("decoded")

    files = (jpeg(40, 30, exif_orientation=6), png(40, 30))
    monkeypatch.setattr(ImageFile.ImageFile, "load_prepare", refuse)
    for data in files:
        assert images.inspect(data, "x").size_bytes == len(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<!DOCTYPE html><html>404</html>",
        b"GIF89a\x01\x00\x01\x00",
        b"\xff\xd8\xff",
        b"%PDF-1.7",
        webp(picture(40, 30, 0))[:99],
    ],
    ids=len,
)
def test_what_is_no_photo_is_refused_by_its_first_bytes(data: bytes) -> None:
    """HTML, GIF, PDF, nothing, a cut WebP: the sentence shows how the file begins."""
    with pytest.raises(RefusedCaptureError, match=r"photo\.jpg is no JPEG, PNG or WebP image") as refused:
        images.inspect(data, "photo.jpg")
    assert refused.value.reason == "not_an_image"
    assert repr(data[:12]) in str(refused.value)


@pytest.mark.parametrize(("width", "height"), [(9500, 9500), (30000, 30000), (65000, 65000)])
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_decompression_bomb_is_refused_from_its_header(width: int, height: int) -> None:
    """A hundred bytes that claim gigapixels are not decoded."""
    with pytest.raises(RefusedCaptureError) as refused:
        images.inspect(png_header(width, height), "bomb.png")
    assert refused.value.reason == "too_many_pixels"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_equal_upright_pixels_hash_equal_in_any_file(orientation: int) -> None:
    """PNG, WebP, and a PNG stored turned with the orientation that turns it back have one pixel hash."""
    image = picture(24, 16, 3)
    inverse = {6: 8, 8: 6}.get(orientation, orientation)
    turned = image.copy()
    turned.getexif()[0x0112] = inverse
    stored = ImageOps.exif_transpose(turned)
    expected = hashlib.sha256(b"RGB 24 16\n" + image.tobytes()).hexdigest()
    assert images.pixel_sha256(encoded(image, "PNG"), "x") == expected
    assert images.pixel_sha256(webp(image), "x") == expected
    assert images.pixel_sha256(encoded(stored, "PNG", orientation), "x") == expected


def test_other_pixels_hash_otherwise() -> None:
    """Another picture, another alpha, another shape."""
    pixels = bytes(range(12))
    shapes = [Image.frombytes("RGB", (2, 2), pixels), Image.frombytes("RGB", (4, 1), pixels)]
    clear = shapes[0].convert("RGBA")
    clear.putalpha(0)
    files = [jpeg(24, 16, 1), jpeg(24, 16, 2), *(encoded(image, "PNG") for image in (*shapes, clear))]
    assert len({images.pixel_sha256(data, "x") for data in files}) == 5


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_gray_and_cmyk_jpegs_are_photos_too(mode: str) -> None:
    """Scanners and printers make them; both hash as RGB."""
    data = encoded(picture(24, 16, 0).convert(mode), "JPEG")
    assert len(images.pixel_sha256(data, "x")) == 64


def damaged_files() -> list[tuple[str, bytes]]:
    """Return JPEGs and other files, each spoilt in one way."""
    whole = jpeg(320, 240, 5)
    half = len(whole) // 2
    ways = {
        "cut at half": whole[:half],
        "cut before the last marker": whole[:-2],
        "cut by a few bytes": whole[:-40],
        "zeros in the middle": whole[:half] + bytes(64) + whole[half + 64 :],
        "a marker in the middle": whole[:half] + b"\xff\xd9" + whole[half + 2 :],
        "zeros to the end": whole[:half] + bytes(len(whole) - half),
    }
    flat = png(320, 240, 5)
    ways["PNG cut at half"] = flat[: len(flat) // 2]
    ways["PNG with zeros"] = flat[: len(flat) // 2] + bytes(64) + flat[len(flat) // 2 + 64 :]
    small = webp(picture(320, 240, 5))
    ways["WebP with zeros"] = small[:60] + bytes(len(small) - 60)
    return list(ways.items())


@pytest.mark.parametrize(("way", "data"), damaged_files(), ids=[way for way, _ in damaged_files()])
def test_a_damaged_photo_is_refused(way: str, data: bytes) -> None:
    """Its header is fine, so it comes into the inbox; decoding it strictly finds the damage."""
    assert way
    assert images.inspect(data, "x").size_bytes == len(data)
    with pytest.raises(RefusedCaptureError, match=r"IMG 1\.JPG is damaged: .*fetch the photo again") as refused:
        images.pixel_sha256(data, "IMG 1.JPG")
    assert refused.value.reason == "damaged"


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_damaged_exif_damages_no_photo() -> None:
    """With any bytes of its EXIF changed, a photo has a size, a hash and perhaps a time; nothing else is raised."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F], exif[0x9286] = "Maker", "c"
    exif.get_ifd(0x8769).update({0x9003: "2024:01:15 12:20:00", 0x9286: b"a comment"})
    exif.get_ifd(0x8825).update({1: "N", 2: (37.0, 33.0, 59.1)})
    sink = io.BytesIO()
    picture(24, 16, 0).save(sink, "JPEG", exif=exif)
    whole, choose = sink.getvalue(), np.random.default_rng(7)
    start, end = whole.index(b"Exif\0\0") + 6, whole.index(b"\xff\xdb")
    for _ in range(400):
        data = bytearray(whole)
        for _ in range(choose.integers(1, 4)):
            data[choose.integers(start, end)] = choose.integers(256)
        facts = images.inspect(bytes(data), "x")
        assert len(images.pixel_sha256(bytes(data), "x")) == 64
        assert sorted((facts.upright.width_px, facts.upright.height_px)) == [16, 24]
        images.taken_at(bytes(data))


@pytest.mark.parametrize(
    ("tags", "taken"),
    [
        ({0x9003: "2024:01:15 12:20:00"}, "2024-01-15T12:20:00Z"),
        ({0x9003: "2024:01:15 12:20:00\0", 0x9011: "+09:00"}, "2024-01-15T12:20:00+09:00"),
        ({0x9003: "2024:01:15 12:20:00", 0x9011: "+99:99"}, "2024-01-15T12:20:00Z"),
        ({0x9003: "0000:00:00 00:00:00"}, None),
        ({0x9003: "yesterday"}, None),
        ({}, None),
    ],
)
def test_when_a_photo_was_taken_is_what_it_says(tags: dict[int, str], taken: str | None) -> None:
    """A camera that was never set says nothing, and nothing is guessed; an impossible offset is none."""
    exif = Image.Exif()
    exif.get_ifd(0x8769).update(tags)
    sink = io.BytesIO()
    picture(24, 16, 0).save(sink, "JPEG", exif=exif)
    assert images.taken_at(sink.getvalue()) == taken
    assert images.taken_at(b"<html>") is None


def test_an_app_needs_neither_dvc_nor_numpy_to_submit() -> None:
    """The base install has none of them, so importing the way in must not ask for them."""
    heavy = "{'dvc', 'numpy', 'pandas', 'pyarrow', 'simplejpeg', 'torch', 'ultralytics'}"
    code = f"import sys, captureset.capture.submit; print(*sorted({heavy} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
