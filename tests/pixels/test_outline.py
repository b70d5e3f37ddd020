"""Outlines from background-removed twins: where they lie, and when there is none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from captureset.formats.exports.yolo_segment import joined
from captureset.pixels import outline
from captureset.pixels.outline import outline_of
from captureset.records.box import Box, Frame
from photos import encoded, jpeg, picture

FRAME = Frame(80, 60)


def twin(alpha: Image.Image) -> bytes:
    """Return a twin with this alpha."""
    image = picture(*alpha.size, 1)
    image.putalpha(alpha)
    return encoded(image, "PNG")


def drawn(*rectangles: tuple[int, int, int, int], size: tuple[int, int] = (80, 60), hole: bool = False) -> bytes:
    """Return a twin whose opaque part is these rectangles; corners are included."""
    alpha = Image.new("L", size)
    for rectangle in rectangles:
        ImageDraw.Draw(alpha).rectangle(rectangle, fill=255)
    if hole:
        ImageDraw.Draw(alpha).rectangle((30, 30, 34, 34), fill=0)
    return twin(alpha)


def test_a_rectangle_has_four_corners() -> None:
    """The polygon runs along the pixels' outer edges, so it is exactly the box; holes are filled."""
    found = outline_of(drawn((10, 20, 49, 49), hole=True), Box(10, 20, 40, 30), FRAME)
    assert found == ((10.0, 20.0, 50.0, 20.0, 50.0, 50.0, 10.0, 50.0),)


@pytest.mark.parametrize(
    ("data", "box"),
    [
        (drawn((10, 20, 49, 49)), Box(50, 20, 25, 30)),
        (drawn((10, 20, 49, 49)), Box(0, 0, 80, 60)),
        (drawn(), Box(10, 20, 40, 30)),
        (drawn((10, 20, 49, 49), size=(80, 80)), Box(10, 20, 40, 30)),
        (encoded(picture(80, 60, 1), "PNG"), Box(10, 20, 40, 30)),
        (jpeg(80, 60), Box(10, 20, 40, 30)),
        (b"no image", Box(10, 20, 40, 30)),
    ],
    ids=["elsewhere", "much-smaller", "nothing", "another-shape", "opaque", "jpeg", "broken"],
)
def test_a_twin_that_shows_something_else_gives_none(data: bytes, box: Box) -> None:
    """Only a mask that agrees with the one box may stand for it."""
    assert outline_of(data, box, FRAME) == ()


def test_a_twin_of_another_size_is_scaled() -> None:
    """A twin that came back smaller, of the same shape, is laid over the photo."""
    (polygon,) = outline_of(drawn((5, 10, 24, 24), size=(40, 30)), Box(10, 20, 40, 30), FRAME)
    assert polygon == (10.0, 20.0, 50.0, 20.0, 50.0, 50.0, 10.0, 50.0)


def test_parts_come_largest_first_and_dust_is_left_out() -> None:
    """Two parts are two polygons; a speck of a pixel is none."""
    found = outline_of(drawn((10, 20, 19, 49), (25, 20, 49, 49), (22, 30, 22, 30)), Box(10, 20, 40, 30), FRAME)
    assert [min(polygon[::2]) for polygon in found] == [25.0, 10.0]


def test_an_outline_is_cut_to_its_box() -> None:
    """What reaches beyond the box would leave it in every reader of segmentation."""
    (polygon,) = outline_of(drawn((8, 18, 51, 51)), Box(10.5, 20.5, 39, 29), FRAME)
    assert (min(polygon[::2]), min(polygon[1::2]), max(polygon[::2]), max(polygon[1::2])) == (10.5, 20.5, 49.5, 49.5)


@given(st.integers(0, 2**31))
def test_loops_enclose_exactly_the_mask(seed: int) -> None:
    """Whatever a mask looks like, the areas of its loops, holes negative, sum to its pixels."""
    mask = np.random.default_rng(seed).random((9, 11)) < 0.5
    assert sum(outline._area(loop) for loop in outline._loops(mask)) == pytest.approx(mask.sum())


def test_thinning_stays_within_a_pixel() -> None:
    """A disc keeps its edge to two pixels with an eighth of its corners."""
    alpha = Image.new("L", (400, 400))
    ImageDraw.Draw(alpha).ellipse((50, 50, 349, 349), fill=255)
    (polygon,) = outline_of(twin(alpha), Box(50, 50, 300, 300), Frame(400, 400))
    points = np.reshape(polygon, (-1, 2))
    radius = np.hypot(*(points - 200).T)
    assert len(points) < 100  # of some 800
    assert np.all(np.abs(radius - 150) < 2)


def test_parts_are_joined_by_bridges_of_no_width() -> None:
    """One polygon goes around all parts and back; its area is the sum of theirs."""
    one, two = (0.0, 0.0, 2.0, 0.0, 2.0, 2.0, 0.0, 2.0), (5.0, 5.0, 6.0, 5.0, 6.0, 6.0, 5.0, 6.0)
    assert joined((one,)) == one
    whole = np.reshape(joined((one, two)), (-1, 2))
    assert outline._area(whole) == pytest.approx(4 + 1)
