"""Flags of a photo and of its subject, each by its own absolute threshold."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from captureset.judgement.evidence import Evidence, gather
from captureset.judgement.photo import blur_threshold, photo_flags
from captureset.judgement.settings import QualityParams
from rows import annotation, capture, known, mask, measurement, model_box, region, settings

OURS = settings(
    QualityParams,
    "quality",
    blurred_below=60.0,
    blurred_below_small=50.0,
    subject_blurred_below=20.0,
    dark_below=0.32,
    overexposed_above=0.95,
    low_contrast_below=0.2,
    noisy_above=12.0,
    low_information_below=3.0,
    compressed_below=30,
    foreground_from=0.01,
    foreground_to=0.95,
)


def flags(found: Evidence) -> list[str]:
    """Return the flags under these thresholds."""
    return list(photo_flags(found, OURS))


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ({}, []),
        ({"sharpness_p99": 49.9}, ["blurred"]),
        ({"sharpness_p99": 50.0}, []),
        ({"brightness_p99": 0.31}, ["dark"]),
        ({"brightness_p05": 0.96, "brightness_p95": 1.0}, ["overexposed", "low_contrast"]),
        ({"brightness_p05": 0.5, "brightness_p95": 0.69}, ["low_contrast"]),
        ({"brightness_p05": 0.375, "brightness_p95": 0.625}, []),
        ({"noise_sigma": 12.0}, []),
        ({"noise_sigma": 12.1}, ["noisy"]),
        ({"noise_sigma": None}, []),
        ({"entropy_bits": 2.9}, ["low_information"]),
        ({"entropy_bits": 3.0}, []),
        ({"jpeg_quality": 29}, ["compressed"]),
        ({"jpeg_quality": 30}, []),
        ({"jpeg_quality": None}, []),
        ({"sharpness_p99": None, "noise_sigma": 99.0, "failure": "cut off"}, ["unreadable"]),
    ],
)
def test_flags_by_name(numbers: dict[str, Any], expected: list[str]) -> None:
    """Each flag has its own threshold; an unreadable photo has no other, and no JPEG no JPEG quality."""
    assert flags(known(measured=measurement(**numbers))) == expected


def test_small_is_below_400_by_300() -> None:
    """A photo under 400x300 px is flagged `small`, also before it is measured."""
    assert flags(known(capture(width_px=399, height_px=300))) == ["small"]
    assert flags(known(capture(width_px=300, height_px=400))) == []
    assert flags(known(capture(width_px=399, height_px=300), measured=None)) == ["small"]


def test_a_photo_measured_at_its_own_size_has_its_own_threshold() -> None:
    """From 992 px on the long side, lying or standing, the first threshold counts, below it the second."""
    sizes = [(992, 744), (744, 1056), (991, 743), (640, 480)]
    found = [blur_threshold(measurement(measured_width_px=w, measured_height_px=h), OURS) for w, h in sizes]
    assert found == [60, 60, 50, 50]


def test_subject_blurred_needs_a_sharp_background() -> None:
    """Under the foreground, or in the largest box; a photo that is blurred all over is only blurred."""
    soft: dict[str, Any] = {"sharpness_p99": 19.0}
    seen = replace(mask(), foreground_fraction=0.2)
    assert flags(known(mask=replace(seen, **soft))) == ["subject_blurred"]
    assert flags(known(mask=replace(seen, **soft, background_sharpness_p99=49.0))) == []
    assert flags(known(mask=replace(seen, **soft), measured=measurement(sharpness_p99=40.0))) == ["blurred"]
    assert flags(known(regions=(region(**soft),))) == ["subject_blurred"]


def test_the_largest_box_is_the_subject_where_the_twin_says_nothing() -> None:
    """A usable foreground goes before the boxes; a spoilt one and small boxes do not count."""
    large = region(xywh_px=(0, 0, 300, 300), sharpness_p99=5.0)
    small = region(xywh_px=(0, 0, 30, 30))
    sharp = replace(mask(), foreground_fraction=0.2)
    assert flags(known(regions=(small, large))) == ["subject_blurred"]
    assert flags(known(regions=(small, large), mask=sharp)) == []
    assert flags(known(regions=(small, large), mask=replace(sharp, foreground_fraction=0.99))) == ["subject_blurred"]
    assert flags(known(regions=(small, replace(large, failure="cut off")))) == []
    assert flags(known(regions=(replace(large, sharpness_p99=None),))) == []


def test_subject_dark_is_for_light_photos() -> None:
    """A dark box in a light photo; a dark photo is only dark."""
    box = region(brightness_p99=0.3)
    assert flags(known(regions=(box,))) == ["subject_dark"]
    assert flags(known(regions=(box,), measured=measurement(brightness_p99=0.3))) == ["dark"]


def test_evidence_is_gathered_by_photo_box_and_twin() -> None:
    """Two captures of one photo share its numbers; each has its own boxes, regions, twin and model boxes."""
    one = capture("a", image_md5="f" * 32, twin_md5="1" * 32)
    two = capture("b", image_md5="f" * 32)
    boxes = [annotation("a"), annotation("b", xywh_px=(1, 1, 2, 2))]
    seen = mask("f" * 32, "1" * 32)
    first, second = gather(
        [one, two], [measurement("f" * 32)], boxes, [region("f" * 32)], [seen], [model_box("b", xywh_px=(1, 1, 2, 2))]
    )
    assert (first.boxes, first.regions, first.mask, first.model_boxes) == ((boxes[0],), (region("f" * 32),), seen, ())
    assert (second.boxes, second.regions, second.mask, len(second.model_boxes)) == ((boxes[1],), (), None, 1)
    assert first.measured == second.measured
