"""Photos as trainers need them: upright, RGB, 8 bit, nothing after the end; any other keeps its bytes."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from captureset.pixels.normalise import ExportedImage, normalised
from deep_pngs import RGBA, deep_png, levels
from photos import encoded, jpeg, picture, png
from planted import found_in, planted_jpeg, planted_png, planted_webp

GRAY = "#808080"


def done(data: bytes, color: str = GRAY) -> ExportedImage:
    """Return a photo made ready with this repository's settings."""
    return normalised(data, color, 95)


def opened(image: ExportedImage) -> Image.Image:
    """Return the exported image, decoded."""
    return Image.open(io.BytesIO(image.data))


@pytest.mark.parametrize(("data", "suffix"), [(jpeg(40, 30), ".jpg"), (png(40, 30), ".png")])
def test_a_photo_that_is_ready_keeps_its_bytes(data: bytes, suffix: str) -> None:
    """An upright RGB photo is exported byte for byte."""
    assert done(data) == ExportedImage(data, suffix, ())


def test_a_webp_keeps_its_bytes_and_a_two_picture_jpeg_its_first_picture() -> None:
    """WebP is exported as it is; the second picture a camera appends is not exported."""
    webp = encoded(picture(40, 30, 1), "WEBP")
    assert done(webp) == ExportedImage(webp, ".webp", ())
    sink = io.BytesIO()
    picture(40, 30, 1).save(sink, "MPO", save_all=True, append_images=[picture(40, 30, 2)])
    assert done(sink.getvalue()) == ExportedImage(jpeg(40, 30, 1), ".jpg", ("private_metadata_removed",))


@pytest.mark.parametrize("data", [planted_jpeg(), planted_png(picture(64, 48, 1)), planted_webp()], ids=["j", "p", "w"])
def test_no_export_carries_what_an_older_version_committed(data: bytes) -> None:
    """A photo that came in before metadata was taken out leaves without it."""
    assert found_in(data)
    assert found_in(done(data).data) == []


@pytest.mark.parametrize("orientation", range(2, 9))
@pytest.mark.parametrize("draw", [jpeg, png])
def test_a_turned_photo_is_made_upright(draw: object, orientation: int) -> None:
    """The exported pixels stand upright and no orientation is left that would turn them again."""
    data = draw(40, 30, 3, orientation)  # type: ignore[operator]
    image = done(data)
    assert image.changes == ("made_upright",)
    exported = opened(image)
    assert exported.size == ((30, 40) if orientation >= 5 else (40, 30))
    assert 0x0112 not in exported.getexif()
    assert exported.mode == "RGB"


def test_orientation_six_turns_to_the_right() -> None:
    """A photo of orientation 6 is turned clockwise: what was bottom left is top left."""
    photo = Image.new("RGB", (40, 30), "white")
    photo.paste("red", (0, 15, 20, 30))
    image = opened(done(encoded(photo, "JPEG", 6)))
    red, _, blue = image.getpixel((5, 5))  # type: ignore[misc]
    assert red > 200
    assert blue < 60
    assert min(image.getpixel((25, 35))) > 200  # type: ignore[arg-type]


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_broken_exif_does_not_stop_the_export() -> None:
    """A photo with damaged EXIF is as upright as it can be known to be."""
    data = jpeg(40, 30, 3, 6)
    at = data.index(b"Exif\0\0") + 6
    broken = data[: at + 4] + b"\xff\xff\xff\x7f" + data[at + 8 :]
    assert opened(done(broken)).size == (40, 30)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_alpha_is_composited_on_the_recorded_colour(mode: str) -> None:
    """Transparent pixels show the background colour, never what hides under them."""
    photo = Image.new("RGBA", (20, 10), (255, 0, 0, 0)).convert(mode)
    image = done(encoded(photo, "PNG"), "#102030")
    assert image.changes == ("alpha_composited",)
    assert image.suffix == ".png"
    assert opened(image).mode == "RGB"
    assert opened(image).getpixel((5, 5)) == (0x10, 0x20, 0x30)


@pytest.mark.parametrize("mode", ["P", "L", "RGB", "1"])
def test_a_transparent_colour_is_composited_too(mode: str) -> None:
    """A palette, gray or RGB PNG with one transparent colour has no transparency left."""
    photo = Image.new("RGB", (20, 10), "black").convert(mode)
    sink = io.BytesIO()
    photo.save(sink, "PNG", transparency=(0, 0, 0) if mode == "RGB" else 0)
    image = done(sink.getvalue(), "#102030")
    assert image.changes == ("alpha_composited",)
    exported = opened(image)
    assert (exported.mode, exported.getpixel((5, 5))) == ("RGB", (0x10, 0x20, 0x30))
    assert "transparency" not in exported.info


@pytest.mark.parametrize(
    ("mode", "kind", "suffix"), [("CMYK", "JPEG", ".jpg"), ("L", "JPEG", ".jpg"), ("P", "PNG", ".png")]
)
def test_other_modes_become_rgb(mode: str, kind: str, suffix: str) -> None:
    """CMYK, gray and palette photos are exported as RGB of their own format, and the change is recorded."""
    photo = picture(40, 30, 4)
    image = done(encoded(photo.convert(mode), kind))
    assert image.changes == (f"converted_from_{mode}",)
    assert image.suffix == suffix
    exported = opened(image)
    assert exported.mode == "RGB"
    wanted = photo.convert("L").convert("RGB") if mode == "L" else photo
    assert np.abs(np.asarray(exported, int) - np.asarray(wanted, int)).mean() < 20


def test_sixteen_bit_gray_keeps_its_high_byte() -> None:
    """A 16-bit gray PNG becomes 8-bit RGB by its high byte, not by clipping."""
    deep = np.arange(64 * 48, dtype=np.uint16).reshape(48, 64) * 20
    image = done(encoded(Image.fromarray(deep), "PNG"))
    assert image.changes == ("converted_from_I;16",)
    assert np.asarray(opened(image)).tolist() == np.repeat((deep >> 8)[..., None], 3, axis=2).tolist()


def test_sixteen_bit_gray_keeps_its_transparent_level() -> None:
    """The one transparent level of a 16-bit gray PNG shows the background colour."""
    deep = np.arange(64 * 48, dtype=np.uint16).reshape(48, 64) * 20
    sink = io.BytesIO()
    Image.fromarray(deep).save(sink, "PNG", transparency=20 * 64)
    exported = opened(done(sink.getvalue(), "#102030"))
    assert exported.getpixel((0, 1)) == (0x10, 0x20, 0x30)
    assert exported.getpixel((1, 1)) == (5, 5, 5)


def test_sixteen_bit_colour_becomes_eight_bit() -> None:
    """A 16-bit RGB PNG, which Pillow opens as plain RGB, does not reach the trainer as it is."""
    image = done(deep_png(20, 10))
    assert image.changes == ("converted_from_16_bit",)
    assert image.data[24] == 8
    assert np.asarray(opened(image)).tolist() == (levels(20, 10) >> 8).tolist()
    assert done(deep_png(20, 10, RGBA)).changes == ("alpha_composited",)


@pytest.mark.parametrize("tail", [b"\0" * 7, b"trailing words", b"\xff\xd8 half a preview"])
def test_bytes_after_the_end_of_a_jpeg_are_dropped(tail: bytes) -> None:
    """A JPEG ends with its end marker, or trainers rewrite it; the photo itself keeps its bytes."""
    data = jpeg(40, 30)
    assert done(data + tail) == ExportedImage(data, ".jpg", ("ended_at_end_of_image",))


def test_a_jpeg_without_an_end_gets_one() -> None:
    """A JPEG that decodes but lacks its end marker is given it."""
    data = jpeg(40, 30)
    assert done(data[:-2]) == ExportedImage(data, ".jpg", ("ended_at_end_of_image",))


def test_making_ready_twice_changes_nothing_more() -> None:
    """What was made ready is ready, and the same photo gives the same bytes."""
    for data in (jpeg(40, 30, 3, 6), encoded(picture(40, 30, 4).convert("RGBA"), "PNG"), deep_png(20, 10)):
        once = done(data)
        assert done(data) == once
        assert done(once.data) == ExportedImage(once.data, once.suffix, ())
