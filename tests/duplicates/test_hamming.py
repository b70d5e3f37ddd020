"""All pairs of hashes within a radius: exact, whatever the hashes are like."""

from __future__ import annotations

import numpy as np
import pytest

from captureset.duplicates import hamming
from captureset.duplicates.hamming import Codes, codes_of, pairs_within


def crowded(seed: int, count: int) -> Codes:
    """Return codes of which many lie near others: copies of a few with 0 to 60 bits turned over, some equal."""
    random = np.random.default_rng(seed)
    bits = random.integers(0, 2, (max(count // 7, 1), 256), dtype=np.uint8)[
        random.integers(0, max(count // 7, 1), count)
    ]
    for row in bits:
        row[random.choice(256, random.integers(0, 61), replace=False)] ^= 1
    return np.packbits(bits, axis=1)


def by_looking(codes: Codes, radius_bits: int, first_new: int = 0) -> list[tuple[int, int, int]]:
    """Return what `pairs_within` should find, one pair after the other."""
    numbers = [int.from_bytes(row.tobytes(), "big") for row in codes]
    found = []
    for one, first in enumerate(numbers):
        for other in range(max(one + 1, first_new), len(numbers)):
            bits = (first ^ numbers[other]).bit_count()
            if bits <= radius_bits:
                found.append((one, other, bits))
    return found


def as_list(codes: Codes, radius_bits: int, first_new: int = 0) -> list[tuple[int, int, int]]:
    """Return what `pairs_within` finds."""
    pairs = pairs_within(codes, radius_bits, first_new)
    return list(zip(pairs.one.tolist(), pairs.other.tolist(), pairs.bits.tolist(), strict=True))


@pytest.mark.parametrize("radius_bits", [0, 15, 31, 48, 96])
@pytest.mark.parametrize("count", [0, 1, 2, 65, 400])
def test_finds_exactly_the_pairs_within_the_radius(radius_bits: int, count: int) -> None:
    """Every pair at most so many bits apart, no other, with its distance, in the order of positions."""
    codes = crowded(count, count)
    expected = by_looking(codes, radius_bits)
    assert as_list(codes, radius_bits) == expected
    assert expected or count < 65 or not radius_bits


@pytest.mark.parametrize("first_new", [0, 1, 63, 64, 200, 399, 400])
def test_new_codes_are_compared_with_all(first_new: int) -> None:
    """Pairs of which both were there before are left out, all others found."""
    codes = crowded(5, 400)
    assert as_list(codes, 48, first_new) == by_looking(codes, 48, first_new)


def test_blocks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks far smaller than the codes, cutting rows and columns anywhere, find the same pairs."""
    codes = crowded(9, 300)
    expected = by_looking(codes, 48)
    monkeypatch.setattr(hamming, "BLOCK_ROWS", 7)
    monkeypatch.setattr(hamming, "BLOCK_COLUMNS", 11)
    assert as_list(codes, 48) == expected


def test_the_farthest_hash_is_not_the_nearest() -> None:
    """A code and its complement differ in all 256 bits, which no counter mistakes for none."""
    codes = np.array([[0] * 32, [255] * 32], dtype=np.uint8)
    assert as_list(codes, 96) == []


def test_codes_are_the_hashes_digits() -> None:
    """64 hexadecimal digits become 32 bytes in their order."""
    assert codes_of(["00" * 31 + "ff", "a0" + "00" * 31]).tolist() == [[0] * 31 + [255], [160] + [0] * 31]
    assert codes_of([]).shape == (0, 32)
