"""A quick yes to what is plainly valid, so that `submit` need not wait for the validator that explains.

Never a no: whatever is not covered here, a keyword or a value, is left to JSON Schema proper.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any], bool]
LARGEST_WHOLE = 2**53
REMARKS = {"$schema", "$id", "$defs", "title", "description", "examples"}


def compiled(schema: Mapping[str, Any]) -> Check:
    """Return a check that says True only for documents which satisfy the schema."""
    return _check(schema, schema.get("$defs", {}))


def _check(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Check:
    rules = tuple(_rule(key, schema, defs) for key in sorted(schema.keys() - REMARKS))
    return rules[0] if len(rules) == 1 else lambda value: all(rule(value) for rule in rules)


def _rule(key: str, schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Check:
    wanted = schema[key]
    if key == "properties":
        return _members({name: _check(part, defs) for name, part in wanted.items()})
    if key == "items":
        item = _check(wanted, defs)
        return lambda value: type(value) is list and all(map(item, value))
    if key == "$ref" and isinstance(wanted, str) and wanted.startswith("#/$defs/"):
        return _check(defs[wanted.removeprefix("#/$defs/")], defs)
    if key == "additionalProperties" and wanted is False:
        known = schema.get("properties", {}).keys()
        return lambda value: type(value) is dict and value.keys() <= known
    if key == "type" and isinstance(wanted, str):
        return TYPES.get(wanted, _unknown)
    return LIMITS[key](wanted) if key in LIMITS else _unknown


def _members(checks: Mapping[str, Check]) -> Check:
    def check(value: Any) -> bool:
        return type(value) is dict and all(checks[key](value[key]) for key in value if key in checks)

    return check


def _unknown(_: Any) -> bool:
    return False


def _whole(value: Any) -> bool:
    return type(value) is int and -LARGEST_WHOLE <= value <= LARGEST_WHOLE


def _number(value: Any) -> bool:
    return _whole(value) or (type(value) is float and math.isfinite(value))


def _pattern(wanted: str) -> Check:
    """Match as JSON Schema does: `$` is the very end, a digit is 0 to 9."""
    search = re.compile(re.sub(r"\$$", r"\\Z", wanted), re.ASCII).search
    return lambda value: type(value) is str and search(value) is not None


TYPES: dict[str, Check] = {
    "object": lambda value: type(value) is dict,
    "array": lambda value: type(value) is list,
    "string": lambda value: type(value) is str,
    "boolean": lambda value: type(value) is bool,
    "integer": _whole,
    "number": _number,
}
LIMITS: dict[str, Callable[[Any], Check]] = {
    "required": lambda wanted: lambda value: type(value) is dict and all(key in value for key in wanted),
    "const": lambda wanted: lambda value: type(value) is type(wanted) and value == wanted,
    "enum": lambda wanted: lambda value: type(value) is str and value in wanted,
    "pattern": _pattern,
    "minLength": lambda wanted: lambda value: type(value) is str and len(value) >= wanted,
    "maxLength": lambda wanted: lambda value: type(value) is str and len(value) <= wanted,
    "minItems": lambda wanted: lambda value: type(value) is list and len(value) >= wanted,
    "maxItems": lambda wanted: lambda value: type(value) is list and len(value) <= wanted,
    "minimum": lambda wanted: lambda value: _number(value) and value >= wanted,
    "maximum": lambda wanted: lambda value: _number(value) and value <= wanted,
    "exclusiveMinimum": lambda wanted: lambda value: _number(value) and value > wanted,
    "uniqueItems": lambda _: lambda value: type(value) is list and len(value) <= 1,
}
