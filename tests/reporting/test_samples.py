"""Small pictures: the object of a box cut out, or the whole photo."""

from __future__ import annotations

import base64
import io
import re

import pytest
from PIL import Image

import photos
import rows
from captureset.records.box import Box
from captureset.reporting import samples
from captureset.reporting.thumbnails import crop
from captureset.reporting.trust import Trust
from collection_world import answered


def half_red(width: int = 400, height: int = 200, orientation: int | None = None) -> bytes:
    """Return a blue photo with a red left half, as it is seen upright."""
    image = Image.new("RGB", (width, height), "blue")
    image.paste("red", (0, 0, width // 2, height))
    stored = image if orientation is None else image.transpose(Image.Transpose.ROTATE_180)
    return photos.encoded(stored, "JPEG", orientation)


def decoded(uri: str) -> Image.Image:
    """Return the picture in a data URI."""
    return Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))).convert("RGB")


def mean(uri: str) -> tuple[int, ...]:
    """Return the colour a picture has on the average."""
    return tuple(round(value) for value in decoded(uri).resize((1, 1), Image.Resampling.BOX).getpixel((0, 0)))  # type: ignore[union-attr]


@pytest.mark.parametrize("orientation", [None, 3])
def test_a_crop_is_what_the_box_holds_of_the_upright_photo(orientation: int | None) -> None:
    """The left half is red, the right one blue, also in a photo that is stored upside down."""
    data = half_red(orientation=orientation)
    left, right = (crop(data, Box(x, 0.0, 190.0, 200.0), 400, 64) for x in (0.0, 210.0))
    assert left is not None
    assert right is not None
    assert mean(left)[0] - mean(left)[2] > 220
    assert mean(right)[2] - mean(right)[0] > 220


def test_a_crop_is_no_larger_than_asked_and_never_enlarged() -> None:
    """Its long side is 64 of a large box, and as many as the box has of a small one."""
    large, small = (crop(half_red(), Box(0.0, 0.0, side, side / 2), 400, 64) for side in (200.0, 20.0))
    assert large is not None
    assert small is not None
    assert decoded(large).size == (64, 32)
    assert decoded(small).size == (20, 10)


def test_a_photo_that_cannot_be_decoded_is_said_to_be_so() -> None:
    """No picture, no error."""
    assert crop(b"no photo", Box(0.0, 0.0, 9.0, 9.0), 9, 64) is None
    shown = samples.photos([rows.capture("a")], lambda _: b"no photo")
    assert "a cannot be decoded" in shown["a"]


def test_the_largest_box_is_shown_or_else_the_whole_photo() -> None:
    """A capture whose label names a category only has no box to cut out."""
    boxes = [
        rows.annotation("a", xywh_px=(0.0, 0.0, 190.0, 200.0)),
        rows.annotation("a", xywh_px=(300.0, 0.0, 9.0, 9.0)),
    ]
    captures = [rows.capture(name, width_px=400, height_px=200) for name in "ab"]
    shown = samples.crops(captures, boxes, lambda _: half_red())
    uris = {name: re.findall(r'href="([^"]*)"', shown[name])[0] for name in shown}
    assert mean(uris["a"])[0] > 240
    assert abs(mean(uris["b"])[0] - mean(uris["b"])[2]) < 20


def test_only_some_captures_of_the_most_frequent_mistakes_are_shown() -> None:
    """Three of a pair, and no capture the model was right about."""
    found = answered("FURN_SOFA", 2, 5)
    captures = [case.known.capture for case in found]
    assert [row.capture_id for row in samples.mistaken(captures, Trust.of(found))] == [
        "FURN_SOFA-02-1",
        "FURN_SOFA-03-1",
        "FURN_SOFA-04-1",
    ]
