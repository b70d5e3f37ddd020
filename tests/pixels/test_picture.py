"""One gray picture of a photo: its size, that it is upright, and what cannot be one."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from captureset.capture.images import MAX_PIXELS
from captureset.judgement.photo import CALIBRATED_SIDE_PX
from captureset.pixels import picture as pictures
from captureset.pixels.picture import GrayImage, read_picture
from photos import encoded, jpeg, picture, png


def gray_of(data: bytes) -> GrayImage:
    """Return the gray picture of a file."""
    return read_picture(data).gray


@pytest.mark.parametrize(
    ("size", "measured"),
    [((2200, 1650), (768, 1024)), ((600, 2200), (1024, 279)), ((640, 480), (480, 640)), ((1024, 10), (10, 1024))],
)
def test_long_side_is_1024_and_nothing_is_enlarged(size: tuple[int, int], measured: tuple[int, int]) -> None:
    """A large photo is measured at 1024 px, a smaller one at its own size; the photo's own size is beside it."""
    assert gray_of(jpeg(*size)).shape == measured
    assert gray_of(png(*size)).shape == measured
    assert (read_picture(jpeg(*size)).width_px, read_picture(jpeg(*size)).height_px) == size


@pytest.mark.parametrize(("side", "measured"), [(4000, 1000), (4032, 1008), (2049, 1025), (1057, 1024), (1056, 1056)])
def test_a_scaled_decode_within_a_thirtysecond_is_not_resampled(side: int, measured: int) -> None:
    """DCT scaling lands on an eighth of the full size; between 992 and 1056 px that is taken as it is."""
    assert gray_of(jpeg(side, 40)).shape[1] == measured
    assert measured >= CALIBRATED_SIDE_PX == pictures.LONG_SIDE_PX * (1 - pictures.SIZE_TOLERANCE)


@pytest.mark.parametrize("size", [(5000, 2), (2, 5000), (1, 1)])
def test_thin_photos_are_measured(size: tuple[int, int]) -> None:
    """A photo so thin that scaling would leave nothing of it keeps one pixel."""
    assert min(gray_of(jpeg(*size)).shape) == 1
    assert min(gray_of(png(*size)).shape) == 1


def test_scaled_decoding_is_near_full_decoding() -> None:
    """Decoding a JPEG at reduced size gives the brightness of the whole photo."""
    data = jpeg(3000, 2000, seed=3)
    whole = np.asarray(Image.open(io.BytesIO(data)).convert("L"))
    assert gray_of(data).mean() == pytest.approx(whole.mean(), abs=1)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_gives_the_same_picture(shared_data: Path, orientation: int) -> None:
    """Eight files that show the same when turned upright: the gray pictures are nearly one."""
    for shape in ("Landscape", "Portrait"):
        first, turned = (
            read_picture((shared_data / "edge/exif_orientation" / f"{shape}_{number}.jpg").read_bytes())
            for number in (1, orientation)
        )
        assert (first.width_px, first.height_px) == (turned.width_px, turned.height_px)
        assert np.abs(first.gray.astype(int) - turned.gray.astype(int)).mean() < 3


def test_transparent_pixels_count_as_mid_gray() -> None:
    """What hides under transparency is not measured, at any size."""
    for size in ((30, 20), (3000, 20)):
        secret = Image.new("RGBA", size, (255, 255, 255, 0))
        assert set(gray_of(encoded(secret, "PNG")).ravel()) == {128}


def test_sixteen_bit_gray_is_measured_by_its_high_byte() -> None:
    """A 16-bit photo is as bright as its 8-bit twin, where Pillow alone would clip it to white."""
    levels = np.arange(64 * 48, dtype=np.uint16).reshape(48, 64) * 20
    deep, plain = Image.fromarray(levels), Image.fromarray((levels >> 8).astype(np.uint8))
    assert gray_of(encoded(deep, "PNG")).tolist() == gray_of(encoded(plain, "PNG")).tolist()


def as_mode(mode: str) -> Callable[[], bytes]:
    """Return a drawing of a photo in one of Pillow's modes."""
    return lambda: encoded(picture(64, 48, 2).convert(mode), "JPEG" if mode == "CMYK" else "PNG")


@pytest.mark.parametrize("draw", [as_mode(mode) for mode in ("CMYK", "L", "P", "1", "LA", "RGBA")])
def test_any_colour_mode_is_measured(draw: Callable[[], bytes]) -> None:
    """CMYK, gray, palette, bilevel and alpha give about the brightness of the plain photo."""
    assert gray_of(draw()).mean() == pytest.approx(gray_of(png(64, 48, 2)).mean(), abs=13)


NO_IMAGES = [b"", b"<html></html>", jpeg(64, 48)[:300], png(64, 48)[:60], jpeg(64, 48)[:-40]]


@pytest.mark.parametrize("data", NO_IMAGES)
def test_what_is_no_whole_image_raises_one_of_the_named_errors(data: bytes) -> None:
    """HTML, nothing and cut-off files raise what `measure` expects, nothing else."""
    with pytest.raises(pictures.UNREADABLE):
        read_picture(data)


def test_a_bomb_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A photo of more pixels than intake lets in is not decoded."""
    assert vars(pictures)["MAX_PIXELS"] == MAX_PIXELS
    monkeypatch.setattr(pictures, "MAX_PIXELS", 64 * 48 - 1)
    with pytest.raises(ValueError, match="64x48 px are more than 3071 pixels"):
        read_picture(jpeg(64, 48))


def test_a_failure_names_no_address_in_memory() -> None:
    """The reason is the same text in every run: it ends up in a table that must be."""

    def reason() -> str:
        with pytest.raises(pictures.UNREADABLE) as raised:
            read_picture(b"<html></html>")
        return pictures.failure_of(raised.value)

    assert reason() == reason() == "cannot identify image file"
    assert pictures.failure_of(ValueError()) == "ValueError"


def test_a_decoder_that_is_short_of_memory_says_nothing_about_the_photo() -> None:
    """That failure is no fact of the photo, in whatever words it comes."""
    with pytest.raises(MemoryError, match="Insufficient memory"):
        pictures.failure_of(ValueError("Insufficient memory (case 4)"))
