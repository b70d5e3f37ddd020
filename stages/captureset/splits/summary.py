"""How well a split keeps its promises: data/split/summary.json."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from captureset.records.rows import SplitRow
from captureset.records.splits import SPLITS, TEST_RECENT
from captureset.splits import groups
from captureset.splits.minimisation import ALGORITHM
from captureset.splits.placing import Dataset, SplitParams

MANY_GROUPS = 50  # a picture in more groups than this is hardly one picture
DIGITS = 3

Counts = Mapping[str, int]  # by split


def summary(rows: Sequence[SplitRow], dataset: Dataset, settings: SplitParams) -> dict[str, Any]:
    """Return counts and deviations per split and category, and what a person should look at.

    Counted is what is exported: masked captures are counted apart, and so is test_recent, which stands aside of the
    ratios. Deviations are in percentage points of the ratios.
    """
    exported = [row for row in rows if row.masked is None]
    counts = Counter(row.split for row in exported)
    categories = _per_category(exported, dataset.categories)
    deviations = {code: _deviation_pp(found, settings) for code, found in categories.items()}
    return {
        "algorithm": ALGORITHM,
        "split_set": settings.split_set,
        "captures": {name: counts[name] for name in SPLITS},
        "deviation_pp": _deviation_pp(counts, settings),
        "groups": len({row.group for row in rows}),
        "masked": dict(Counter(row.masked for row in rows if row.masked)),
        "empty_splits": [name for name in SPLITS if not counts[name]],
        "categories": categories,
        "category_deviation_pp": deviations,
        "mean_category_deviation_pp": _mean([abs(pp) for found in deviations.values() for pp in found.values()]),
        "too_small": sorted(code for code, found in categories.items() if _is_too_small(found, settings)),
        TEST_RECENT: counts[TEST_RECENT],
        "joined_by_near_duplicates": joined_by_near_duplicates(dataset),
    }


def _per_category(rows: Iterable[SplitRow], shown: Mapping[str, frozenset[str]]) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        for code in shown[row.capture_id]:
            found[code][row.split] += row.split in SPLITS
    return {code: {name: counts[name] for name in SPLITS} for code, counts in sorted(found.items())}


def _deviation_pp(counts: Counts, settings: SplitParams) -> dict[str, float]:
    total = sum(counts.get(name, 0) for name in SPLITS) or 1
    return {name: round(100 * (counts.get(name, 0) / total - settings.ratios[name]), DIGITS) for name in SPLITS}


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), DIGITS) if values else 0.0


def _is_too_small(counts: Counts, settings: SplitParams) -> bool:
    return any(not counts[name] for name in SPLITS if settings.ratios[name])


def joined_by_near_duplicates(dataset: Dataset) -> list[dict[str, Any]]:
    """Return the pictures that tie together more groups than one picture should.

    They are one group all the same, since dividing them might leak; whoever reads this looks whether the photos
    really are alike, and if not raises `quality.min_hash_texture` or lowers `quality.near_bits`.
    """
    picture = groups.pictures(dataset.captures, dataset.near)
    alone = groups.pictures(dataset.captures, ())
    group = groups.components(
        (row.capture_id, groups.shared_keys(row, alone[row.capture_id])) for row in dataset.captures
    )
    members: dict[str, list[str]] = defaultdict(list)
    for name, shown in picture.items():
        members[shown].append(name)
    joined = {shown: len({group[name] for name in names}) for shown, names in members.items()}
    return [
        {"first_capture_id": shown, "captures": len(members[shown]), "groups_joined": number}
        for shown, number in sorted(joined.items())
        if number > MANY_GROUPS
    ]
