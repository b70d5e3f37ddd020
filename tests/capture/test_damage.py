"""Damage on the road is found before a photo comes in: drawn photos here, real ones in benchmarks/damage.py."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from PIL import Image

from captureset.pixels.measures import measure_photo
from damages import damaged, refused_at_intake
from photos import encoded

TRIALS = 60
LEAST_FOUND = {"truncated": 1.0, "zeroed tail": 1.0, "zeroed 4 KB block": 0.98}


def photo() -> bytes:
    """Return a JPEG of about 60 kB with plenty of detail."""
    levels = np.random.default_rng(1).integers(0, 256, (240, 320, 3), np.uint8)
    return encoded(Image.fromarray(levels).resize((480, 360)), "JPEG")


@pytest.mark.parametrize("kind", LEAST_FOUND)
def test_damage_is_refused_at_intake(kind: str) -> None:
    """Cut off and zeroed to the end: every time. A zeroed block: 98 of 100 times."""
    whole = photo()
    assert not refused_at_intake(whole)
    found = [refused_at_intake(damaged(whole, kind, Random(f"{kind} {number}"))) for number in range(TRIALS)]
    assert sum(found) >= LEAST_FOUND[kind] * TRIALS


@pytest.mark.parametrize("kind", ["truncated", "zeroed tail"])
def test_what_came_in_and_was_damaged_later_is_found_by_measure(kind: str) -> None:
    """The scaled decode is as strict: no number is taken from half a photo."""
    whole = photo()
    assert measure_photo("", whole).failure is None
    failures = [measure_photo("", damaged(whole, kind, Random(f"{kind} {n}"))).failure for n in range(TRIALS)]
    assert None not in failures
