from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from captureset.errors import CapturesetError, InvalidDocumentError
from captureset.formats import schema
from deliveries import box, feedback, sidecar

SCHEMAS = sorted(schema.schemas_folder().glob("*.schema.json"))
EXAMPLES = sorted((schema.schemas_folder() / "examples").iterdir())


def properties(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every property a schema describes, however deep, with the place it stands at."""
    if isinstance(node, dict):
        for name, found in node.get("properties", {}).items() if isinstance(node.get("properties"), dict) else ():
            yield f"{path}/{name}", found
        for key, inner in node.items():
            if key not in {"examples", "default", "if"}:
                yield from properties(inner, f"{path}/{key}")
    elif isinstance(node, list):
        for place, inner in enumerate(node):
            yield from properties(inner, f"{path}/{place}")


def described(document: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """Return a property with its `$ref` followed."""
    name = found.get("$ref", "").removeprefix("#/$defs/")
    return {**document["$defs"][name], **found} if name else found


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_a_schema_is_a_schema(path: Path) -> None:
    """Every schema satisfies JSON Schema 2020-12 itself."""
    Draft202012Validator.check_schema(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_every_property_is_described_with_examples_that_fit(path: Path) -> None:
    """A field says what it is and shows a value, and its own schema allows that value."""
    document = json.loads(path.read_text(encoding="utf-8"))
    found = [(place, described(document, inner)) for place, inner in properties(document)]
    assert found
    silent = [place for place, inner in found if not inner.get("description") or not inner.get("examples")]
    assert silent == []
    wrong = [
        (place, example)
        for place, inner in found
        for example in inner["examples"]
        if not Draft202012Validator({**inner, "$defs": document.get("$defs", {})}).is_valid(example)
    ]
    assert wrong == []


def test_every_schema_of_what_people_write_has_examples() -> None:
    """Sidecars and feedback, which strangers send, each come with whole examples."""
    assert {path.name.partition(".")[0] for path in EXAMPLES} >= {"sidecar", "feedback"}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_example_satisfies_its_schema(path: Path) -> None:
    """What schemas/examples shows is what comes in; the name says which schema it is for."""
    text = path.read_text(encoding="utf-8")
    assert schema.problems(path.name.partition(".")[0], json.loads(text)) == ()


def test_three_faults_are_named_with_three_pointers() -> None:
    """A document is refused once, with everything that is wrong, where, and what to do about it."""
    wrong = sidecar("c", model={"confidence": 1.7, "boxes": [{**box("FURN_SOFA", [1, 2, 3, 4]), "frame": {}}]})
    del wrong["captured_at"]
    with pytest.raises(InvalidDocumentError) as refused:
        schema.require("sidecar", wrong, "side car.json")
    pointers = {problem.pointer for problem in refused.value.problems}
    assert pointers == {"", "/model/confidence", "/model/boxes/0/frame"}
    assert all(problem.remedy for problem in refused.value.problems)
    assert str(refused.value).startswith("side car.json has 4 problems: ")
    assert all(word in str(refused.value) for word in ("'captured_at' is missing", "1.7 is above 1", "'width_px'"))


def test_an_unknown_key_is_named_with_its_escaped_pointer() -> None:
    """A slash and a tilde in a key are escaped as RFC 6901 wants."""
    (problem,) = schema.problems("feedback", {**feedback("f", "c"), "a/b~c": 1})
    assert problem.pointer == "/a~1b~0c"


def test_keys_of_several_types_are_still_named() -> None:
    """YAML allows 1 as a key; it is an unknown one like any other."""
    found = schema.problems("feedback", {**feedback("f", "c"), 1: 2, "zz": 3})
    assert {problem.pointer for problem in found} == {"/1", "/zz"}


@pytest.mark.parametrize("identifier", ["c\n", "../c", "C", "", "-c", "c-", "가구", "c.json", "c" * 65, "c٣"])
def test_an_id_is_nothing_but_small_letters_digits_and_inner_dashes(identifier: str) -> None:
    """An id becomes a file name: a newline at its end, a path, or another alphabet is refused."""
    (problem,) = schema.problems("feedback", feedback("f", identifier))
    assert problem.pointer == "/capture_id"


def test_not_a_number_passes_no_limit() -> None:
    """NaN compares with nothing, so it is refused as no number at all."""
    found = schema.problems("sidecar", sidecar("c", model={"confidence": float("nan")}))
    assert [problem.pointer for problem in found] == ["/model/confidence"]


def test_a_correction_must_say_what_is_right() -> None:
    """A correction with nothing in it is refused in the schema's own words."""
    (problem,) = schema.problems("feedback", feedback("f", "c", "correct"))
    assert "a category, boxes, a size" in problem.remedy


def test_yaml_is_read_safely_and_strictly(tmp_path: Path) -> None:
    """A key twice, a Python object, an open bracket, a missing file: one sentence each."""
    path = tmp_path / "params.yaml"
    for text, fault in (
        ("a: 1\nb: {c: 1, c: 2}\n", "the key 'c' stands twice, line 2"),
        ("a: !!python/object/apply:os.getcwd []\n", "could not determine a constructor"),
        ("a: [1\n", "line 2"),
        ("? [a]\n: 1\n", "unhashable"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(CapturesetError, match=r"params\.yaml is no YAML") as refused:
            schema.read_yaml(path)
        assert fault in str(refused.value)
    path.unlink()
    with pytest.raises(CapturesetError, match="does not exist"):
        schema.read_yaml(path)
    path.write_text("a: [1, 가구]\nday: 2024-01-15\n", encoding="utf-8")
    assert schema.read_yaml(path) == {"a": [1, "가구"], "day": "2024-01-15"}
