"""Where captures go: whole groups, frozen captures that never move, and bridges that are masked."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from captureset.formats import tables
from captureset.records.rows import CaptureRow, SplitRow
from captureset.records.splits import SPLITS
from dividing import CODES, placed, released
from rows import capture, frozen


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


def test_freezing_changes_no_byte() -> None:
    """After the rows went into the ledger, the same captures give the same table, byte by byte."""
    captures = [*many(40), capture("bridge", session_key="s1", user_key="u"), capture("z", user_key="u")]
    rows = placed(captures)
    again = placed(captures, released(rows, []))
    assert tables.to_bytes(SplitRow, again.values()) == tables.to_bytes(SplitRow, rows.values())


def test_near_duplicates_are_one_group() -> None:
    """Two near-duplicates, and the sessions they stand in, are never divided."""
    captures = [capture(name, session_key=key) for name, key in (("a", "s"), ("b", "s"), ("c", "t"), ("d", "t"))]
    rows = placed(captures, near=[("b", "c")])
    assert len({row.group for row in rows.values()}) == len({row.split for row in rows.values()}) == 1


def test_a_near_duplicate_of_a_frozen_capture_joins_it() -> None:
    """A photo sent again goes where the released one is, under its group's name."""
    row = placed([capture("old"), capture("new")], [frozen("old", "test")], near=[("new", "old")])["new"]
    assert row == SplitRow("new", "g-old", "test", "joined", None)


def test_evaluation_is_sacred() -> None:
    """A new photo like one in train and one in test is masked, and so is its near-duplicate in train, not in test."""
    captures = [capture("in-test"), capture("in-train"), capture("new"), capture("apart")]
    ledger = [frozen("in-test", "test"), frozen("in-train", "train"), frozen("apart", "train")]
    rows = placed(captures, ledger, near=[("in-test", "new"), ("in-train", "new")])
    assert {name: (row.split, row.masked) for name, row in rows.items()} == {
        "in-test": ("test", None),
        "in-train": ("train", "copy_in_evaluation"),
        "new": ("test", "bridges_frozen_splits"),
        "apart": ("train", None),
    }


def test_only_what_hangs_on_a_bridge_is_masked() -> None:
    """A user in train sends a photo that is frozen in test: that session is masked, the user's later ones train."""
    captures = [
        capture("in-train", user_key="u", session_key="s0"),
        capture("in-test"),
        capture("copy", session_key="s0"),
        capture("beside", session_key="s0"),
        capture("later", user_key="u", session_key="s2"),
    ]
    ledger = [frozen("in-train", "train"), frozen("in-test", "test")]
    rows = placed(captures, ledger, near=[("copy", "in-test")])
    assert {name: row.masked for name, row in rows.items() if row.masked} == {
        "copy": "bridges_frozen_splits",
        "beside": "bridges_frozen_splits",
    }
    assert rows["later"] == SplitRow("later", "g-in-train", "train", "joined", None)


def test_the_most_sacred_of_frozen_splits_is_named() -> None:
    """Test goes before test_recent, that before val, that before train, in whatever order they are met."""
    for one, other, first in (
        ("test", "test_recent", "test"),
        ("val", "test_recent", "test_recent"),
        ("train", "val", "val"),
    ):
        captures = [
            capture("a", user_key="u"),
            capture("b", session_key="s"),
            capture("n", user_key="u", session_key="s"),
        ]
        rows = placed(captures, [frozen("a", one), frozen("b", other)])
        assert (rows["n"].split, rows["n"].masked) == (first, "bridges_frozen_splits")


def day(number: int, month: int = 6) -> str:
    """Return noon of a day."""
    return f"2024-{month:02}-{number:02}T12:00:00.000000Z"


def test_recent_groups_are_an_evaluation_by_time() -> None:
    """Whole groups of that day and later are test_recent; with an older capture, kept or not, they are divided."""
    captures = [
        *(capture(f"old{n:02}", captured_at=day(1, month=5)) for n in range(30)),
        *(capture(f"recent{n:02}", captured_at=day(1), session_key=f"s{n // 2}") for n in range(30)),
        capture("oldest", captured_at=day(30, month=5), session_key="s0"),
    ]
    kept = [row.capture_id for row in captures if row.capture_id != "oldest"]
    rows = placed(captures, kept=kept, test_recent_from="2024-06-01")
    found = {name for name, row in rows.items() if row.split == "test_recent"}
    assert found == {f"recent{n:02}" for n in range(2, 30)}
    assert {rows[name].rule for name in found} == {"recent"}
    counts = Counter(row.split for row in rows.values())
    assert [counts[name] for name in SPLITS] == pytest.approx([22.4, 6.4, 3.2], abs=1)


def test_what_is_frozen_in_test_recent_stays_there() -> None:
    """A later first day, or none, moves nothing released; a new capture of such a group joins it."""
    captures = [capture("a", captured_at=day(1), session_key="s"), capture("b", captured_at=day(9), session_key="s")]
    for first_day in ("2024-07-01", None):
        rows = placed(captures, [frozen("a", "test_recent")], test_recent_from=first_day)
        assert [(row.split, row.rule) for row in rows.values()] == [
            ("test_recent", "minimised"),
            ("test_recent", "joined"),
        ]


def test_freezing_test_recent_changes_no_byte() -> None:
    """A release of a dataset with test_recent gives the same table again."""
    captures = [
        capture(f"c{n:02}", captured_at=day(1 + n % 28, 5 + n // 28), session_key=f"s{n // 3}") for n in range(56)
    ]
    rows = placed(captures, test_recent_from="2024-06-01")
    assert placed(captures, released(rows, []), test_recent_from="2024-06-01") == rows
    assert Counter(row.split for row in rows.values())["test_recent"] > 20


def test_a_new_split_set_divides_again() -> None:
    """Rows of another split set hold nothing; back under the old name everything stands where it was."""
    captures = many(60, session_of=1)
    first = placed(captures)
    ledger = released(first, [])
    again = placed(captures, ledger, split_set="again", salt="another")
    assert {n: r.split for n, r in again.items()} != {n: r.split for n, r in first.items()}
    both = released(again, ledger, "again")
    assert placed(captures, both, split_set="again") == again
    assert placed(captures, both) == first
