"""Where every kept capture goes: with what it belongs to, or where it disturbs the balance least.

A group is what hangs together by pictures, sessions, users and things. What a release froze stands still and ties
nothing together any more: a new capture goes where the frozen captures are that it shares a key with. If these stand
in different splits, it and the new captures that hang on it are masked.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from captureset.records.rows import CaptureRow, FrozenSplit, SplitRow
from captureset.records.splits import SACRED, SPLITS, TEST_RECENT
from captureset.splits import groups
from captureset.splits.groups import Tie
from captureset.splits.minimisation import SIZE, Balance, Candidate, allocate

Held = Sequence[FrozenSplit]  # frozen captures, one a split and group, the most sacred split first


@dataclass(frozen=True, slots=True)
class SplitParams:
    """Section `split` of params.yaml; the ratios are shares that sum to 1."""

    train_ratio: float
    val_ratio: float
    test_ratio: float
    salt: str
    split_set: str
    test_recent_from: str | None  # UTC day

    @property
    def ratios(self) -> dict[str, float]:
        """The shares by split."""
        return dict(zip(SPLITS, (self.train_ratio, self.val_ratio, self.test_ratio), strict=True))


@dataclass(frozen=True, slots=True)
class Dataset:
    """What is to be divided."""

    captures: Sequence[CaptureRow]  # the whole catalog: one that is not kept still ties others together
    kept: frozenset[str]  # ids of the captures to place
    categories: Mapping[str, frozenset[str]]  # what each capture shows
    near: Sequence[Tie]  # near-duplicates
    frozen: Mapping[str, FrozenSplit]  # the ledger, by capture id


def assign(dataset: Dataset, settings: SplitParams) -> list[SplitRow]:
    """Return the split of every kept capture, by id."""
    picture = groups.pictures(dataset.captures, dataset.near)
    keys = {row.capture_id: groups.shared_keys(row, picture[row.capture_id]) for row in dataset.captures}
    component = groups.components((name, found) for name, found in keys.items() if name not in dataset.frozen)
    held = _held(keys, component, dataset.frozen)
    overridden = set(_shown_in_evaluation(picture, dataset.frozen))
    placed = _place_new(dataset, component, held, overridden, settings)
    return [
        _frozen_row(dataset.frozen[name], overridden)
        if name in dataset.frozen
        else _new_row(name, component[name], held, placed)
        for name in sorted(dataset.kept)
    ]


def _held(
    keys: Mapping[str, Sequence[Hashable]], component: Mapping[str, str], frozen: Mapping[str, FrozenSplit]
) -> dict[str, Held]:
    """Return which frozen captures each new component shares a key with."""
    by_key: dict[Hashable, dict[tuple[str, str], FrozenSplit]] = defaultdict(dict)
    for name in sorted(frozen.keys() & keys.keys()):
        for key in keys[name]:
            by_key[key].setdefault((frozen[name].split, frozen[name].group), frozen[name])
    touched: dict[str, dict[tuple[str, str], FrozenSplit]] = defaultdict(dict)
    for name, root in component.items():
        for key in keys[name]:
            if key in by_key:
                touched[root] |= by_key[key]
    return {
        root: sorted(found.values(), key=lambda row: (SACRED.index(row.split), row.group))
        for root, found in touched.items()
    }


def _shown_in_evaluation(picture: Mapping[str, str], frozen: Mapping[str, FrozenSplit]) -> Iterator[str]:
    """Give frozen captures whose picture is frozen in a more sacred split too: they must not be trained on."""
    best: dict[str, int] = {}
    for name in frozen.keys() & picture.keys():
        rank = SACRED.index(frozen[name].split)
        best[picture[name]] = min(best.get(picture[name], rank), rank)
    for name in frozen.keys() & picture.keys():
        if SACRED.index(frozen[name].split) > best[picture[name]]:
            yield name


def _place_new(
    dataset: Dataset,
    component: Mapping[str, str],
    held: Mapping[str, Held],
    overridden: set[str],
    settings: SplitParams,
) -> dict[str, tuple[str, str]]:
    """Return split and rule of every component that shares nothing with a frozen capture."""
    recent = _recent(dataset.captures, component, settings.test_recent_from)
    balance, new = Balance(), defaultdict(list)
    for name in sorted(dataset.kept - overridden):
        if name in dataset.frozen:
            _count(balance, dataset.frozen[name].split, dataset.categories[name])
        elif around := held.get(component[name]):
            if not _bridges(around):
                _count(balance, around[0].split, dataset.categories[name])
        elif component[name] not in recent:
            new[component[name]].append(name)
    candidates = [
        Candidate(root, len(members), Counter(code for name in members for code in sorted(dataset.categories[name])))
        for root, members in new.items()
    ]
    total = balance.counts[SIZE].total() + sum(map(len, new.values()))
    placed = allocate(candidates, balance, settings.ratios, settings.salt, total)
    return {**placed, **dict.fromkeys(recent, (TEST_RECENT, "recent"))}


def _count(balance: Balance, split: str, categories: Iterable[str]) -> None:
    """Count a capture, unless it stands aside of the ratios."""
    if split != TEST_RECENT:
        balance.add(split, {SIZE: 1, **dict.fromkeys(categories, 1)})


def _recent(captures: Iterable[CaptureRow], component: Mapping[str, str], first_day: str | None) -> set[str]:
    """Return the components of which every capture, kept or not, is of that day or later."""
    if first_day is None:
        return set()
    old = {component.get(row.capture_id) for row in captures if row.captured_at[:10] < first_day}
    return set(component.values()) - old


def _bridges(held: Held) -> bool:
    return len({row.split for row in held}) > 1


def _frozen_row(row: FrozenSplit, overridden: set[str]) -> SplitRow:
    masked = "copy_in_evaluation" if row.capture_id in overridden else None
    return SplitRow(row.capture_id, row.group, row.split, row.rule, masked)


def _new_row(name: str, root: str, held: Mapping[str, Held], placed: Mapping[str, tuple[str, str]]) -> SplitRow:
    if around := held.get(root):
        masked = "bridges_frozen_splits" if _bridges(around) else None
        return SplitRow(name, around[0].group, around[0].split, "joined", masked)
    return SplitRow(name, groups.group_name(root), *placed[root], None)
