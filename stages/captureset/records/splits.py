"""The names of the splits, and which goes before which; nothing else knows them."""

from __future__ import annotations

from collections.abc import Iterable

SPLITS = ("train", "val", "test")  # every dataset has these three, if only empty
TEST_RECENT = "test_recent"  # an evaluation by time, in datasets that ask for it (split.test_recent_from)
ALL_SPLITS = (*SPLITS, TEST_RECENT)
SACRED = ("test", TEST_RECENT, "val", "train")  # evaluation goes before training


def splits_of(found: Iterable[str]) -> tuple[str, ...]:
    """Return the splits of a dataset in order: the three, and test_recent where something is in it."""
    return ALL_SPLITS if TEST_RECENT in found else SPLITS
