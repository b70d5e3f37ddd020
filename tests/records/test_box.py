from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from captureset.records.box import Box, Frame, iou

FRAME = Frame(64, 48)


def test_corners_and_size_are_the_same_box() -> None:
    """Corners go in, left-top-width-height come out, and back."""
    box = Box.from_xyxy_px(10, 20, 40, 44)
    assert box.xywh_px == (10, 20, 30, 24)
    assert box.xyxy_px == (10, 20, 40, 44)
    assert box.area_px2 == 720


def test_yolo_row_is_centre_and_size_in_fractions_of_the_frame() -> None:
    """A YOLO row of the middle quarter is the middle quarter in pixels."""
    assert Box.from_cxcywh_norm(0.5, 0.5, 0.5, 0.25, FRAME) == Box(16, 18, 32, 12)


def test_each_axis_is_scaled_by_its_own_ratio() -> None:
    """From 64x48 to 640x96, x grows tenfold and y twofold; the same frame leaves the box untouched."""
    box = Box(1, 2, 3, 4)
    assert box.scaled(FRAME, Frame(640, 96)) == Box(10, 4, 30, 8)
    assert box.scaled(FRAME, FRAME) is box


@pytest.mark.parametrize(
    ("box", "fault"),
    [
        (Box(0, 0, 64, 48), None),
        (Box(-0.0005, 0, 64, 48.0005), None),
        (Box(math.nan, 0, 1, 1), "not finite"),
        (Box(0, 0, math.inf, 1), "not finite"),
        (Box(5, 5, 0, 3), "no area"),
        (Box(5, 5, 3, -1), "no area"),
        (Box(-1, 0, 10, 10), "outside"),
        (Box(60, 40, 5, 5), "outside"),
        (Box(0, 44, 5, 5), "outside"),
        (Box(-0.0008, 0, 0.0005, 5), "outside"),
        (Box(64.0001, 0, 0.0005, 5), "outside"),
    ],
)
def test_a_box_is_refused_for_no_area_and_for_leaving_its_frame(box: Box, fault: str | None) -> None:
    """A rounding error is forgiven; anything else outside, empty or not finite is named."""
    found = box.fault_in(FRAME)
    assert found is None if fault is None else fault in str(found)


EDGES = st.floats(-0.002, 64.002) | st.sampled_from([0.0, -0.0005, 48.0, 64.0, 64.0005])


@given(EDGES, EDGES, EDGES, EDGES)
def test_what_has_no_fault_lies_inside_after_snapping(x: float, y: float, w: float, h: float) -> None:
    """Snapping moves an accepted box by less than the tolerance, into the frame, and leaves it an area."""
    box = Box(x, y, w, h)
    if box.fault_in(FRAME) is None:
        snapped = box.snapped(FRAME)
        x1, y1, x2, y2 = snapped.xyxy_px
        assert min(x1, y1) >= 0
        assert x2 <= 64 + 1e-9
        assert y2 <= 48 + 1e-9
        assert min(snapped.w_px, snapped.h_px) > 0
        assert snapped.xyxy_px == pytest.approx(box.xyxy_px, abs=0.0021)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_box_turns_as_pillow_turns_the_pixels(orientation: int) -> None:
    """For every EXIF orientation the box lies where exif_transpose brings the mark it was drawn around."""
    image = Image.new("L", (24, 16))
    image.paste(255, (3, 2, 10, 6))
    image.getexif()[0x0112] = orientation
    upright = ImageOps.exif_transpose(image)
    turned = Box.from_xyxy_px(3, 2, 10, 6).rotated(orientation, Frame(24, 16))
    assert turned.xyxy_px == upright.getbbox()


CELLS = st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(1, 5), st.integers(1, 5))


@given(CELLS, CELLS)
def test_iou_is_shared_cells_over_all_cells(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> None:
    """On whole pixels IoU equals counting them."""
    cells = [{(x + i, y + j) for i in range(w) for j in range(h)} for x, y, w, h in (a, b)]
    counted = len(cells[0] & cells[1]) / len(cells[0] | cells[1])
    assert iou(Box(*a), Box(*b)) == pytest.approx(counted)
