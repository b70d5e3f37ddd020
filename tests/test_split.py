"""The stage split: what it reads from the catalog and the ledger. tests/splits proves where captures go."""

from __future__ import annotations

from dataclasses import replace

import pytest

from captureset.errors import CapturesetError
from captureset.records.rows import FrozenSplit
from captureset.split import categories_shown, frozen_by_capture
from rows import annotation, capture, frozen


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
        frozen_by_capture(rows, "default")


def test_split_sets_do_not_see_each_other() -> None:
    """A capture may stand once in each split set; the current one counts."""
    first, second = frozen("a", "train"), replace(frozen("a", "test"), split_set="again")
    assert frozen_by_capture([first, second], "default") == {"a": first}
    assert frozen_by_capture([first, second], "again") == {"a": second}
    assert frozen_by_capture([first, second], "third") == {}


def test_categories_shown_are_the_boxes_and_the_capture() -> None:
    """A capture counts for the categories of its boxes and for its own; an unlabelled one for none."""
    captures = [capture("a", category="FURN_SOFA"), capture("b", category=None)]
    found = categories_shown(captures, [annotation("a", "APPL_TV"), annotation("a", "FURN_SOFA")])
    assert found == {"a": {"FURN_SOFA", "APPL_TV"}, "b": frozenset()}
