"""The quick check says yes only to what the real validator accepts."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from bad_documents import bad_feedback, bad_sidecars
from captureset.formats import quick_schema, schema
from mutations import base_sidecar, misdescribed

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "schemas" / "examples").glob("sidecar.*.json"))


def explained(name: str, document: Any) -> bool:
    """Say what the validator that explains says."""
    return not list(schema.validator(name).iter_errors(document))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_what_an_app_sends_takes_the_quick_way(path: Path) -> None:
    """Every example of a sidecar is plainly valid; if not, `submit` takes twice its time."""
    assert schema._plainly_valid("sidecar")(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", ["sidecar", "feedback"])
def test_no_bad_document_is_plainly_valid(name: str) -> None:
    """All that breaks the schema is left to the validator that explains."""
    cases = bad_sidecars() if name == "sidecar" else bad_feedback()
    quick = schema._plainly_valid(name)
    assert [case for case, _, document in cases if quick(document) and not explained(name, document)] == []


def test_it_never_says_yes_alone() -> None:
    """3,000 sidecars spoilt at random: plainly valid ones are valid, and both kinds are among them."""
    choose, quick = random.Random(7), schema._plainly_valid("sidecar")
    spoilt = [misdescribed(choose, base_sidecar()) for _ in range(3000)]
    plain = [document for document in spoilt if quick(document)]
    assert 30 < len(plain) < 2970
    assert all(explained("sidecar", document) for document in plain)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ({"oneOf": [{"type": "string"}]}, "x"),
        ({"type": ["string", "null"]}, "x"),
        ({"additionalProperties": {"type": "string"}}, {"a": "x"}),
        ({"$ref": "other.json"}, "x"),
        ({"type": "integer"}, True),
        ({"type": "integer"}, 2**60),
        ({"type": "number"}, float("nan")),
        ({"const": 1}, True),
        ({"pattern": "^a$"}, "a\n"),
        ({"uniqueItems": True}, [1, 1]),
    ],
)
def test_what_it_does_not_know_is_no_yes(part: dict[str, Any], value: Any) -> None:
    """A keyword or a value beyond the plain ones is never waved through."""
    assert not quick_schema.compiled(part)(value)
