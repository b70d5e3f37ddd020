"""The stage split: whole groups, frozen captures that never move, and bridges that are masked."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from captureset.errors import CapturesetError
from captureset.formats import jsontext, tables
from captureset.records.rows import CaptureRow, FrozenSplit, SplitRow
from captureset.records.splits import SPLITS
from captureset.split import SplitParams, assign, categories_shown, frozen_by_capture, summary
from captureset.splits.groups import components, shared_keys
from captureset.splits.minimisation import ALGORITHM
from rows import annotation, capture, frozen, settings

OURS = settings(SplitParams, "split")
CODES = ("FURN_SOFA", "FURN_BED", "APPL_TV")


def placed(
    captures: list[CaptureRow], ledger: list[FrozenSplit] | None = None, kept: Any = None
) -> dict[str, SplitRow]:
    """Return the rows of the split by capture id."""
    wanted = kept if kept is not None else [each.capture_id for each in captures]
    rows = assign(captures, wanted, categories_shown(captures, []), frozen_by_capture(ledger or []), OURS)
    return {row.capture_id: row for row in rows}


def many(count: int, session_of: int = 3) -> list[CaptureRow]:
    """Return captures in sessions of three, categories going round."""
    return [
        capture(f"c{number:04}", session_key=f"s{number // session_of}", category=CODES[number % 3])
        for number in range(count)
    ]


def test_ratios_are_kept() -> None:
    """300 captures in sessions of three: shares within two points of 70, 20 and 10."""
    counts = Counter(row.split for row in placed(many(300)).values())
    assert [counts[name] / 300 for name in SPLITS] == pytest.approx([0.7, 0.2, 0.1], abs=0.02)


def test_the_order_of_the_catalog_does_not_matter() -> None:
    """Shuffled captures and shuffled wishes give the same rows, by id."""
    captures = many(60)
    names = [each.capture_id for each in captures]
    rng = random.Random(3)
    shuffled = placed(rng.sample(captures, 60), kept=rng.sample(names, 60))
    assert list(shuffled.items()) == list(placed(captures).items())


def test_only_kept_captures_are_placed_but_dropped_ones_still_tie() -> None:
    """A dropped capture has no row, and two captures it ties together are one group."""
    captures = [capture("a", session_key="s"), capture("b", session_key="s", user_key="u"), capture("c", user_key="u")]
    rows = placed(captures, kept=["a", "c"])
    assert list(rows) == ["a", "c"]
    assert rows["a"].group == rows["c"].group
    assert rows["a"].split == rows["c"].split


def test_frozen_captures_keep_split_group_and_rule() -> None:
    """A row of the ledger is repeated as it stands, against any ratio or salt."""
    captures = many(9, session_of=1)
    ledger = [frozen(each.capture_id, "test") for each in captures]
    for row in placed(captures, ledger).values():
        assert (row.split, row.group, row.rule, row.masked) == ("test", f"g-{row.capture_id}", "minimised", None)


def test_a_new_capture_joins_its_frozen_group() -> None:
    """A new capture of a released session goes where that session is, under its group's name."""
    captures = [capture("old", session_key="s"), capture("new", session_key="s")]
    row = placed(captures, [frozen("old", "val", "g-of-old")])["new"]
    assert row == SplitRow("new", "g-of-old", "val", "joined", None)


def test_joined_captures_count_for_those_placed_after_them() -> None:
    """Ninety captures that join a session in train leave new single captures to val and test."""
    captures = [capture("old", session_key="s"), *(capture(f"j{n:02}", session_key="s") for n in range(69))]
    captures += [capture(f"n{number:02}") for number in range(30)]
    counts = Counter(row.split for row in placed(captures, [frozen("old", "train")]).values())
    assert counts == {"train": 70, "val": 20, "test": 10}


def test_a_bridge_between_frozen_splits_is_masked() -> None:
    """Who ties a train session to a test user is kept, stands with the more sacred split, and is not exported."""
    captures = [
        capture("in-test", user_key="u"),
        capture("in-train", session_key="s"),
        capture("bridge", user_key="u", session_key="s"),
    ]
    rows = placed(captures, [frozen("in-test", "test"), frozen("in-train", "train")])
    assert rows["bridge"] == SplitRow("bridge", "g-in-test", "test", "joined", "bridges_frozen_splits")
    assert (rows["in-test"].split, rows["in-train"].split) == ("test", "train")
    assert rows["in-test"].masked is rows["in-train"].masked is None


def test_a_photo_frozen_in_two_splits_is_exported_from_the_more_sacred_one() -> None:
    """Two branches may freeze one photo twice: the copy in train is masked, the one in test is not."""
    same = {"image_sha256": "s", "pixel_sha256": "p"}
    rows = placed([capture("a", **same), capture("b", **same)], [frozen("a", "train"), frozen("b", "test")])
    assert (rows["a"].masked, rows["b"].masked) == ("copy_in_evaluation", None)


def test_a_ledger_of_captures_that_are_gone_holds_nothing() -> None:
    """A frozen capture that was erased neither has a row nor stops the stage."""
    assert list(placed([capture("a")], [frozen("gone", "test")])) == ["a"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([frozen("a"), frozen("a", "test")], "data/splits.csv lists a twice"),
        ([frozen("a", "training")], "data/splits.csv puts a into 'training'"),
    ],
)
def test_a_spoilt_ledger_is_refused(rows: list[FrozenSplit], said: str) -> None:
    """A capture in two lines or in a split that does not exist is refused by name."""
    with pytest.raises(CapturesetError, match=said):
        frozen_by_capture(rows)


def as_bytes(rows: list[SplitRow]) -> bytes:
    """Return the table as the stage writes it."""
    return tables.to_bytes(SplitRow, rows)


def released(rows: dict[str, SplitRow], ledger: list[FrozenSplit]) -> list[FrozenSplit]:
    """Return the ledger after a release of these rows: what is exported and not yet frozen is appended."""
    known = {row.capture_id for row in ledger}
    new = [row for row in rows.values() if row.masked is None and row.capture_id not in known]
    return [*ledger, *(FrozenSplit(r.capture_id, r.group, r.split, r.rule, ALGORITHM, "w@v1") for r in new)]


def test_freezing_changes_no_byte() -> None:
    """After the rows went into the ledger, the same captures give the same table, byte by byte."""
    captures = [*many(40), capture("bridge", session_key="s1", user_key="u"), capture("z", user_key="u")]
    rows = placed(captures)
    assert as_bytes([*placed(captures, released(rows, [])).values()]) == as_bytes([*rows.values()])


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "add", "add", "duplicate", "bridge", "relabel", "drop", "delete", "release"]),
        st.integers(0, 99),
        st.integers(0, 99),
    ),
    min_size=3,
    max_size=20,
)


class History:
    """A dataset that grows, changes and is released, step by step; every promise is checked after each step."""

    def __init__(self) -> None:
        self.captures: dict[str, CaptureRow] = {}
        self.dropped: set[str] = set()
        self.ledger: list[FrozenSplit] = []
        self.number = 0

    def step(self, what: str, i: int, j: int) -> None:
        """Do one thing that may happen to a dataset."""
        names = sorted(self.captures)
        one, other = (names[k % len(names)] if names else "" for k in (i, j))
        if what == "add" or not names:
            self.add(session_key=f"s{i % 6}", user_key=None if j % 2 else f"u{j % 5}", category=CODES[i % 3])
        elif what == "duplicate":
            self.add(pixel_sha256=self.captures[one].pixel_sha256)
        elif what == "bridge":
            self.add(session_key=self.captures[one].session_key, user_key=self.captures[other].user_key)
        elif what == "relabel":
            self.captures[one] = capture(**{**as_dict(self.captures[one]), "category": CODES[j % 3]})
        elif what == "drop":
            self.dropped ^= {one}
        elif what == "delete":
            del self.captures[one]
        else:
            before = self.rows()
            self.ledger = released(before, self.ledger)
            assert as_bytes([*self.rows().values()]) == as_bytes([*before.values()])

    def add(self, **changes: Any) -> None:
        """Add a capture; ids do not come in order."""
        self.number += 1
        name = f"{self.number * 7919 % 1000:03}-{self.number}"
        self.captures[name] = capture(name, **changes)

    def rows(self) -> dict[str, SplitRow]:
        """Return the split, after proving that the catalog's order does not matter."""
        kept = [name for name in self.captures if name not in self.dropped]
        captures = list(self.captures.values())
        found = placed(captures, self.ledger, kept)
        assert placed(captures[::-1], self.ledger, kept[::-1]) == found
        return found

    def check(self) -> None:
        """Assert what must hold at any time."""
        rows, ledger = self.rows(), {row.capture_id: row for row in self.ledger}
        for name, row in rows.items():
            if name in ledger:
                assert (row.split, row.group, row.rule) == (ledger[name].split, ledger[name].group, ledger[name].rule)
        component = components((each.capture_id, shared_keys(each)) for each in self.captures.values())
        members: dict[str, list[str]] = defaultdict(list)
        for name, root in component.items():
            members[root].append(name)
        for names in members.values():
            self.check_component(names, rows, ledger)
        self.check_groups([row for row in rows.values() if row.masked is None])

    @staticmethod
    def check_component(names: list[str], rows: dict[str, SplitRow], ledger: dict[str, FrozenSplit]) -> None:
        """Assert that what hangs together stands together, or that what is new in it is masked."""
        frozen_in = {ledger[name].split for name in names if name in ledger}
        new = [rows[name] for name in names if name in rows and name not in ledger]
        if len(frozen_in) > 1:
            assert all(row.masked == "bridges_frozen_splits" for row in new)
        else:
            assert len(frozen_in | {row.split for row in new}) <= 1
            assert all(row.masked is None for row in new)

    @staticmethod
    def check_groups(exported: list[SplitRow]) -> None:
        """Assert that no group crosses exported splits."""
        splits = defaultdict(set)
        for row in exported:
            splits[row.group].add(row.split)
        assert all(len(found) == 1 for found in splits.values())


def as_dict(row: CaptureRow) -> dict[str, Any]:
    """Return a row's fields."""
    return {name: getattr(row, name) for name in row.__slots__}


@hypothesis_settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_random_histories_keep_every_promise(steps: list[tuple[str, int, int]]) -> None:
    """Additions, duplicates, bridges, relabels, drops, deletions, releases: nothing frozen moves, no group crosses."""
    history = History()
    for what, i, j in steps:
        history.step(what, i, j)
        history.check()


def test_categories_shown_are_the_boxes_and_the_capture() -> None:
    """A capture counts for the categories of its boxes and for its own; an unlabelled one for none."""
    captures = [capture("a", category="FURN_SOFA"), capture("b", category=None)]
    found = categories_shown(captures, [annotation("a", "APPL_TV"), annotation("a", "FURN_SOFA")])
    assert found == {"a": {"FURN_SOFA", "APPL_TV"}, "b": frozenset()}


def test_summary_counts_what_is_exported() -> None:
    """Masked captures are counted apart; empty splits and categories too small for every split are named."""
    rows = [
        SplitRow("a", "g1", "train", "minimised", None),
        SplitRow("b", "g2", "train", "minimised", None),
        SplitRow("c", "g3", "val", "minimised", None),
        SplitRow("d", "g3", "val", "joined", "bridges_frozen_splits"),
    ]
    shown = {"a": frozenset({"X"}), "b": frozenset({"X"}), "c": frozenset({"Y"}), "d": frozenset({"Y"})}
    found = summary(rows, shown, OURS)
    assert found["captures"] == {"train": 2, "val": 1, "test": 0}
    assert found["masked"] == {"bridges_frozen_splits": 1}
    assert found["empty_splits"] == ["test"]
    assert found["too_small"] == ["X", "Y"]
    assert found["categories"] == {"X": {"train": 2, "val": 0, "test": 0}, "Y": {"train": 0, "val": 1, "test": 0}}
    assert found["deviation_pp"] == {"train": -3.333, "val": 13.333, "test": -10.0}
    assert jsontext.dump(found)


def test_an_empty_split_is_legal() -> None:
    """Nothing kept gives no rows and a summary that says so."""
    assert placed([capture("a")], kept=[]) == {}
    assert summary([], {}, OURS)["empty_splits"] == list(SPLITS)
