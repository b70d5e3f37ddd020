"""Which hashes lie near which: compared once for ever, only what is new against all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from captureset.duplicates.hamming import codes_of, pairs_within

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class NeighbourRow:
    """data/quality/neighbours.parquet: one hash that has been compared with all others; the stage's own memo."""

    phash: str
    radius_bits: int  # up to which distance it was compared
    neighbours: tuple[str, ...]  # the larger hashes within it, sorted


def find_neighbours(hashes: Iterable[str], known: Iterable[NeighbourRow], radius_bits: int) -> list[NeighbourRow]:
    """Return one row a distinct hash, sorted; pairs of hashes that were compared before are taken over.

    Args:
        hashes: 64 hexadecimal digits each.
        known: rows of an earlier run; the result does not depend on them. Those of another radius are not used.
        radius_bits: largest distance of neighbours.
    """
    wanted = sorted(set(hashes))
    old = {row.phash: row for row in known if row.radius_bits == radius_bits}
    compared = [name for name in wanted if name in old]
    everything = compared + [name for name in wanted if name not in old]
    near = _taken_over(old, compared)
    pairs = pairs_within(codes_of(everything), radius_bits, first_new=len(compared))
    for one, other in zip(pairs.one.tolist(), pairs.other.tolist(), strict=True):
        smaller, larger = sorted((everything[one], everything[other]))
        near[smaller].append(larger)
    return [NeighbourRow(name, radius_bits, tuple(sorted(near[name]))) for name in wanted]


def _taken_over(old: dict[str, NeighbourRow], compared: list[str]) -> dict[str, list[str]]:
    there = set(compared)
    near: dict[str, list[str]] = defaultdict(list)
    for name in compared:
        near[name] += [other for other in old[name].neighbours if other in there]
    return near


def distance_bits(one: str, other: str) -> int:
    """Return in how many bits two hashes differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()
