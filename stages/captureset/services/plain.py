"""What an app hands over made plain JSON: numbers, texts, lists and dicts, without pictures and private places.

A vision result may hold numpy numbers, pictures, dataclasses, NaN; a sidecar may not. Names of persons, devices and
places do not belong into a sidecar at all.
"""

from __future__ import annotations

import dataclasses
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from enum import Enum
from pathlib import PurePath
from typing import Any

DEEPEST = 12
LONGEST_TEXT, LONGEST_LIST = 20_000, 1000
LARGEST_WHOLE = 2**53  # beyond, JSON readers disagree
PRIVATE = {
    *("session_id", "user_id", "user", "username", "user_name", "email", "phone", "device_id", "user_agent"),
    *("ip", "ip_address", "address", "location", "gps", "lat", "lon", "lng", "latitude", "longitude"),
    *("path", "file_path", "image_path", "label_path"),
}
MACHINE_PATH = re.compile(r"(?:file://|[A-Za-z]:[\\/]|[\\/]{1,2})[^\n]*[\\/](?P<name>[^\\/\n]*)")


def plain(value: Any, depth: int = 0) -> Any:
    """Return a value as JSON can hold it; what JSON has no word for becomes the name of its type.

    Keys that name a person, a device or a place are left out, at any depth; of a machine's absolute path the file
    name stays. NaN and infinity are None. What is deeper than 12 or longer than 1000 is cut.
    """
    if depth > DEEPEST:
        return None
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return plain(value.value, depth + 1)
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, str | PurePath):
        return text(str(value))
    return _container(value, depth)


def _number(value: float) -> Any:
    if isinstance(value, int):
        return int(value) if abs(value) <= LARGEST_WHOLE else None
    return float(value) if math.isfinite(value) else None


def text(value: str) -> str:
    """Return a text composed (NFC), whole characters only, of an absolute path the file name."""
    whole = value[:LONGEST_TEXT].encode(errors="replace").decode()
    path = MACHINE_PATH.fullmatch(whole)
    return unicodedata.normalize("NFC", path["name"] if path else whole)


def _container(value: Any, depth: int) -> Any:
    if isinstance(value, Mapping):
        kept = ((text(str(key)), inner) for key, inner in value.items() if str(key).casefold() not in PRIVATE)
        return {key: plain(inner, depth + 1) for key, inner in kept}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return plain(fields, depth)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return _list(value, depth)
    return _foreign(value, depth)


def _list(value: Iterable[Any], depth: int) -> list[Any]:
    return [plain(inner, depth + 1) for _, inner in zip(range(LONGEST_LIST), value, strict=False)]


def _foreign(value: Any, depth: int) -> Any:
    """Return a numpy number or short array as Python has it; of anything else the name of its type."""
    if hasattr(value, "__array_interface__") and hasattr(value, "tolist") and getattr(value, "size", 0) <= LONGEST_LIST:
        return plain(value.tolist(), depth + 1)
    return f"<{type(value).__name__}>"
