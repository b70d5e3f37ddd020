"""Tables of records as Parquet: the dataclass is the schema, the same rows give the same bytes."""

from __future__ import annotations

import io
import types
import typing
from collections.abc import Iterable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from captureset.errors import CapturesetError

Row = TypeVar("Row")

_ARROW = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_(), tuple: pa.list_(pa.string())}


def _column(annotation: Any) -> tuple[Any, bool]:
    """Return the Arrow type and whether None is allowed."""
    if isinstance(annotation, types.UnionType):
        inner = next(part for part in typing.get_args(annotation) if part is not types.NoneType)
        return _ARROW[inner], True
    return _ARROW[typing.get_origin(annotation) or annotation], False


def schema_of(record: type[Any]) -> Any:
    """Return the Arrow schema of a row record."""
    hints = typing.get_type_hints(record)
    columns = [(field.name, *_column(hints[field.name])) for field in fields(record)]
    return pa.schema([pa.field(name, kind, nullable=optional) for name, kind, optional in columns])


def to_bytes(record: type[Row], rows: Iterable[Row]) -> bytes:
    """Return rows as a Parquet file: zstd, one schema, no writer's metadata beside Arrow's own."""
    schema = schema_of(record)
    columns: list[Sequence[Any]] = list(zip(*map(_values, rows), strict=True)) or [[] for _ in schema]
    arrays = [pa.array(values, type=field.type) for values, field in zip(columns, schema, strict=True)]
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), sink, compression="zstd", version="2.6")
    return sink.getvalue()


def _values(row: Any) -> tuple[Any, ...]:
    return tuple(getattr(row, field.name) for field in fields(row))


def from_bytes(record: type[Row], data: bytes, source: str) -> list[Row]:
    """Return the rows of a Parquet file written by `to_bytes` for the same record.

    Raises:
        CapturesetError: it is no such table, for example one of another version.
    """
    try:
        table = _read(data)
    except (pa.ArrowException, OSError) as error:
        raise CapturesetError(f"{source} is no Parquet table: {error}; run `dvc repro` again.") from None
    schema = schema_of(record)
    if table.schema.names != schema.names or [f.type for f in table.schema] != [f.type for f in schema]:
        raise CapturesetError(f"{source} has other columns than {record.__name__}; run `dvc repro` again.")
    columns = [_python(column) for column in table.columns]
    return [record(*values) for values in zip(*columns, strict=True)]


def selected(record: type[Row], data: bytes, source: str) -> list[Row]:
    """Return the columns of a record from a table that may have others beside them, as another version wrote it.

    Raises:
        CapturesetError: it is no Parquet table or lacks a column.
    """
    names = [field.name for field in fields(record)]  # type: ignore[arg-type]
    try:
        file = pq.ParquetFile(io.BytesIO(data))
        missing = sorted(set(names) - set(file.schema_arrow.names))
        table = None if missing else file.read(columns=names, use_threads=False).select(names)
    except (pa.ArrowException, OSError) as error:
        raise CapturesetError(f"{source} is no Parquet table: {error}; run `dvc repro` again.") from None
    if table is None:
        raise CapturesetError(
            f"{source} has no column {missing[0]!r}, it is of another version of captureset; read it with that one."
        )
    return [record(*values) for values in zip(*map(_python, table.columns), strict=True)]


def _python(column: Any) -> list[Any]:
    values: list[Any] = column.to_pylist()
    return [tuple(value) for value in values] if pa.types.is_list(column.type) else values


def _read(data: bytes) -> Any:
    """Read without `read_table`, which imports pandas, and without threads, which can outlive a short process."""
    return pq.ParquetFile(io.BytesIO(data)).read(use_threads=False)


def write(path: Path, record: type[Row], rows: Iterable[Row]) -> None:
    """Write rows as a Parquet file; `to_bytes` has the format."""
    path.write_bytes(to_bytes(record, rows))


def read(path: Path, record: type[Row]) -> list[Row]:
    """Return the rows of a table.

    Raises:
        CapturesetError: the file is missing or of another version.
    """
    try:
        return from_bytes(record, path.read_bytes(), str(path))
    except FileNotFoundError:
        raise CapturesetError(f"{path} does not exist; run `dvc repro` or `dvc pull {path.parent}` first.") from None
