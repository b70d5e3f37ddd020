"""`sticky-minimisation/1`: groups go, one after the other, where they disturb the balance least.

Sequential allocation as in clinical trials (Pocock and Simon 1975): the patient is a group, a factor is a category,
a treatment is a split. What is frozen counts towards the balance and never moves. No clock, no random number.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from captureset.records.splits import SPLITS

ALGORITHM = "sticky-minimisation/1"
SIZE = ""  # the factor every capture has


@dataclass(frozen=True, slots=True)
class Candidate:
    """A group that is to be placed: how many captures, and how many of them show each category."""

    name: str
    captures: int
    categories: Mapping[str, int]

    @property
    def factors(self) -> dict[str, int]:
        """What the group adds to each factor."""
        return {SIZE: self.captures, **self.categories}


@dataclass(slots=True)
class Balance:
    """How many captures of each factor stand in each split."""

    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, split: str, factors: Mapping[str, int]) -> None:
        """Count a group in a split."""
        for factor, number in factors.items():
            self.counts[factor][split] += number

    def cost(self, split: str, factors: Mapping[str, int], ratios: Mapping[str, float]) -> float:
        """Return the imbalance over a group's factors if it went to a split; each factor weighs the same."""
        return sum(self._imbalance(factor, number, split, ratios) for factor, number in factors.items())

    def _imbalance(self, factor: str, number: int, split: str, ratios: Mapping[str, float]) -> float:
        counts = self.counts[factor]
        total = counts.total() + number
        return sum(abs(counts[name] + number * (name == split) - ratios[name] * total) for name in SPLITS) / total


def allocate(
    groups: Iterable[Candidate], balance: Balance, ratios: Mapping[str, float], salt: str, total: int
) -> dict[str, tuple[str, str]]:
    """Return split and rule of every new group, and count them in the balance.

    Args:
        groups: what is to be placed; their order does not matter.
        balance: what stands already (frozen captures); it is added to.
        ratios: shares of train, val and test; a share of 0 takes nothing.
        salt: orders groups of equal size.
        total: captures in all, frozen ones included; it decides what is too large for an evaluation split.
    """
    largest = max(1.0, total * _smallest_evaluation_share(ratios) / 2)
    placed = {}
    for group in sorted(groups, key=lambda g: (-g.captures, _hash(salt, g.name))):
        if group.captures > largest and ratios["train"] > 0:
            split, rule = "train", "oversized"
        else:
            split, rule = _least_disturbed(group, balance, ratios, salt), "minimised"
        balance.add(split, group.factors)
        placed[group.name] = (split, rule)
    return placed


def _smallest_evaluation_share(ratios: Mapping[str, float]) -> float:
    return min((ratios[name] for name in ("test", "val") if ratios[name] > 0), default=1.0)


def _least_disturbed(group: Candidate, balance: Balance, ratios: Mapping[str, float], salt: str) -> str:
    open_splits: Sequence[str] = [name for name in SPLITS if ratios[name] > 0]
    return min(
        open_splits,
        key=lambda name: (round(balance.cost(name, group.factors, ratios), 9), _hash(salt, f"{group.name}/{name}")),
    )


def _hash(salt: str, name: str) -> str:
    return hashlib.sha256(f"{salt}\n{name}".encode()).hexdigest()
