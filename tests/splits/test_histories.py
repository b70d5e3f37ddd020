"""Random histories of a dataset: whatever happens to it, its splits keep every promise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from captureset.formats import tables
from captureset.records.rows import CaptureRow, FrozenSplit, SplitRow
from captureset.splits.groups import Tie
from dividing import CODES, placed, released
from rows import capture

EVENTS = ("add", "add", "add", "copy", "near", "between", "bridge", "relabel", "drop", "delete", "release")
RATIOS = {"train_ratio": 0.4, "val_ratio": 0.3, "test_ratio": 0.3}  # few captures reach every split
FIRST_RECENT = 8  # of 10 days
Step = tuple[str, int, int]

STEPS = st.lists(st.tuples(st.sampled_from(EVENTS), st.integers(0, 99), st.integers(0, 99)), min_size=10, max_size=40)


def as_bytes(rows: Iterable[SplitRow]) -> bytes:
    """Return the table as the stage writes it."""
    return tables.to_bytes(SplitRow, rows)


class History:
    """A dataset that grows, changes and is released, step by step."""

    def __init__(self, *, recent: bool) -> None:
        self.captures: dict[str, CaptureRow] = {}
        self.near: list[Tie] = []
        self.dropped: set[str] = set()
        self.ledger: list[FrozenSplit] = []
        self.number = 0
        self.first_day = f"2024-01-{FIRST_RECENT + 10}" if recent else None

    def step(self, what: str, i: int, j: int) -> None:
        """Do one thing that may happen; `between` is a photo like two others, `bridge` shares keys with two."""
        names = sorted(self.captures)
        one, other = (names[k % len(names)] if names else "" for k in (i, j))
        if what == "add" or not names:
            self.add(j, session_key=f"s{i % 7}", user_key=None if j % 2 else f"u{j % 5}", category=CODES[i % 3])
        elif what == "copy":
            self.add(j, pixel_sha256=self.captures[one].pixel_sha256)
        elif what == "near":
            self.near.append((one, self.add(j, session_key=f"s{j % 7}" if j % 3 else None)))
        elif what == "between":
            name = self.add(j)
            self.near += [(one, name), (other, name)]
        elif what == "bridge":
            self.add(i, session_key=self.captures[one].session_key, user_key=self.captures[other].user_key)
        else:
            self.change(what, one, j)

    def add(self, day: int, **changes: Any) -> str:
        """Add a capture and return its id; ids do not come in order."""
        self.number += 1
        name = f"{self.number * 7919 % 1000:03}-{self.number}"
        self.captures[name] = capture(name, captured_at=f"2024-01-{10 + day % 10}T00:00:00.000000Z", **changes)
        return name

    def change(self, what: str, name: str, j: int) -> None:
        """Relabel, drop or take back, delete, or release."""
        if what == "relabel":
            self.captures[name] = replace(self.captures[name], category=CODES[j % 3])
        elif what == "drop":
            self.dropped ^= {name}
        elif what == "delete":
            del self.captures[name]
            self.near = [tie for tie in self.near if name not in tie]
        else:
            before = self.rows()
            self.ledger = released(before, self.ledger)
            assert as_bytes(self.rows().values()) == as_bytes(before.values())

    def rows(self, order: Callable[[list[Any]], list[Any]] = list) -> dict[str, SplitRow]:
        """Return the split, given captures, wishes and ties in some order."""
        kept = [name for name in self.captures if name not in self.dropped]
        near = order([tie[::-1] for tie in self.near])
        captures = order(list(self.captures.values()))
        return placed(captures, order(self.ledger), order(kept), near, test_recent_from=self.first_day, **RATIOS)


class Oracle:
    """The promises, checked by walking from capture to capture; knows nothing of how the split is made."""

    def __init__(self, history: History) -> None:
        self.captures = history.captures
        self.ledger = {row.capture_id: row for row in history.ledger if row.capture_id in history.captures}
        self.near: dict[str, set[str]] = defaultdict(set)
        for one, other in history.near:
            self.near[one].add(other)
            self.near[other].add(one)
        self.picture = {name: self.walk(name, self.looks_like) for name in self.captures}

    def looks_like(self, name: str) -> set[str]:
        """Return the captures that show directly what this one shows."""
        own = self.captures[name]
        same = {
            other
            for other, row in self.captures.items()
            if row.image_sha256 == own.image_sha256 or row.pixel_sha256 == own.pixel_sha256
        }
        return same | self.near[name]

    def belongs_to(self, name: str) -> set[str]:
        """Return the captures that share picture, session, user or thing with this one; frozen ones lead no further."""
        if name in self.ledger:
            return set()
        own, found = self.captures[name], set(self.picture[name])
        for key in ("session_key", "user_key", "item_key"):
            value = getattr(own, key)
            found |= {o for o, row in self.captures.items() if value is not None and getattr(row, key) == value}
        return found

    @staticmethod
    def walk(start: str, step: Callable[[str], set[str]]) -> frozenset[str]:
        """Return everything that can be reached."""
        found, todo = {start}, [start]
        while todo:
            near = step(todo.pop()) - found
            found |= near
            todo += near
        return frozenset(found)

    def check(self, rows: dict[str, SplitRow], first_day: str | None) -> None:
        """Assert what must hold at any time."""
        for name, row in rows.items():
            if name in self.ledger:
                self.check_frozen(row, self.ledger[name])
            else:
                self.check_new(row, rows, first_day)
        exported = [row for row in rows.values() if row.masked is None]
        self.check_apart((row.group, row.split) for row in exported)
        self.check_apart((min(self.picture[row.capture_id]), row.split) for row in exported)

    def check_frozen(self, row: SplitRow, frozen: FrozenSplit) -> None:
        """Assert that it did not move, and is masked only for an evaluation's sake."""
        assert (row.split, row.group, row.rule) == (frozen.split, frozen.group, frozen.rule)
        others = {self.ledger[name].split for name in self.picture[row.capture_id] & self.ledger.keys()}
        assert (row.masked == "copy_in_evaluation") == (row.split != most_sacred(others))

    def check_new(self, row: SplitRow, rows: dict[str, SplitRow], first_day: str | None) -> None:
        """Assert that it stands with all it belongs to, or is masked since that stands in several splits."""
        group = self.walk(row.capture_id, self.belongs_to)
        held = {self.ledger[name].split for name in group & self.ledger.keys()}
        assert (row.masked == "bridges_frozen_splits") == (len(held) > 1)
        assert row.masked in {None, "bridges_frozen_splits"}
        assert row.split == most_sacred(held) if held else row.rule != "joined"
        fresh = {name for name in group & rows.keys() if name not in self.ledger}
        assert {rows[name].split for name in fresh} == {row.split}
        if not held:
            days = {self.captures[name].captured_at[:10] for name in group}
            assert (row.split == "test_recent") == (first_day is not None and min(days) >= first_day)

    @staticmethod
    def check_apart(pairs: Iterable[tuple[str, str]]) -> None:
        """Assert that nothing is exported in two splits."""
        splits = defaultdict(set)
        for what, split in pairs:
            splits[what].add(split)
        assert all(len(found) == 1 for found in splits.values())


def most_sacred(splits: Iterable[str]) -> str:
    """Return the split that goes before the others."""
    return min(splits, key=["test", "test_recent", "val", "train"].index)


def live(steps: list[Step], *, recent: bool) -> tuple[list[FrozenSplit], bytes]:
    """Go through a history, checking every promise after every step; return the ledger and the table at its end."""
    history = History(recent=recent)
    for what, i, j in steps:
        history.step(what, i, j)
        rows = history.rows()
        Oracle(history).check(rows, history.first_day)
        assert list(history.rows(lambda items: items[::-1]).items()) == list(rows.items())
    return history.ledger, as_bytes(history.rows().values())


def check_history(steps: list[Step], recent: bool) -> None:  # noqa: FBT001 - hypothesis gives it by position
    """Assert that a history keeps every promise, and gives the same bytes when it happens again."""
    assert live(steps, recent=recent) == live(steps, recent=recent)


# A failing history is told as it was found: making it shorter takes minutes.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
PATIENT = hypothesis_settings(deadline=None, phases=PHASES, suppress_health_check=[HealthCheck.too_slow])


@hypothesis_settings(PATIENT, max_examples=60)
@given(STEPS, st.booleans())
def test_random_histories_keep_every_promise(steps: list[Step], recent: bool) -> None:  # noqa: FBT001
    """Additions, copies, near-duplicates, bridges, relabels, drops, deletions, releases: nothing frozen moves,
    no group and no picture is exported in two splits, order within a batch and replay change no byte.
    """
    check_history(steps, recent)


@pytest.mark.battery
@hypothesis_settings(PATIENT, max_examples=1000)
@given(STEPS, st.booleans())
def test_a_thousand_random_histories(steps: list[Step], recent: bool) -> None:  # noqa: FBT001
    """The same over 1,000 histories."""
    check_history(steps, recent)
