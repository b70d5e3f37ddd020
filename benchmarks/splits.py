"""Splits by minimisation beside group hashing and StratifiedGroupKFold, in one run.

`uv run --with scikit-learn python benchmarks/splits.py`. Simulated captures in 10 categories of Zipf's frequencies, in
sessions and users of uneven size, divided 70 / 20 / 10 by each method; then the data doubles. Printed, over the seeds:
the largest error of a split's share, the mean and the worst deviation of a category's share (all in percentage
points), and how many of the first captures have moved.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from captureset import params
from captureset.records.splits import SPLITS
from captureset.splits.minimisation import SIZE, Balance, Candidate, allocate
from captureset.splits.placing import SplitParams

ROOT = Path(__file__).resolve().parents[1]
CATEGORIES = 10
TENTHS = 10  # folds: the shares are tenths

Places = dict[str, str]  # capture to split
Method = Callable[["Simulation", int, Places], Places]


class Simulation:
    """Captures with a category and a group each; the first of them are the data before it doubles."""

    def __init__(self, captures: int, seed: int) -> None:
        rng = random.Random(seed)  # noqa: S311 - a simulation
        codes, weights = range(CATEGORIES), [1 / (number + 1) for number in range(CATEGORIES)]
        self.captures: list[tuple[str, str, str]] = []  # id, category, group
        while len(self.captures) < captures:
            group = f"group-{seed}-{len(self.captures)}"
            favourite = rng.choices(codes, weights)[0]  # what one user throws away is of a kind
            for _ in range(min(1 + int(rng.expovariate(0.5)), 30)):
                code = favourite if rng.random() < 0.5 else rng.choices(codes, weights)[0]
                self.captures.append((f"capture-{seed}-{len(self.captures)}", f"CODE_{code}", group))
        del self.captures[captures:]

    def groups(self, rows: Sequence[tuple[str, str, str]]) -> dict[str, list[tuple[str, str, str]]]:
        """Return rows by group."""
        found: dict[str, list[tuple[str, str, str]]] = {}
        for row in rows:
            found.setdefault(row[2], []).append(row)
        return found


def _lot(name: str) -> float:
    return int(hashlib.sha256(name.encode()).hexdigest()[:15], 16) / 16**15


def minimisation(simulation: Simulation, count: int, before: Places) -> Places:
    """Divide the first captures; those that stand already are frozen, and their groups with them."""
    balance, placed, rows = Balance(), dict[str, str](), simulation.captures[:count]
    groups = simulation.groups(rows)
    held = {name: {before[row[0]] for row in members if row[0] in before} for name, members in groups.items()}
    for name, members in groups.items():
        if held[name]:
            (placed[name],) = held[name]
            balance.add(placed[name], {SIZE: len(members), **Counter(row[1] for row in members)})
    new = [
        Candidate(name, len(members), Counter(row[1] for row in members))
        for name, members in groups.items()
        if not held[name]
    ]
    found = allocate(new, balance, RATIOS, "captureset", count)
    return {row[0]: placed.get(row[2]) or found[row[2]][0] for row in rows}


def group_hash(simulation: Simulation, count: int, _: Places) -> Places:
    """Divide by a hash of the group alone."""
    train, val = RATIOS["train"], RATIOS["train"] + RATIOS["val"]
    lots = {row[2]: _lot(row[2]) for row in simulation.captures[:count]}
    places = {name: "train" if lot < train else "val" if lot < val else "test" for name, lot in lots.items()}
    return {row[0]: places[row[2]] for row in simulation.captures[:count]}


def stratified_folds(simulation: Simulation, count: int, _: Places) -> Places:
    """Divide by scikit-learn's StratifiedGroupKFold: ten folds, one for test, two for val, seven for train."""
    chooser: Any = importlib.import_module("sklearn.model_selection")
    rows = simulation.captures[:count]
    folds = chooser.StratifiedGroupKFold(n_splits=TENTHS, shuffle=True, random_state=0)
    classes, groups = np.array([row[1] for row in rows]), np.array([row[2] for row in rows])
    places: Places = {}
    for number, (_, held) in enumerate(folds.split(np.zeros(len(rows)), classes, groups)):
        split = "test" if number == 0 else "val" if number <= 2 else "train"
        places.update((rows[position][0], split) for position in held.tolist())
    return places


def deviations_pp(simulation: Simulation, places: Places) -> tuple[float, float, float]:
    """Return the largest error of a split's share, and the mean and the worst deviation of a category's."""
    rows = [row for row in simulation.captures if row[0] in places]
    size = Counter(places[row[0]] for row in rows)
    by_code: dict[str, Counter[str]] = {}
    for name, code, _ in rows:
        by_code.setdefault(code, Counter())[places[name]] += 1
    categories = [pp for counts in by_code.values() for pp in _off_pp(counts)]
    return max(_off_pp(size)), statistics.mean(categories), max(categories)


def _off_pp(counts: Counter[str]) -> list[float]:
    return [100 * abs(counts[name] / counts.total() - RATIOS[name]) for name in SPLITS]


def compare(captures: int, seeds: int, methods: Mapping[str, Method]) -> None:
    """Print a line a method."""
    print(f"{captures:,} captures, then {2 * captures:,}; {CATEGORIES} categories, {seeds} seeds; median / worst")
    print(f"  {'method':<24}{'ratio error':>16}{'category mean':>16}{'category worst':>16}{'moved':>10}{'seconds':>9}")
    simulations = [Simulation(2 * captures, seed) for seed in range(seeds)]
    for name, method in methods.items():
        started = time.perf_counter()
        first = [method(each, captures, {}) for each in simulations]
        seconds = (time.perf_counter() - started) / seeds
        found = [deviations_pp(each, places) for each, places in zip(simulations, first, strict=True)]
        again = [method(each, 2 * captures, places) for each, places in zip(simulations, first, strict=True)]
        moved = [sum(after[k] != v for k, v in before.items()) for before, after in zip(first, again, strict=True)]
        cells = [f"{statistics.median(column):.2f} / {max(column):.2f}" for column in zip(*found, strict=True)]
        share = f"{100 * statistics.median(moved) / captures:.0f} %"
        print(f"  {name:<24}{cells[0]:>16}{cells[1]:>16}{cells[2]:>16}{share:>10}{seconds:>9.2f}")


def main() -> None:
    """Compare at every size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--captures", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--seeds", type=int, default=10)
    chosen = parser.parse_args()
    methods: dict[str, Method] = {"minimisation (ours)": minimisation, "group hash": group_hash}
    try:
        importlib.import_module("sklearn")
        methods["StratifiedGroupKFold"] = stratified_folds
    except ImportError:
        print("StratifiedGroupKFold is not run: `uv run --with scikit-learn` brings scikit-learn")
    for captures in chosen.captures:
        compare(captures, chosen.seeds, methods)


RATIOS = params.record(SplitParams, "split", ROOT / "params.yaml").ratios

if __name__ == "__main__":
    main()
