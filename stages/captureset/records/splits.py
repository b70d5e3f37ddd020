"""The names of the splits, and which goes before which; nothing else knows them."""

from __future__ import annotations

SPLITS = ("train", "val", "test")  # every dataset has these three, if only empty
TEST_RECENT = "test_recent"  # an evaluation by time, in datasets that ask for it (split.test_recent_from)
ALL_SPLITS = (*SPLITS, TEST_RECENT)
SACRED = ("test", TEST_RECENT, "val", "train")  # evaluation goes before training
