"""The perceptual hash: what changes it and what does not."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter

from captureset.pixels.measures import measure_photo
from captureset.pixels.phash import phash
from photos import encoded, jpeg, picture


def bits_of(data: bytes) -> int:
    """Return the hash of a photo as one number."""
    found = measure_photo("", data).phash
    assert found is not None
    assert len(found) == 64
    return int(found, 16)


def saved(image: Image.Image, quality: int = 90) -> bytes:
    """Return an image as a JPEG."""
    sink = io.BytesIO()
    image.convert("RGB").save(sink, "JPEG", quality=quality)
    return sink.getvalue()


CHANGES: dict[str, Callable[[Image.Image], bytes]] = {
    "quality 20": lambda image: saved(image, 20),
    "a quarter": lambda image: saved(image.resize((image.width // 4, image.height // 4))),
    "darker": lambda image: saved(ImageEnhance.Brightness(image).enhance(0.8)),
    "brighter": lambda image: saved(ImageEnhance.Brightness(image).enhance(1.2)),
    "blurred": lambda image: saved(image.filter(ImageFilter.GaussianBlur(1))),
    "as PNG": lambda image: encoded(image, "PNG"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_copies_of_real_photos_stay_near(shared_data: Path, change: str) -> None:
    """Saved again, scaled, brightened or blurred, a photo stays within the 31 bits of a duplicate."""
    for path in sorted((shared_data / "waste_litter/images").iterdir())[:12]:
        image = Image.open(path)
        assert (bits_of(path.read_bytes()) ^ bits_of(CHANGES[change](image))).bit_count() <= 31


def test_different_pictures_are_far(shared_data: Path) -> None:
    """Twelve photos of different things: no two come near the radius of a duplicate."""
    found = [bits_of(path.read_bytes()) for path in sorted((shared_data / "waste_litter/images").iterdir())[:12]]
    assert min((a ^ b).bit_count() for n, a in enumerate(found) for b in found[:n]) > 60


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_the_hash_is_of_the_upright_picture(orientation: int) -> None:
    """A photo turned by its EXIF hashes as one whose pixels were turned, and not as one that lies."""
    turned = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_270, 8: Image.Transpose.ROTATE_90}[orientation]
    by_pixels = bits_of(encoded(picture(300, 200, 4).transpose(turned), "JPEG"))
    assert (bits_of(jpeg(300, 200, 4, orientation)) ^ by_pixels).bit_count() <= 31
    assert (bits_of(jpeg(300, 200, 4)) ^ by_pixels).bit_count() > 60


def test_it_is_the_dct_against_its_median() -> None:
    """Half the bits are set, and a wave of its own brings out its own coefficient."""
    rows, columns = np.indices((64, 64))
    wave = 128 + 50 * np.cos(np.pi * 3 * (2 * columns + 1) / 128) * np.cos(np.pi * 5 * (2 * rows + 1) / 128)
    bits, _ = phash(wave.round().astype(np.uint8))
    assert f"{int(bits, 16):0256b}"[5 * 16 + 3] == "1"
    gray = np.asarray(picture(400, 300, 9).convert("L"))
    assert int(phash(gray)[0], 16).bit_count() == 128


def test_texture_tells_flat_pictures_from_others() -> None:
    """A flat picture and one of faint noise have almost no texture, a picture of things much more."""
    faint = np.random.default_rng(1).normal(128, 1, (300, 400)).round().astype(np.uint8)
    textures = [phash(gray)[1] for gray in (np.full((300, 400), 9, np.uint8), faint)]
    plenty = phash(np.asarray(picture(400, 300, 9).convert("L")))[1]
    assert textures[0] == 0
    assert max(textures) < 0.05 < plenty
