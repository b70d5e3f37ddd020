"""What the split says of itself."""

from __future__ import annotations

from dataclasses import replace

from captureset.formats import jsontext
from captureset.records.rows import CaptureRow, SplitRow
from captureset.records.splits import SPLITS
from captureset.splits.placing import SplitParams
from captureset.splits.summary import joined_by_near_duplicates, summary
from dividing import dataset, placed
from rows import capture, settings

OURS = settings(SplitParams, "split")


def test_counts_what_is_exported() -> None:
    """Masked captures are counted apart; empty splits and categories too small for every split are named."""
    rows = [
        SplitRow("a", "g1", "train", "minimised", None),
        SplitRow("b", "g2", "train", "minimised", None),
        SplitRow("c", "g3", "val", "minimised", None),
        SplitRow("d", "g3", "val", "joined", "bridges_frozen_splits"),
    ]
    shown = dict(zip("abcd", ("X", "X", "Y", "Y"), strict=True))
    found = summary(rows, dataset([capture(name, category=code) for name, code in shown.items()]), OURS)
    assert found["captures"] == {"train": 2, "val": 1, "test": 0}
    assert found["masked"] == {"bridges_frozen_splits": 1}
    assert found["empty_splits"] == ["test"]
    assert found["too_small"] == ["X", "Y"]
    assert found["categories"] == {"X": {"train": 2, "val": 0, "test": 0}, "Y": {"train": 0, "val": 1, "test": 0}}
    assert found["deviation_pp"] == {"train": -3.333, "val": 13.333, "test": -10.0}
    assert found["category_deviation_pp"]["X"] == {"train": 30.0, "val": -20.0, "test": -10.0}
    assert found["mean_category_deviation_pp"] == 36.667
    assert found["split_set"] == "default"
    assert jsontext.dump(found)


def test_nothing_is_legal() -> None:
    """Nothing kept gives no rows and a summary that says so."""
    assert placed([capture("a")], kept=[]) == {}
    found = summary([], dataset([capture("a")], kept=[]), OURS)
    assert found["empty_splits"] == list(SPLITS)
    assert found["mean_category_deviation_pp"] == 0.0


def test_test_recent_stands_aside_of_the_ratios() -> None:
    """Captures in test_recent are counted, but neither ratios nor categories nor empty splits see them."""
    rows = [SplitRow("a", "g1", "train", "minimised", None), SplitRow("b", "g2", "test_recent", "recent", None)]
    found = summary(rows, dataset([capture("a"), capture("b")]), OURS)
    assert found["test_recent"] == 1
    assert found["captures"] == {"train": 1, "val": 0, "test": 0}
    assert found["deviation_pp"]["train"] == 30.0
    assert found["categories"] == {"FURN_SOFA": {"train": 1, "val": 0, "test": 0}}


def chain(count: int) -> list[CaptureRow]:
    """Return captures of one session each."""
    return [capture(f"c{number:03}", session_key=f"s{number}") for number in range(count)]


def test_a_picture_in_very_many_groups_is_reported() -> None:
    """51 sessions tied by one picture are named with their first capture; 50 are not; one session is one group."""
    captures = chain(52)
    ties = [("c000", row.capture_id) for row in captures[1:]]
    assert joined_by_near_duplicates(dataset(captures[:50], near=ties[:49])) == []
    assert joined_by_near_duplicates(dataset(captures[:51], near=ties[:50])) == [
        {"first_capture_id": "c000", "captures": 51, "groups_joined": 51}
    ]
    together = [replace(row, session_key="s") for row in captures]
    assert joined_by_near_duplicates(dataset(together, near=ties)) == []
    assert len({row.split for row in placed(captures, near=ties).values()}) == 1
