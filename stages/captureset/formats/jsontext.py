"""The one JSON writer: same object, same bytes."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from captureset.errors import CapturesetError

Constant = Callable[[str], Any]

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def dump(obj: Any) -> str:
    """Return obj as JSON text: sorted keys, UTF-8 as it is, no NaN, one newline at the end.

    Raises:
        ValueError: a float is NaN or infinite, which JSON has no word for.
        TypeError: a value is no JSON type (numpy scalars are none).
    """
    return json.dumps(obj, ensure_ascii=False, sort_keys=True, allow_nan=False, indent=1) + "\n"


def dump_line(obj: Any) -> str:
    """Return obj as one line of JSON, without spaces and without a newline."""
    return json.dumps(obj, ensure_ascii=False, sort_keys=True, allow_nan=False, separators=(",", ":"))


class Line(str):
    """One row of a list that is JSON text on one line already, as `dump_line` would write it."""

    __slots__ = ()


def dump_rows(obj: dict[str, Any]) -> str:
    """Return an object as JSON text, a line for each row of its lists: fast, and a diff shows which rows changed."""
    parts = sorted(
        (dump_line(key), _rows(value) if isinstance(value, list) else dump_line(value)) for key, value in obj.items()
    )
    return "{\n" + ",\n".join(f"{key}: {value}" for key, value in parts) + "\n}\n"


def _rows(rows: list[Any]) -> str:
    """Return a list with a line a row: written at once where only the seams between objects look like seams."""
    if rows and isinstance(rows[0], Line):
        return "[\n" + ",\n".join(rows) + "\n]"
    whole = dump_line(rows)
    if whole.count("},{") == len(rows) - 1 and all(isinstance(row, dict) for row in rows):
        return "[\n" + whole[1:-1].replace("},{", "},\n{") + "\n]"
    return "[\n" + ",\n".join(map(dump_line, rows)) + "\n]" if rows else "[]"


def write(path: Path, obj: Any) -> None:
    """Write obj as JSON so that a reader sees the old file or the new one, never a part."""
    write_text(path, dump(obj))


def write_text(path: Path, text: str) -> None:
    """Replace a text file in one step; the bytes are on disk when this returns."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("w", encoding="utf-8", newline="\n") as handle:
            handle.write(text)
            handle.flush()
            os.fsync(handle.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _refuse_constant(token: str) -> Any:
    raise ValueError(f"{token} is no JSON number")


def _finite(token: str) -> float:
    number = float(token)
    if not math.isfinite(number):
        raise ValueError(f"{token} is too large a number")
    return number


def _refuse_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        names = [key for key, _ in pairs]
        twice = next(key for key in names if names.count(key) > 1)
        raise ValueError(f"the key {twice!r} stands twice")
    return mapping


def _loads(text: str, constant: Constant) -> Any:
    found = json.loads(text, parse_constant=constant, parse_float=_finite, object_pairs_hook=_refuse_doubles)
    if _SURROGATE.search(text):
        dump(found).encode()
    return found


def parse(data: bytes | str, source: str, constant: Constant = _refuse_constant) -> Any:
    """Return the object in strict JSON text: no NaN, no key twice, UTF-8 (a BOM is forgiven).

    What it returns can be written again: a number beyond a float and half a surrogate pair are refused. `constant` says
    what stands for NaN and Infinity, where a stranger's file may have them.

    Raises:
        CapturesetError: the text is no strict JSON; names the source, the place and the fault.
    """
    try:
        text = data.decode("utf-8-sig") if isinstance(data, bytes) else data
        return _loads(text, constant)
    except (ValueError, RecursionError) as error:
        raise CapturesetError(f"{source} is not strict JSON: {error}; save it again as UTF-8 JSON.") from None


def read(path: Path, constant: Constant = _refuse_constant) -> Any:
    """Return the object in a strict JSON file; `parse` has the rules.

    Raises:
        CapturesetError: the file is missing or no strict JSON.
    """
    try:
        return parse(path.read_bytes(), str(path), constant)
    except FileNotFoundError:
        raise CapturesetError(f"{path} does not exist; check the path.") from None
    except OSError as error:
        raise CapturesetError(f"{path} cannot be read: {error.strerror}; check the path and its rights.") from None
