"""Ledgers: small CSV files in Git, one row a line, so that Git merges and shows them well."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import MISSING, astuple, fields
from pathlib import Path
from typing import TypeVar

from captureset.errors import CapturesetError
from captureset.formats import jsontext

Row = TypeVar("Row")


def read(path: Path, record: type[Row]) -> list[Row]:
    """Return the rows of a Git ledger (CSV with a header, all text); a missing ledger is empty.

    Raises:
        CapturesetError: the header is not the record's, or a row has more or fewer cells.
    """
    if not path.exists():
        return []
    try:
        return parse(path.read_bytes().decode(), record, str(path))
    except UnicodeDecodeError as error:
        raise CapturesetError(f"{path} is no UTF-8 CSV: {error}; restore it from Git.") from None


def parse(text: str, record: type[Row], source: str) -> list[Row]:
    """Return the rows of a ledger's text; last columns that a record has a default for may be missing.

    Raises:
        CapturesetError: as `read`.
    """
    names = [field.name for field in fields(record)]  # type: ignore[arg-type]
    needed = [field.name for field in fields(record) if field.default is MISSING]  # type: ignore[arg-type]
    try:
        header, *rows = [*csv.reader(io.StringIO(text, newline=""))] or [[]]
    except csv.Error as error:
        raise CapturesetError(f"{source} is no UTF-8 CSV: {error}; restore it from Git.") from None
    if header != names[: max(len(header), len(needed))]:
        raise CapturesetError(f"{source} has the header {header}, not {names}; restore it from Git.")
    for line, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise CapturesetError(f"{source} line {line} has {len(row)} cells, not {len(header)}; restore it from Git.")
    return [record(*row) for row in rows]


def write(path: Path, record: type[Row], rows: Iterable[Row]) -> None:
    """Replace a Git ledger in one step: CSV, one row a line, so that Git merges and shows it well."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([field.name for field in fields(record)])  # type: ignore[arg-type]
    writer.writerows(astuple(row) for row in rows)  # type: ignore[call-overload]
    path.parent.mkdir(parents=True, exist_ok=True)
    jsontext.write_text(path, text.getvalue())
