"""Sharpness and noise: what the numbers are, and that they say what they should."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from captureset.pixels.histograms import counts_to, level_counts, percentile
from captureset.pixels.measures import measure_photo
from captureset.pixels.noise import noise_sigma
from captureset.pixels.picture import GrayImage, read_picture
from captureset.pixels.sharpness import laplacian, local_variation, sharpness_mlv, sharpness_p99, strength_counts
from captureset.records.rows import MeasurementRow
from photos import encoded


def flat(level: int, width: int = 40, height: int = 30) -> GrayImage:
    """Return a gray picture of one level."""
    return np.full((height, width), level, np.uint8)


def p99_of(gray: GrayImage) -> float | None:
    """Return the sharpness of a gray picture."""
    return sharpness_p99(strength_counts(np.abs(laplacian(gray))))


def numbers(gray: GrayImage) -> MeasurementRow:
    """Return every number of a gray picture, as a photo."""
    return measure_photo("", encoded(Image.fromarray(gray), "PNG"))


def test_every_sharpness_falls_under_blur() -> None:
    """The more a photo is blurred, the lower all three numbers, at any size."""
    rng = np.random.default_rng(0)
    for side in (200, 1000, 2000):
        photo = Image.fromarray(rng.integers(0, 256, (side, side), np.uint8))
        blurred = [photo, *(photo.filter(ImageFilter.GaussianBlur(sigma)) for sigma in (1, 2, 4))]
        rows = [measure_photo("", encoded(each, "PNG")) for each in blurred]
        for name in ("sharpness_p99", "sharpness_mlv", "laplacian_variance"):
            values = [getattr(row, name) for row in rows]
            assert values == sorted(set(values), reverse=True), name


def test_sharpness_has_the_stated_ends() -> None:
    """A flat picture has 0, a chessboard of single pixels 1020, the most there is; under 3 px there is none."""
    board = (np.indices((20, 20)).sum(axis=0) % 2 * 255).astype(np.uint8)
    assert (p99_of(flat(77)), p99_of(board), p99_of(flat(77, 40, 2))) == (0, 1020, None)
    assert (numbers(flat(77)).laplacian_variance, numbers(flat(77)).sharpness_mlv) == (0, 0)
    assert numbers(board).laplacian_variance == 1020**2
    thin = numbers(flat(77, 40, 2))
    assert (thin.sharpness_p99, thin.sharpness_mlv, thin.laplacian_variance, thin.noise_sigma) == (0, 0, 0, 0)


def test_laplacian_is_the_four_neighbour_one() -> None:
    """The Laplacian is the sum of the four neighbours less four times the pixel, without the rim."""
    gray = np.array([[1, 2, 3], [4, 50, 6], [7, 8, 9]], np.uint8)
    assert laplacian(gray).tolist() == [[2 + 8 + 4 + 6 - 200]]


def test_local_variation_is_the_largest_difference_to_eight_neighbours() -> None:
    """Up or down, straight or diagonal."""
    assert local_variation(np.array([[1, 2, 3], [4, 50, 6], [7, 8, 99]], np.uint8)).tolist() == [[49]]
    assert local_variation(np.array([[1, 2, 3], [4, 50, 6], [7, 8, 255]], np.uint8)).tolist() == [[205]]


def test_mlv_is_the_spread_of_variations_weighted_by_rank() -> None:
    """Half the pixels vary by 10, half by 100: middle ranks 1/4 and 3/4, so 10·e^.25 and 100·e^.75."""
    gray = np.zeros((3, 4), np.uint8)
    gray[0, 0], gray[0, 3] = 10, 100
    assert sharpness_mlv(gray) == pytest.approx((100 * np.exp(0.75) - 10 * np.exp(0.25)) / 2, abs=1e-6)


@given(st.integers(0, 10_000))
def test_numbers_from_histograms_are_those_of_the_pixels(seed: int) -> None:
    """Percentiles and the variance are numpy's own, though they come from counts."""
    rng = np.random.default_rng(seed)
    gray = rng.integers(0, rng.integers(2, 257), (13, 11)).astype(np.uint8)
    found = numbers(gray)
    wanted = np.percentile(gray, [5, 95, 99], method="inverted_cdf") / 255
    assert [found.brightness_p05, found.brightness_p95, found.brightness_p99] == pytest.approx(wanted)
    lap = laplacian(gray)
    assert found.sharpness_p99 == pytest.approx(np.percentile(np.abs(lap), 99, method="inverted_cdf"))
    assert found.laplacian_variance == pytest.approx(lap.var(dtype=np.float64), abs=1e-5)


def test_counts_are_exact_above_the_levels_pillow_counts() -> None:
    """Values from 255 on are counted one by one too, and nothing counts as nothing."""
    values = np.array([[0, 254, 255, 256, 1020, 255]], np.int16)
    counts = counts_to(values, 1020)
    assert {int(at): int(counts[at]) for at in np.flatnonzero(counts)} == {0: 1, 254: 1, 255: 2, 256: 1, 1020: 1}
    assert not counts_to(values[:, :0], 1020).any()
    assert not level_counts(np.zeros((0, 5), np.uint8)).any()
    assert percentile(np.zeros(256, np.int64), 0.5) == 0


@pytest.mark.parametrize("sigma", [1, 2, 4, 8])
def test_noise_is_found_as_strong_as_it_is(sigma: float) -> None:
    """Noise added to a picture of slopes and edges is measured within a tenth; without noise there is almost none."""
    rows, columns = np.indices((480, 640))
    plain = 60 + columns * 0.15 + 40 * (rows // 120 % 2)
    noisy = np.clip(plain + np.random.default_rng(7).normal(0, sigma, plain.shape), 0, 255).round().astype(np.uint8)
    assert noise_sigma(noisy) == pytest.approx(sigma, rel=0.1)
    assert noise_sigma(plain.astype(np.uint8)) < 0.3


@pytest.mark.parametrize("shape", [(18, 18), (17, 40), (40, 17), (63, 700), (130, 33)])
def test_noise_of_small_pictures(shape: tuple[int, int]) -> None:
    """One block is enough; a picture smaller than a block has none to tell."""
    noisy = np.random.default_rng(3).normal(128, 10, shape).round().astype(np.uint8)
    assert noise_sigma(noisy) == (pytest.approx(10, rel=0.35) if min(shape) >= 18 else 0)


@pytest.mark.parametrize("measure", [p99_of, sharpness_mlv])
def test_real_photos_sharp_above_moved_and_defocused(
    shared_data: Path, measure: Callable[[GrayImage], float | None]
) -> None:
    """Of three photos of one scene, the sharp one has the highest sharpness, by either number."""
    triplets: dict[str, dict[str, float]] = {}
    for path in sorted((shared_data / "blur_triplets").iterdir()):
        scene, _, kind = path.stem.rpartition("_")
        triplets.setdefault(scene, {})[kind] = measure(read_picture(path.read_bytes()).gray) or 0.0
    assert len(triplets) == 3
    for found in triplets.values():
        assert found["S"] > max(found["M"], found["F"])
