"""`sticky-minimisation/1`: where new groups go."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from captureset.records.splits import SPLITS
from captureset.splits.minimisation import SIZE, Balance, Candidate, allocate

RATIOS = {"train": 0.7, "val": 0.2, "test": 0.1}


def zipf_groups(seed: int, captures: int = 10_000, categories: int = 10) -> list[Candidate]:
    """Return groups of 1 to 30 captures in categories of Zipf's frequencies."""
    rng = random.Random(seed)
    codes = [f"CODE_{number}" for number in range(categories)]
    weights = [1 / (number + 1) for number in range(categories)]
    groups: list[Candidate] = []
    left = captures
    while left:
        size = min(left, 30, 1 + int(rng.expovariate(0.5)))
        groups.append(Candidate(f"group-{len(groups)}", size, Counter(rng.choices(codes, weights, k=size))))
        left -= size
    return groups


def deviations_pp(balance: Balance, factor: str) -> list[float]:
    """Return how far a factor's shares are from the ratios, percentage points."""
    counts = balance.counts[factor]
    return [100 * abs(counts[name] / counts.total() - RATIOS[name]) for name in SPLITS]


@pytest.mark.parametrize("seed", range(3))
def test_ten_thousand_captures_keep_size_and_categories(seed: int) -> None:
    """10,000 captures in 10 Zipf categories: ratios within 1.5 points, categories within 0.5 on average."""
    balance = Balance()
    allocate(zipf_groups(seed), balance, RATIOS, "captureset", 10_000)
    assert balance.counts[SIZE].total() == 10_000
    assert max(deviations_pp(balance, SIZE)) <= 1.5
    categories = [value for factor in balance.counts if factor != SIZE for value in deviations_pp(balance, factor)]
    assert sum(categories) / len(categories) <= 0.5


def test_the_order_of_groups_does_not_matter() -> None:
    """The same groups in any order go to the same places, and again when asked again."""
    groups = zipf_groups(7, captures=300)
    shuffled = random.Random(1).sample(groups, len(groups))
    found = allocate(groups, Balance(), RATIOS, "salt", 300)
    assert allocate(shuffled, Balance(), RATIOS, "salt", 300) == found
    assert allocate(groups, Balance(), RATIOS, "other salt", 300) != found


def test_what_stands_counts() -> None:
    """New groups make up for what is frozen: after 70 in train and none elsewhere, train gets nothing more."""
    balance = Balance()
    balance.add("train", {SIZE: 70})
    singles = [Candidate(f"g{number}", 1, {}) for number in range(30)]
    found = Counter(split for split, _ in allocate(singles, balance, RATIOS, "s", 100).values())
    assert found == {"val": 20, "test": 10}


def test_categories_count_as_much_as_size() -> None:
    """A category that is short in test goes there although test is full enough by size."""
    balance = Balance()
    balance.add("train", {SIZE: 7, "rare": 7})
    balance.add("val", {SIZE: 2, "rare": 2})
    balance.add("test", {SIZE: 1})
    assert allocate([Candidate("g", 1, {"rare": 1})], balance, RATIOS, "s", 11) == {"g": ("test", "minimised")}


def test_a_group_larger_than_half_an_evaluation_split_trains() -> None:
    """What would swallow half of the test set goes to train, and says so."""
    groups = [Candidate("large", 6, {}), Candidate("half", 5, {})]
    found = allocate(groups, Balance(), RATIOS, "s", 100)
    assert found["large"] == ("train", "oversized")
    assert found["half"][1] == "minimised"


def test_a_share_of_zero_takes_nothing() -> None:
    """A split whose ratio is 0 stays empty; with train at 0 nothing is oversized into it."""
    singles = [Candidate(f"g{number}", 1 + number % 9, {}) for number in range(50)]
    for closed in SPLITS:
        ratios = {name: 0.0 if name == closed else 0.5 for name in SPLITS}
        found = {split for split, _ in allocate(singles, Balance(), ratios, "s", 50).values()}
        assert found == set(SPLITS) - {closed}


def test_one_capture_trains_and_none_is_no_fault() -> None:
    """The first capture of all goes to train; no capture at all is legal."""
    assert allocate([Candidate("g", 1, {"c": 1})], Balance(), RATIOS, "s", 1) == {"g": ("train", "minimised")}
    assert allocate([], Balance(), RATIOS, "s", 0) == {}
