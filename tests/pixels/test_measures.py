"""The rows of one photo: brightness, its boxes, its foreground, and what could not be measured."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from captureset.pixels.measures import METRIC_VERSION, Job, Measured, failed, measure, measure_photo
from captureset.pixels.picture import GrayImage
from captureset.records.rows import MaskRow, MeasurementRow, RegionRow
from photos import encoded, jpeg, picture, png

SHARP_BOX = (300.0, 150.0, 200.0, 100.0)


def photo_row(gray: GrayImage) -> MeasurementRow:
    """Return the numbers of a gray picture, as a photo."""
    return measure_photo("", encoded(Image.fromarray(gray), "PNG"))


def sharp_inside(width: int = 600, height: int = 400, scale: int = 1) -> Image.Image:
    """Return a gray photo that is noise inside SHARP_BOX and blurred noise outside."""
    noise = Image.fromarray(np.random.default_rng(5).integers(0, 256, (height, width), np.uint8))
    blurred = noise.filter(ImageFilter.GaussianBlur(3))
    x, y, w, h = map(int, SHARP_BOX)
    blurred.paste(noise.crop((x, y, x + w, y + h)), (x, y))
    return blurred.resize((width * scale, height * scale), Image.Resampling.NEAREST)


def twin_of(image: Image.Image, box: tuple[int, int, int, int] | None) -> Image.Image:
    """Return a photo that is transparent outside a box (left, top, right, bottom), or everywhere."""
    alpha = Image.new("L", image.size, 0)
    if box is not None:
        alpha.paste(255, box)
    twin = image.convert("RGBA")
    twin.putalpha(alpha)
    return twin


def measured(photo: bytes, *twins: bytes, boxes: tuple[tuple[float, float, float, float], ...] = ()) -> Measured:
    """Return the rows of a photo, its boxes and twins."""
    files = {"photo": photo, **{f"twin-{number}": twin for number, twin in enumerate(twins)}}
    return measure(Job("photo", boxes, tuple(files)[1:]), files.__getitem__)


@pytest.mark.parametrize(("level", "dark", "bright"), [(0, 1, 0), (3, 1, 0), (4, 0, 0), (251, 0, 0), (252, 0, 1)])
def test_brightness_of_a_flat_picture(level: int, dark: float, bright: float) -> None:
    """Every percentile of one level is that level; at most 3 counts as dark, from 252 on as bright."""
    found = photo_row(np.full((30, 40), level, np.uint8))
    same = (found.brightness_p05, found.brightness_mean, found.brightness_p95, found.brightness_p99)
    assert same == pytest.approx([level / 255] * 4)
    assert (found.dark_fraction, found.bright_fraction, found.entropy_bits) == (dark, bright, 0)


def test_entropy_of_all_levels_is_eight_bits() -> None:
    """A picture with every level equally often carries 8 bits a pixel."""
    assert photo_row(np.arange(256, dtype=np.uint8).reshape(16, 16)).entropy_bits == pytest.approx(8)


def test_a_box_is_measured_apart_from_what_is_around_it() -> None:
    """The box is sharp, the background is not; a box beside it is the other way round."""
    beside = (0.0, 0.0, 200.0, 100.0)
    inside, outside = measured(encoded(sharp_inside(), "PNG"), boxes=(SHARP_BOX, beside)).regions
    assert (inside.x_px, inside.y_px, inside.w_px, inside.h_px) == SHARP_BOX
    assert (inside.measured_width_px, inside.measured_height_px) == (200, 100)
    assert (inside.sharpness_p99 or 0) > 5 * (inside.background_sharpness_p99 or 999)
    assert (outside.sharpness_p99 or 999) < 0.2 * (outside.background_sharpness_p99 or 0)
    assert (inside.failure, outside.failure) == (None, None)


def test_a_box_is_found_in_a_scaled_and_turned_photo() -> None:
    """Boxes are in pixels of the upright photo, whatever size it is measured at and however it is stored."""
    upright = sharp_inside(scale=4)
    stored = upright.transpose(Image.Transpose.ROTATE_90)  # orientation 6 turns it back
    box = (1200.0, 600.0, 800.0, 400.0)
    for image, orientation in ((upright, 1), (stored, 6)):
        row = measured(encoded(image, "JPEG", orientation), boxes=(box,)).regions[0]
        assert (row.measured_width_px, row.measured_height_px) == pytest.approx((341, 171), abs=1)
        assert (row.sharpness_p99 or 0) > 3 * (row.background_sharpness_p99 or 999)


def test_brightness_of_a_box_is_its_own() -> None:
    """A white box in a black photo is white."""
    gray = np.zeros((40, 60), np.uint8)
    gray[10:20, 30:50] = 255
    row = measured(encoded(Image.fromarray(gray), "PNG"), boxes=((30.0, 10.0, 20.0, 10.0),)).regions[0]
    assert (row.brightness_mean, row.brightness_p99) == (1, 1)


@pytest.mark.parametrize(
    ("box", "size"),
    [
        ((0.0, 0.0, 60.0, 40.0), (60, 40)),
        ((59.9, 39.9, 0.05, 0.05), (1, 1)),
        ((58.0, 38.0, 9.0, 9.0), (2, 2)),
        ((70.0, 50.0, 5.0, 5.0), (1, 1)),
        ((-5.0, -5.0, 3.0, 3.0), (1, 1)),
    ],
)
def test_a_box_at_the_rim_has_a_pixel_at_least(box: tuple[float, float, float, float], size: tuple[int, int]) -> None:
    """The whole frame, a speck, a box that hangs over and one beside the photo are measured where they can be."""
    row = measured(png(60, 40), boxes=(box,)).regions[0]
    assert (row.measured_width_px, row.measured_height_px) == size
    assert row.brightness_mean is not None
    assert (row.sharpness_p99 is None) == (size == (1, 1))
    assert (row.background_sharpness_p99 is None) == (size == (60, 40))


def test_the_foreground_is_measured_under_the_twins_alpha() -> None:
    """Fraction and bounding box of the alpha; sharp inside, blurred outside."""
    image = sharp_inside()
    row = measured(encoded(image, "PNG"), encoded(twin_of(image, (300, 150, 500, 250)), "PNG")).masks[0]
    assert row.foreground_fraction == pytest.approx(200 * 100 / (600 * 400))
    assert (row.x_px, row.y_px, row.w_px, row.h_px) == SHARP_BOX
    assert (row.sharpness_p99 or 0) > 5 * (row.background_sharpness_p99 or 999)
    assert (row.image_md5, row.twin_md5, row.failure) == ("photo", "twin-0", None)


def test_a_smaller_twin_counts_in_pixels_of_the_photo() -> None:
    """The app may send its twin scaled down; the bounding box is that of the photo, upright."""
    image = sharp_inside(scale=2)
    twin = twin_of(sharp_inside(), (300, 150, 500, 250))
    stored = encoded(image.transpose(Image.Transpose.ROTATE_90), "JPEG", 6)
    row = measured(stored, encoded(twin, "PNG")).masks[0]
    assert (row.x_px, row.y_px, row.w_px, row.h_px) == (600, 300, 400, 200)
    assert (row.sharpness_p99 or 0) > 2 * (row.background_sharpness_p99 or 999)


def test_twins_that_have_nothing_to_tell() -> None:
    """All transparent: a fraction of 0 and no box. No alpha: nothing, and no failure. Another shape: a failure."""
    image = picture(60, 40, 1)
    empty, plain, other, torn = (
        encoded(twin_of(image, None), "PNG"),
        png(60, 40),
        encoded(twin_of(image.resize((60, 60)), (0, 0, 9, 9)), "PNG"),
        b"no image",
    )
    rows = measured(png(60, 40), empty, plain, other, torn).masks
    assert [row.foreground_fraction for row in rows] == [0, None, None, None]
    assert [row.x_px for row in rows] == [None] * 4
    assert [row.sharpness_p99 for row in rows] == [None] * 4
    assert (rows[0].background_sharpness_p99 or 0) > 0
    assert [row.failure for row in rows] == [
        None,
        None,
        "the twin is 60x60 px, of another shape than its photo of 60x40 px",
        "cannot identify image file",
    ]


@pytest.mark.parametrize("data", [b"", b"<html></html>", jpeg(64, 48)[:300], png(64, 48)[:60]])
def test_an_unreadable_photo_gives_rows_with_the_reason(data: bytes) -> None:
    """Nothing is dropped and nothing is made up: no numbers, a reason, and the same one every time."""
    found = measured(data, png(60, 40), boxes=(SHARP_BOX,))
    row = found.photo
    assert row.failure
    assert " at 0x" not in row.failure
    assert (row.measured_width_px, row.sharpness_p99, row.entropy_bits, row.phash) == (0, None, None, None)
    assert (found.regions[0].failure, found.masks[0].failure) == (row.failure, row.failure)
    assert measured(data, png(60, 40), boxes=(SHARP_BOX,)) == found


def test_failed_rows_have_their_keys_and_no_number() -> None:
    """What cannot be measured still has one row for the photo, each box and each twin."""
    found = failed(Job("a", (SHARP_BOX,), ("t",)), "why")
    assert (found.photo.image_md5, found.photo.metric_version, found.photo.failure) == ("a", METRIC_VERSION, "why")
    assert {getattr(found.photo, name) for name in found.photo.__slots__[4:-1]} == {None}
    assert found.regions == (RegionRow("a", *SHARP_BOX, METRIC_VERSION, 0, 0, None, None, None, None, "why"),)
    nothing = dict.fromkeys(("foreground_fraction", "x_px", "y_px", "w_px", "h_px"))
    sharpness = {"sharpness_p99": None, "background_sharpness_p99": None}
    assert found.masks == (MaskRow("a", "t", METRIC_VERSION, **nothing, **sharpness, failure="why"),)


def test_a_readable_photo_has_numbers_and_no_failure() -> None:
    """A whole photo has every number and its own size."""
    row = measure_photo("ab", jpeg(48, 32))
    assert row.failure is None
    assert None not in [getattr(row, name) for name in row.__slots__ if name != "failure"]
    assert (row.measured_width_px, row.measured_height_px) == (48, 32)
