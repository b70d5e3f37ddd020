"""Ledgers: small CSV files in Git, one row a line, so that Git merges and shows them well."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import astuple, fields
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
    names = [field.name for field in fields(record)]  # type: ignore[arg-type]
    try:
        with path.open(encoding="utf-8", newline="") as handle:
            header, *rows = [*csv.reader(handle)] or [[]]
    except (UnicodeDecodeError, csv.Error) as error:
        raise CapturesetError(f"{path} is no UTF-8 CSV: {error}; restore it from Git.") from None
    if header != names:
        raise CapturesetError(f"{path} has the header {header}, not {names}; restore it from Git.")
    for line, row in enumerate(rows, start=2):
        if len(row) != len(names):
            raise CapturesetError(f"{path} line {line} has {len(row)} cells, not {len(names)}; restore it from Git.")
    return [record(*row) for row in rows]


def write(path: Path, record: type[Row], rows: Iterable[Row]) -> None:
    """Replace a Git ledger in one step: CSV, one row a line, so that Git merges and shows it well."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([field.name for field in fields(record)])  # type: ignore[arg-type]
    writer.writerows(astuple(row) for row in rows)  # type: ignore[call-overload]
    path.parent.mkdir(parents=True, exist_ok=True)
    jsontext.write_text(path, text.getvalue())
