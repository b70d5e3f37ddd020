from __future__ import annotations

import dataclasses
import types
import typing
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from captureset.errors import CapturesetError
from captureset.formats import tables
from captureset.records import rows
from captureset.records.rows import AnnotationRow, FilterRow

RECORDS = [r for r in vars(rows).values() if isinstance(r, type) and r.__module__ == rows.__name__]
SAMPLES: dict[Any, Any] = {str: '의자, "x"\n', int: 7, float: 0.1, bool: True, tuple: ("a", "")}


def row(record: type[Any], *, known: bool) -> Any:
    """Return a row of a record, its optional fields None unless `known`."""
    values = {}
    for name, hint in typing.get_type_hints(record).items():
        optional = isinstance(hint, types.UnionType)
        inner = typing.get_args(hint)[0] if optional else typing.get_origin(hint) or hint
        values[name] = SAMPLES[inner] if known or not optional else None
    return record(**values)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_every_record_survives_its_table(record: type[Any]) -> None:
    """Text, None, numbers and lists come back equal and of the same type, and the same rows give the same bytes."""
    written = [row(record, known=True), row(record, known=False)]
    data = tables.to_bytes(record, written)
    read = tables.from_bytes(record, data, "t")
    assert read == written
    assert [list(map(type, dataclasses.astuple(r))) for r in read] == [
        list(map(type, dataclasses.astuple(r))) for r in written
    ]
    assert tables.to_bytes(record, iter(read)) == data


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_a_table_without_rows_is_a_table(record: type[Any]) -> None:
    """An empty split or an empty catalog keeps its columns."""
    assert tables.from_bytes(record, tables.to_bytes(record, []), "t") == []


def test_other_programs_read_the_table(tmp_path: Path) -> None:
    """Pandas opens what a stage wrote, with our column names."""
    path = tmp_path / "filter.parquet"
    tables.write(path, FilterRow, [FilterRow("c", kept=False, reasons=("excluded",), details=("a person said so",))])
    frame = pd.read_parquet(path)
    assert list(frame.columns) == ["capture_id", "kept", "reasons", "details"]
    assert list(frame["reasons"][0]) == ["excluded"]


def test_a_table_of_another_record_is_refused() -> None:
    """A table an older version wrote is named, not misread."""
    data = tables.to_bytes(FilterRow, [])
    with pytest.raises(CapturesetError, match=r"old\.parquet has other columns than AnnotationRow"):
        tables.from_bytes(AnnotationRow, data, "old.parquet")


def test_a_damaged_table_is_refused_wherever_the_damage_is() -> None:
    """Cut off or with a block of zeros, the answer is one sentence or, where nothing of it was hit, the rows."""
    written = [FilterRow(f"capture-{n}", kept=True, reasons=(), details=()) for n in range(500)]
    data = tables.to_bytes(FilterRow, written)
    refused = 0
    for start in range(0, len(data), 97):
        for damaged in (data[:start], data[:start] + bytes(97) + data[start + 97 :]):
            try:
                tables.from_bytes(FilterRow, damaged, "t")
            except CapturesetError:
                refused += 1
    assert refused > len(data) // 97


def test_a_missing_table_says_how_to_get_it(tmp_path: Path) -> None:
    """A stage that reads another's output before it exists names the command."""
    with pytest.raises(CapturesetError, match=r"filter\.parquet does not exist; run `dvc repro`"):
        tables.read(tmp_path / "filter.parquet", FilterRow)
