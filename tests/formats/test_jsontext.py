from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from captureset.errors import CapturesetError
from captureset.formats import jsontext

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(SCALARS, lambda v: st.lists(v, max_size=4) | st.dictionaries(st.text(), v, max_size=4))


@settings(max_examples=50)
@given(VALUES)
def test_what_is_written_is_read_again(value: object) -> None:
    """Any JSON value survives writing and strict reading, both as a page and as a line."""
    assert jsontext.parse(jsontext.dump(value).encode(), "x") == value
    assert jsontext.parse(jsontext.dump_line(value), "x") == value
    assert "\n" not in jsontext.dump_line(value)


def test_the_same_object_gives_the_same_bytes() -> None:
    """Keys are sorted, Hangul stays Hangul, one newline ends the text."""
    assert (
        jsontext.dump({"b": 1, "a": "의자"}) == jsontext.dump({"a": "의자", "b": 1}) == '{\n "a": "의자",\n "b": 1\n}\n'
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [-float("inf")]])
def test_numbers_json_has_no_word_for_are_not_written(value: object) -> None:
    """NaN and infinity are refused, since other readers stop at them."""
    with pytest.raises(ValueError, match="JSON"):
        jsontext.dump(value)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (b'{"a": NaN}', "NaN is no JSON number"),
        (b'{"a": 1e999}', "1e999 is too large"),
        (b'{"a": 1, "b": 2, "a": 3}', "the key 'a' stands twice"),
        (b'{"a": "\\ud83d"}', "surrogates not allowed"),
        (b'{"a": "\xff"}', "can't decode byte 0xff"),
        (b'{"a": 1', "line 1 column 8"),
        (b"<html>", "line 1 column 1"),
        (b"", "line 1 column 1"),
        (b"[" * 100_000, "recursion"),
    ],
)
def test_what_is_no_strict_json_is_refused_in_one_sentence(text: bytes, fault: str) -> None:
    """The sentence names the source, the fault and the remedy."""
    with pytest.raises(CapturesetError, match=r"^side\.json is not strict JSON: .*; save it again") as refused:
        jsontext.parse(text, "side.json")
    assert fault in str(refused.value)


def test_a_byte_order_mark_and_a_whole_surrogate_pair_are_forgiven() -> None:
    """Windows editors write the one, JavaScript the other."""
    assert jsontext.parse(b'\xef\xbb\xbf{"a": "\\ud83d\\ude00"}', "x") == {"a": "😀"}


def test_a_missing_file_and_a_folder_are_refused_by_name(tmp_path: Path) -> None:
    """No traceback for a wrong path."""
    with pytest.raises(CapturesetError, match=r"gone\.json does not exist"):
        jsontext.read(tmp_path / "gone.json")
    with pytest.raises(CapturesetError, match="cannot be read"):
        jsontext.read(tmp_path)


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk fails while writing, the old file stands and nothing is left beside it."""
    path = tmp_path / "a b.json"
    jsontext.write(path, {"old": True})

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        jsontext.write(path, {"new": True})
    assert json.loads(path.read_text()) == {"old": True}
    assert [entry.name for entry in tmp_path.iterdir()] == ["a b.json"]


@settings(max_examples=50)
@given(st.dictionaries(st.text(), st.lists(st.dictionaries(st.text(), SCALARS, max_size=3), max_size=4) | VALUES))
def test_rows_are_lines_and_nothing_else_changes(value: dict[str, object]) -> None:
    """A document written row by row is the same document, whatever its texts look like."""
    assert jsontext.parse(jsontext.dump_rows(value), "x") == value


def test_each_row_has_its_line() -> None:
    """Rows part at their seams; a text that looks like a seam is not cut."""
    text = jsontext.dump_rows({"rows": [{"a": 1}, {"a": "},{"}], "empty": [], "b": {"c": 1}})
    assert text == '{\n"b": {"c":1},\n"empty": [],\n"rows": [\n{"a":1},\n{"a":"},{"}\n]\n}\n'
    assert jsontext.dump_rows({"rows": [{"a": 1}, {"a": 2}]}) == '{\n"rows": [\n{"a":1},\n{"a":2}\n]\n}\n'
