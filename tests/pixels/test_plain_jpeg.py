"""The quick look at a JPEG never says more than opening it would."""

from __future__ import annotations

import random

import pytest

import mutations
from captureset.errors import CapturesetError
from captureset.pixels import normalise
from captureset.pixels.plain_jpeg import is_plain_jpeg
from photos import encoded, jpeg, picture, png
from planted import planted_jpeg


def slowly(data: bytes, monkeypatch: pytest.MonkeyPatch) -> normalise.ExportedImage:
    """Return what opening the image comes to."""
    monkeypatch.setattr(normalise, "is_plain_jpeg", lambda _: False)
    return normalise.normalised(data, "#808080", 95)


@pytest.mark.parametrize("size", [(8, 8), (96, 72), (1025, 3)])
def test_an_ordinary_jpeg_is_plain(size: tuple[int, int]) -> None:
    """Upright, RGB, one scan: most photos of an app once `commit` has taken their metadata."""
    assert is_plain_jpeg(jpeg(*size))


@pytest.mark.parametrize(
    "data",
    [
        jpeg(40, 30, exif_orientation=6),
        jpeg(40, 30) + b"tail",
        jpeg(40, 30)[:-2],
        jpeg(40, 30) + jpeg(40, 30),
        encoded(picture(40, 30, 1).convert("L"), "JPEG"),
        encoded(picture(40, 30, 1).convert("CMYK"), "JPEG"),
        png(40, 30),
        planted_jpeg(),
        b"",
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff",
    ],
    ids=["turned", "tail", "endless", "two", "grey", "cmyk", "png", "metadata", "nothing", "bare", "cut"],
)
def test_anything_else_needs_a_closer_look(data: bytes) -> None:
    """A tail, an orientation, another mode, metadata or damage is not plain."""
    assert not is_plain_jpeg(data)


def test_what_is_plain_comes_out_the_same_when_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of JPEGs spoilt at random, those still called plain are, to whoever opens them, upright RGB to the last byte."""
    choose, plain = random.Random(0), 0
    base = [jpeg(40, 30, 1), jpeg(64, 48, 2), jpeg(40, 30, 3, exif_orientation=8), planted_jpeg(4)]
    for _ in range(1500):
        data = mutations.mutated(choose, choose.choice(base))
        if is_plain_jpeg(data):
            plain += 1
            try:
                assert slowly(data, monkeypatch) == normalise.ExportedImage(data, ".jpg", ())
            except (CapturesetError, OSError, ValueError, SyntaxError):
                continue  # damage that `commit`, which decodes every photo strictly, does not let in
    assert plain > 50
