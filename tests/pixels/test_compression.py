"""The quality a JPEG was saved with."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from captureset.pixels.compression import jpeg_quality
from captureset.pixels.measures import measure_photo
from photos import jpeg, picture, png


@pytest.mark.parametrize("quality", [1, 5, 20, 49, 50, 51, 75, 85, 95, 99, 100])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_the_quality_is_the_one_it_was_saved_with(quality: int, mode: str) -> None:
    """The scale of libjpeg is read back, in colour and in gray."""
    sink = io.BytesIO()
    picture(40, 30, 1).convert(mode).save(sink, "JPEG", quality=quality)
    assert jpeg_quality(Image.open(sink)) == quality
    assert measure_photo("", sink.getvalue()).jpeg_quality == quality


def test_strange_tables_give_the_nearest_quality() -> None:
    """An encoder's own tables are no reason to fail: coarser than the worst is 1, finer than the best 100."""
    for step, quality in ((255, 1), (1, 100)):
        sink = io.BytesIO()
        picture(40, 30, 1).save(sink, "JPEG", qtables=[[step] * 64, [step] * 64])
        assert jpeg_quality(Image.open(sink)) == quality


def test_what_is_no_jpeg_has_no_quality() -> None:
    """A PNG has none."""
    assert measure_photo("", png(40, 30)).jpeg_quality is None
    assert measure_photo("", jpeg(40, 30)).jpeg_quality == 75
