"""Which of the captures that look alike is kept."""

from __future__ import annotations

import random
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest

from captureset.duplicates.keeping import Candidate, GivesWay, give_way
from captureset.records.rows import DuplicateRow
from rows import capture, quality


def candidate(
    capture_id: str, score: float = 0.8, judged: Mapping[str, Any] = MappingProxyType({}), **changes: Any
) -> Candidate:
    """Return a candidate with an overall score."""
    return Candidate(capture(capture_id, **changes), quality(capture_id, overall_score=score, **judged))


def near(one: str, other: str, bits: int = 8) -> DuplicateRow:
    """Return a pair of near-duplicates."""
    return DuplicateRow(one, other, "near", bits)


def kept(candidates: list[Candidate], pairs: list[DuplicateRow]) -> str:
    """Return the ids of those that stay, as a word."""
    gone = give_way(candidates, pairs)
    return "".join(sorted(item.capture.capture_id for item in candidates if item.capture.capture_id not in gone))


def test_the_best_is_kept() -> None:
    """Score first, then a person's review, then the time of capture, then the id."""
    late = "2024-02-01T00:00:00.000000Z"
    assert kept([candidate("a", 0.7), candidate("b", 0.8)], [near("a", "b")]) == "b"
    assert kept([candidate("a"), candidate("b", review_state="confirmed")], [near("a", "b")]) == "b"
    assert kept([candidate("a", 0.9), candidate("b", review_state="corrected")], [near("a", "b")]) == "a"
    assert kept([candidate("a", captured_at=late), candidate("b")], [near("a", "b")]) == "b"
    assert kept([candidate("a"), candidate("b")], [near("a", "b")]) == "a"


def test_pairs_for_review_do_not_count() -> None:
    """What is only listed for a person to look at is kept, even when its hashes are equal."""
    both = [candidate("a"), candidate("b")]
    assert kept(both, [DuplicateRow("a", "b", "review", 40)]) == "ab"
    assert kept(both, [DuplicateRow("a", "b", "review", 0)]) == "ab"


def test_a_chain_is_cut_where_it_is_not_alike() -> None:
    """Of A~B~C the best decides: A takes B along and C stays; with B best, both others give way to it."""
    chain = [near("a", "b"), near("b", "c")]
    assert kept([candidate("a", 0.9), candidate("b", 0.8), candidate("c", 0.7)], chain) == "ac"
    assert kept([candidate("a", 0.7), candidate("b", 0.8), candidate("c", 0.7)], chain) == "b"


def test_the_nearest_kept_one_is_named() -> None:
    """A capture like two kept ones gives way to the nearer, of equally near ones to the better."""
    three = [candidate("a", 0.9), candidate("b", 0.85), candidate("c", 0.5)]
    assert "of b (5 bits" in give_way(three, [near("a", "c", 9), near("b", "c", 5)])["c"].sentence
    assert "of a (5 bits" in give_way(three, [near("a", "c", 5), near("b", "c", 5)])["c"].sentence


def test_the_lowest_id_speaks_for_its_copies() -> None:
    """A pair with the lowest id of several copies counts for each of them, whichever is the best."""
    pairs = [
        DuplicateRow("a", "b", "same_pixels", 0),
        DuplicateRow("b", "c", "same_bytes", 0),
        near("a", "x", 6),
        near("x", "y", 0),
    ]
    items = [candidate("a", 0.5), candidate("b", 0.6), candidate("c", 0.9), candidate("x", 0.7), candidate("y", 0.8)]
    assert kept(items, pairs) == "c"
    assert give_way(items, pairs)["y"].sentence.startswith("near-duplicate of c (6 bits apart)")
    assert kept([item for item in items if item.capture.capture_id != "c"], pairs) == "y"


SHARED: dict[str, Any] = {"pixel_sha256": "p"}


@pytest.mark.parametrize(
    ("worse", "better", "code", "said"),
    [
        (
            candidate("b", 0.84, {"image_score": 0.5, "flags": ("blurred",)}),
            candidate("a", 0.91),
            "near_duplicate",
            "near-duplicate of a (8 bits apart), which is sharper: score 0.91 against 0.84",
        ),
        (
            candidate("b", 0.7, {"image_score": 0.5}),
            candidate("a", 0.9),
            "near_duplicate",
            "near-duplicate of a (8 bits apart), whose photo is better: score 0.90 against 0.70",
        ),
        (
            candidate("b", 0.7, **SHARED),
            candidate("a", 0.9, **SHARED),
            "duplicate",
            "same photo as a, whose label is better founded: score 0.90 against 0.70",
        ),
        (
            candidate("b", 0.900001),
            candidate("a", 0.900002),
            "near_duplicate",
            "near-duplicate of a (8 bits apart), whose label is better founded: score 0.900002 against 0.900001",
        ),
        (
            candidate("b"),
            candidate("a", review_state="confirmed"),
            "near_duplicate",
            "near-duplicate of a (8 bits apart), whose label a person has reviewed",
        ),
        (
            candidate("b", captured_at="2024-02-01T00:00:00.000000Z"),
            candidate("a"),
            "near_duplicate",
            "near-duplicate of a (8 bits apart), which is as good and was captured first",
        ),
        (
            candidate("b", **SHARED),
            candidate("a", **SHARED),
            "duplicate",
            "same photo as a, which is as good and has the lower id",
        ),
    ],
)
def test_the_reason_says_which_is_kept_and_why(worse: Candidate, better: Candidate, code: str, said: str) -> None:
    """The first thing in which the kept one is ahead is the reason given, scores with it."""
    assert give_way([worse, better], [near("a", "b")]) == {"b": GivesWay(code, said)}


def test_a_photo_one_bit_apart_is_told_so() -> None:
    """One bit is no bits."""
    assert "(1 bit apart)" in give_way([candidate("a"), candidate("b")], [near("a", "b", 1)])["b"].sentence


@pytest.mark.parametrize("seed", range(20))
def test_every_picture_keeps_one(seed: int) -> None:
    """Whatever the pairs: no two kept ones are alike, each that goes is like a kept better one; order is all one."""
    rng = random.Random(seed)
    names = [f"c{number:02}" for number in range(30)]
    items = [candidate(name, rng.choice((0.5, 0.6, 0.7))) for name in names]
    pairs = [near(one, other, rng.randrange(2, 32)) for one, other in (sorted(rng.sample(names, 2)) for _ in range(25))]
    gone = give_way(items, pairs)
    assert give_way(rng.sample(items, 30), rng.sample(pairs, 25)) == gone
    alike = {name: {b if a == name else a for a, b in ties(pairs) if name in {a, b}} for name in names}
    rank = {item.capture.capture_id: item.rank for item in items}
    for name in names:
        rivals = [other for other in alike[name] - gone.keys() if rank[other] < rank[name]]
        assert bool(rivals) == (name in gone)


def ties(pairs: list[DuplicateRow]) -> list[tuple[str, str]]:
    """Return who is paired with whom."""
    return [(row.one_id, row.other_id) for row in pairs]
