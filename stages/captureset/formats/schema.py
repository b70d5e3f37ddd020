"""JSON Schema 2020-12: every problem of a document at once, each with a remedy from the schema itself."""

from __future__ import annotations

import difflib
import functools
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from captureset.errors import CapturesetError, InvalidDocumentError, Problem
from captureset.formats import quick_schema

LONGEST_VALUE = 60


def schemas_folder() -> Path:
    """Return the folder of schemas: the checkout's, or the one inside an installed package."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "schemas"
    return installed if installed.is_dir() else package.parents[1] / "schemas"


def _pattern(_: Any, pattern: str, instance: Any, __: Any) -> Iterator[ValidationError]:
    """Match as ECMA-262 does: `$` is the very end and a digit is 0 to 9; Python would let a newline through."""
    ending = re.sub(r"\$$", r"\\Z", pattern)
    if isinstance(instance, str) and not re.search(ending, instance, re.ASCII):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _is_number(_: Any, instance: Any) -> bool:
    """Say whether a value is a JSON number; NaN, which passes every limit, and what no float can hold are none."""
    return isinstance(instance, int | float) and not isinstance(instance, bool) and abs(instance) <= sys.float_info.max


def _is_integer(_: Any, instance: Any) -> bool:
    """Say whether a value is a whole number, 1.0 as well; one that is no number would pass every limit."""
    return _is_number(_, instance) and instance == int(instance)


_Validator: Any = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {"pattern": _pattern},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine_many({"number": _is_number, "integer": _is_integer}),
)


@functools.cache
def validator(name: str) -> Draft202012Validator:
    """Return the validator of schemas/<name>.schema.json."""
    text = (schemas_folder() / f"{name}.schema.json").read_text(encoding="utf-8")
    return cast("Draft202012Validator", _Validator(json.loads(text)))


def pointer(error: ValidationError) -> str:
    """Return the JSON pointer (RFC 6901) of the value an error is about."""
    return "".join(map(_step, error.absolute_path))


def _step(part: object) -> str:
    return "/" + str(part).replace("~", "~0").replace("/", "~1")


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def _example(schema: Mapping[str, Any]) -> str:
    described = schema.get("description", "see the schema").rstrip(".")
    examples = schema.get("examples")
    return f"{described}; for example {_shown(examples[0])}" if examples else described


def _schema_of(error: ValidationError) -> Mapping[str, Any]:
    """Return the schema an error breaks, `$ref` already followed by the validator."""
    return error.schema if isinstance(error.schema, Mapping) else {}


def _describe(error: ValidationError) -> Iterator[Problem]:
    where, schema = pointer(error), _schema_of(error)
    instance: Any = error.instance
    properties = schema.get("properties", {})
    if error.validator == "additionalProperties":
        for key in sorted(set(instance) - set(properties), key=str):
            yield Problem(where + _step(key), f"unknown key {key!r}", _nearest(str(key), properties))
    elif error.validator == "required":
        for key in sorted(set(cast("list[str]", error.validator_value)) - set(instance)):
            yield Problem(where, f"{key!r} is missing", _example(properties.get(key, {})))
    elif error.validator in {"anyOf", "oneOf", "then"}:
        yield Problem(where, f"{_shown(error.instance)} fits no allowed form", _example(schema))
    else:
        yield Problem(where, _fault(error), _example(schema))


def _nearest(key: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    return f"did you mean {near[0]}?" if near else f"remove it; known keys are {', '.join(known)}"


def _fault(error: ValidationError) -> str:
    shown, rule = _shown(error.instance), cast("Any", error.validator_value)
    kinds = " or ".join(map(str, rule)) if isinstance(rule, list) else rule
    sentences = {
        "type": f"{shown} is no {kinds}",
        "pattern": f"{shown} does not have the right form",
        "enum": f"{shown} is not one of {_shown(rule)}",
        "const": f"{shown} is not {_shown(rule)}",
        "minimum": f"{shown} is below {rule}",
        "exclusiveMinimum": f"{shown} is not above {rule}",
        "maximum": f"{shown} is above {rule}",
        "minItems": f"{shown} has fewer than {rule} items",
        "maxItems": f"{shown} has more than {rule} items",
        "maxLength": f"{shown} is longer than {rule} characters",
    }
    return sentences.get(str(error.validator), error.message)


@functools.cache
def _plainly_valid(name: str) -> quick_schema.Check:
    return quick_schema.compiled(cast("Mapping[str, Any]", validator(name).schema))


def problems(name: str, document: Any) -> tuple[Problem, ...]:
    """Return everything that is wrong with a document under schemas/<name>.schema.json, by pointer."""
    if _plainly_valid(name)(document):
        return ()
    found = sorted(validator(name).iter_errors(document), key=lambda e: (pointer(e), str(e.validator)))
    unique = {problem: None for error in found for problem in _describe(error)}
    return tuple(unique)


def require(name: str, document: Any, source: str) -> None:
    """Return when the document satisfies the schema.

    Raises:
        InvalidDocumentError: it does not; every problem is listed.
    """
    found = problems(name, document)
    if found:
        raise InvalidDocumentError(source, found)


class _StrictLoader(yaml.SafeLoader):
    """Safe YAML that refuses a key standing twice in one mapping, and leaves 2024-01-15 a text as JSON does."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - its parent declares it so
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - its parent's signature
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.YAMLError(f"the key {key!r} stands twice, line {node.start_mark.line + 1}")
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> Any:
    """Return the object in a YAML file, read safely; a key twice is refused.

    Raises:
        CapturesetError: the file is missing or is no YAML.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)  # noqa: S506 - a SafeLoader
    except FileNotFoundError:
        raise CapturesetError(f"{path} does not exist; restore it with `git checkout -- {path}`.") from None
    except (yaml.YAMLError, ValueError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise CapturesetError(f"{path} is no YAML: {reason}; mend that line.") from None
