"""Raw numbers of one photo: what they are, and that they say what they should."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from captureset.capture.images import MAX_PIXELS
from captureset.pixels import measures
from captureset.pixels.measures import GrayImage, gray_picture, laplacian, measure, sharpness_p99
from photos import encoded, jpeg, picture, png


def flat(level: int, width: int = 40, height: int = 30) -> GrayImage:
    """Return a gray picture of one level."""
    return np.full((height, width), level, np.uint8)


@pytest.mark.parametrize(
    ("size", "measured"),
    [((1600, 1200), (768, 1024)), ((600, 2048), (1024, 300)), ((640, 480), (480, 640)), ((1024, 10), (10, 1024))],
)
def test_long_side_is_1024_and_nothing_is_enlarged(size: tuple[int, int], measured: tuple[int, int]) -> None:
    """A large photo is measured at 1024 px, a smaller one at its own size."""
    assert gray_picture(jpeg(*size)).shape == measured
    assert gray_picture(png(*size)).shape == measured


@pytest.mark.parametrize("size", [(5000, 2), (2, 5000), (1, 1)])
def test_thin_photos_are_measured(size: tuple[int, int]) -> None:
    """A photo so thin that scaling would leave nothing of it keeps one pixel."""
    gray = gray_picture(jpeg(*size))
    assert max(gray.shape) == min(1024, max(size))
    assert min(gray.shape) == 1
    assert measure(gray).sharpness_p99 == 0


def test_scaled_decoding_is_near_full_decoding() -> None:
    """Decoding a JPEG at reduced size gives the brightness of the whole photo."""
    data = jpeg(3000, 2000, seed=3)
    whole = np.asarray(Image.open(io.BytesIO(data)).convert("L"))
    assert measure(gray_picture(data)).brightness_mean == pytest.approx(whole.mean() / 255, abs=0.005)


def test_sharpness_falls_under_blur() -> None:
    """The more a photo is blurred, the lower its sharpness, at any size."""
    rng = np.random.default_rng(0)
    for side in (200, 1000, 2000):
        photo = Image.fromarray(rng.integers(0, 256, (side, side), np.uint8))
        blurred = [photo, *(photo.filter(ImageFilter.GaussianBlur(sigma)) for sigma in (1, 2, 4))]
        values = [measure(gray_picture(encoded(each, "PNG"))).sharpness_p99 for each in blurred]
        assert values == sorted(values, reverse=True)
        assert len(set(values)) == len(values)


def test_sharpness_has_the_stated_ends() -> None:
    """A flat picture has 0, a chessboard of single pixels 1020, which is the most there is."""
    board = (np.indices((20, 20)).sum(axis=0) % 2 * 255).astype(np.uint8)
    assert sharpness_p99(laplacian(flat(77))) == 0
    assert sharpness_p99(laplacian(board)) == 1020
    assert measure(flat(77)).laplacian_variance == 0


def test_laplacian_is_the_four_neighbour_one() -> None:
    """The Laplacian is the sum of the four neighbours less four times the pixel, without the rim."""
    gray = np.array([[1, 2, 3], [4, 50, 6], [7, 8, 9]], np.uint8)
    assert laplacian(gray).tolist() == [[2 + 8 + 4 + 6 - 200]]


@pytest.mark.parametrize(("level", "dark", "bright"), [(0, 1, 0), (3, 1, 0), (4, 0, 0), (251, 0, 0), (252, 0, 1)])
def test_brightness_of_a_flat_picture(level: int, dark: float, bright: float) -> None:
    """Every percentile of one level is that level; at most 3 counts as dark, from 252 on as bright."""
    found = measure(flat(level))
    same = (found.brightness_p05, found.brightness_mean, found.brightness_p95, found.brightness_p99)
    assert same == pytest.approx([level / 255] * 4)
    assert (found.dark_fraction, found.bright_fraction, found.entropy_bits) == (dark, bright, 0)


def test_entropy_of_all_levels_is_eight_bits() -> None:
    """A picture with every level equally often carries 8 bits a pixel."""
    assert measure(np.arange(256, dtype=np.uint8).reshape(16, 16)).entropy_bits == pytest.approx(8)


@given(st.integers(0, 10_000))
def test_percentiles_are_numpys(seed: int) -> None:
    """Percentiles from the histogram are those of the pixels themselves."""
    rng = np.random.default_rng(seed)
    gray = rng.integers(0, rng.integers(2, 257), (13, 11)).astype(np.uint8)
    found = measure(gray)
    wanted = np.percentile(gray, [5, 95, 99], method="inverted_cdf") / 255
    assert [found.brightness_p05, found.brightness_p95, found.brightness_p99] == pytest.approx(wanted)
    strong = np.percentile(np.abs(laplacian(gray)), 99, method="inverted_cdf")
    assert found.sharpness_p99 == pytest.approx(strong)


def test_turning_a_photo_changes_no_number() -> None:
    """EXIF orientation is not applied, and need not be: a turned picture has the same numbers."""
    photo = picture(120, 80, 5)
    lying, standing = (measure(gray_picture(encoded(each, "PNG"))) for each in (photo, photo.rotate(90, expand=True)))
    assert (lying.measured_width_px, lying.measured_height_px) == (120, 80)
    assert (standing.measured_width_px, standing.measured_height_px) == (80, 120)
    assert lying.sharpness_p99 == standing.sharpness_p99
    assert lying.entropy_bits == pytest.approx(standing.entropy_bits)


def test_transparent_pixels_count_as_mid_gray() -> None:
    """What hides under transparency is not measured."""
    secret = Image.new("RGBA", (30, 20), (255, 255, 255, 0))
    assert gray_picture(encoded(secret, "PNG")).tolist() == flat(128, 30, 20).tolist()


def test_sixteen_bit_gray_is_measured_by_its_high_byte() -> None:
    """A 16-bit photo is as bright as its 8-bit twin, where Pillow alone would clip it to white."""
    levels = np.arange(64 * 48, dtype=np.uint16).reshape(48, 64) * 20
    deep, plain = Image.fromarray(levels), Image.fromarray((levels >> 8).astype(np.uint8))
    assert gray_picture(encoded(deep, "PNG")).tolist() == gray_picture(encoded(plain, "PNG")).tolist()


def as_mode(mode: str) -> Callable[[], bytes]:
    """Return a drawing of a photo in one of Pillow's modes."""
    return lambda: encoded(picture(64, 48, 2).convert(mode), "JPEG" if mode == "CMYK" else "PNG")


@pytest.mark.parametrize("draw", [as_mode(mode) for mode in ("CMYK", "L", "P", "1", "LA", "RGBA")])
def test_any_colour_mode_is_measured(draw: Callable[[], bytes]) -> None:
    """CMYK, gray, palette, bilevel and alpha give about the brightness of the plain photo."""
    plain = measure(gray_picture(png(64, 48, 2))).brightness_mean
    assert measure(gray_picture(draw())).brightness_mean == pytest.approx(plain, abs=0.05)


@pytest.mark.parametrize("data", [b"", b"<html></html>", jpeg(64, 48)[:300], png(64, 48)[:60]])
def test_what_is_no_whole_image_raises_one_of_the_named_errors(data: bytes) -> None:
    """HTML, nothing and cut-off files raise what `measure_photo` expects, nothing else."""
    with pytest.raises(measures.UNREADABLE):
        gray_picture(data)


def test_a_bomb_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A photo of more pixels than intake lets in is not decoded."""
    assert measures.MAX_PIXELS == MAX_PIXELS
    monkeypatch.setattr(measures, "MAX_PIXELS", 64 * 48 - 1)
    with pytest.raises(ValueError, match="64x48 px are more than 3071 pixels"):
        gray_picture(jpeg(64, 48))


def test_a_failure_names_no_address_in_memory() -> None:
    """The reason is the same text in every run: it ends up in a table that must be."""

    def reason() -> str:
        with pytest.raises(measures.UNREADABLE) as raised:
            gray_picture(b"<html></html>")
        return measures.failure_of(raised.value)

    assert reason() == reason() == "cannot identify image file"
    assert measures.failure_of(ValueError()) == "ValueError"


def test_real_photos_sharp_above_moved_and_defocused(shared_data: Path) -> None:
    """Of three photos of one scene, the sharp one has the highest sharpness."""
    triplets: dict[str, dict[str, Any]] = {}
    for path in sorted((shared_data / "blur_triplets").iterdir()):
        scene, _, kind = path.stem.rpartition("_")
        triplets.setdefault(scene, {})[kind] = measure(gray_picture(path.read_bytes())).sharpness_p99
    assert len(triplets) == 3
    for found in triplets.values():
        assert found["S"] > max(found["M"], found["F"])
