"""Neighbours of hashes: what was compared before is not compared again, and nobody can tell."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from captureset.duplicates import neighbours
from captureset.duplicates.hamming import Codes, Pairs, pairs_within
from captureset.duplicates.neighbours import NeighbourRow, distance_bits, find_neighbours


def hashes(seed: int, count: int) -> list[str]:
    """Return distinct hashes of which many lie near others."""
    rng = random.Random(seed)
    centres = [rng.getrandbits(256) for _ in range(count // 5 + 1)]
    found: set[str] = set()
    while len(found) < count:
        value = rng.choice(centres)
        for bit in rng.sample(range(256), rng.randrange(40)):
            value ^= 1 << bit
        found.add(f"{value:064x}")
    return sorted(found)


def test_each_pair_stands_with_its_smaller_hash() -> None:
    """One row a distinct hash, sorted; its neighbours are the larger ones within the radius, sorted."""
    given = hashes(1, 120)
    rows = find_neighbours([*given[::-1], given[3]], [], 48)
    assert [row.phash for row in rows] == given
    for row in rows:
        expected = [other for other in given if other > row.phash and distance_bits(row.phash, other) <= 48]
        assert row.neighbours == tuple(expected)
    assert sum(len(row.neighbours) for row in rows) > 100


@pytest.mark.parametrize("seed", range(5))
def test_the_result_does_not_depend_on_the_memo(seed: int) -> None:
    """Whatever an earlier run knew, of hashes since gone too, the same rows come out."""
    given, rng = hashes(seed, 150), random.Random(seed)
    earlier = find_neighbours(rng.sample(given, 90), [], 48)
    now = rng.sample(given, 100)
    fresh = find_neighbours(now, [], 48)
    assert find_neighbours(now, earlier, 48) == fresh
    assert find_neighbours(now, fresh, 48) == fresh
    assert find_neighbours(now, find_neighbours(given, [], 20), 48) == fresh


def test_only_what_is_new_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Known hashes come first and are marked as compared; a memo of another radius marks none."""
    asked: list[tuple[int, int]] = []

    def watched(codes: Codes, radius_bits: int, first_new: int = 0) -> Pairs:
        asked.append((len(codes), first_new))
        return pairs_within(codes, radius_bits, first_new)

    monkeypatch.setattr(neighbours, "pairs_within", watched)
    given = hashes(2, 50)
    earlier = find_neighbours(given[:40], [], 48)
    find_neighbours(given, earlier, 48)
    find_neighbours(given, [replace(row, radius_bits=31) for row in earlier], 48)
    assert asked == [(40, 0), (50, 40), (50, 0)]


def test_no_hash_has_no_neighbour() -> None:
    """Nothing to compare gives nothing; one hash has a row of its own."""
    assert find_neighbours([], [], 48) == []
    assert find_neighbours(["0" * 64], [], 48) == [NeighbourRow("0" * 64, 48, ())]
