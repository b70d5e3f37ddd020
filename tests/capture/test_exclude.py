from __future__ import annotations

import pytest

from captureset.capture import exclude
from captureset.errors import CapturesetError
from captureset.records.rows import Exclusion
from captureset.store.repository import Repository


def test_a_capture_is_set_aside_and_taken_back(repository: Repository) -> None:
    """The ledger is sorted by id, whatever the order; taking all back leaves its header."""
    assert exclude.read(repository) == []
    exclude.exclude(repository, "c-2", " shows a face,\n clearly ")
    exclude.exclude(repository, "c-1", "얼굴")
    assert exclude.read(repository) == [Exclusion("c-1", "얼굴"), Exclusion("c-2", "shows a face, clearly")]
    exclude.include(repository, "c-2")
    exclude.include(repository, "c-1")
    assert repository.exclusions.read_text(encoding="utf-8") == "capture_id,reason\n"


def test_a_reason_is_needed_and_nothing_is_done_twice(repository: Repository) -> None:
    """Each refusal names the capture; the ledger is not touched."""
    exclude.exclude(repository, "c-1", "why")
    before = repository.exclusions.read_bytes()
    for capture_id, reason, fault in (("c-2", " \n", "needs a reason"), ("c-1", "again", "set aside already")):
        with pytest.raises(CapturesetError, match=f"capture {capture_id} .*{fault}"):
            exclude.exclude(repository, capture_id, reason)
    with pytest.raises(CapturesetError, match=r"capture c-3 is not in exclusions\.csv"):
        exclude.include(repository, "c-3")
    assert repository.exclusions.read_bytes() == before
