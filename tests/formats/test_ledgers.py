from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from captureset.errors import CapturesetError
from captureset.formats import ledgers


@dataclass(frozen=True)
class Entry:
    """A row like those of data/exclusions.csv."""

    capture_id: str
    reason: str


ENTRIES = [Entry("a", "shows a face, clearly"), Entry("b", '얼굴이 "보임"'), Entry("c", "")]


def test_rows_survive_and_stand_one_a_line(tmp_path: Path) -> None:
    """Commas, quotes and Hangul come back; Git shows one changed line per row."""
    path = tmp_path / "new folder" / "exclusions.csv"
    ledgers.write(path, Entry, ENTRIES)
    assert ledgers.read(path, Entry) == ENTRIES
    assert path.read_bytes().count(b"\n") == 1 + len(ENTRIES)
    assert b"\r" not in path.read_bytes()


def test_a_missing_ledger_is_empty(tmp_path: Path) -> None:
    """Before the first row there need be no file."""
    assert ledgers.read(tmp_path / "none.csv", Entry) == []


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", r"has the header \[\], not"),
        (b"capture_id\n", "has the header"),
        (b"\xef\xbb\xbfcapture_id,reason\n", "has the header"),
        (b"capture_id,reason\na,b\nc\n", "line 3 has 1 cells, not 2"),
        (b"capture_id,reason\na,b,c\n", "line 2 has 3 cells, not 2"),
        ("capture_id,reason\na,얼굴\n".encode("cp949"), "is no UTF-8 CSV"),
        (b"capture_id,reason\n<<<<<<< HEAD\n", "line 2 has 1 cells"),
    ],
)
def test_a_broken_ledger_is_refused_with_its_line(tmp_path: Path, data: bytes, fault: str) -> None:
    """Another program's encoding, a conflict marker or a lost cell is named, with the remedy."""
    path = tmp_path / "exclusions.csv"
    path.write_bytes(data)
    with pytest.raises(CapturesetError, match=rf"exclusions\.csv {fault}.*restore it from Git"):
        ledgers.read(path, Entry)


@dataclass(frozen=True)
class Longer:
    """A row that got a column later."""

    capture_id: str
    reason: str
    said_by: str = "nobody"


def test_a_ledger_from_before_a_column_was_added_is_read(tmp_path: Path) -> None:
    """A last column with a default may be missing; written again it is there. Another column may not be missing."""
    path = tmp_path / "exclusions.csv"
    ledgers.write(path, Entry, ENTRIES)
    rows = ledgers.read(path, Longer)
    assert rows == [Longer(row.capture_id, row.reason) for row in ENTRIES]
    ledgers.write(path, Longer, rows)
    assert path.read_text(encoding="utf-8").startswith("capture_id,reason,said_by\na,")
    assert ledgers.read(path, Longer) == rows
    with pytest.raises(CapturesetError, match="has the header"):
        ledgers.parse("capture_id\na\n", Longer, "exclusions.csv")
