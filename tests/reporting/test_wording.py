"""Numbers with units, and a sentence for every code the stages can write."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from captureset import filter as filter_stage
from captureset.duplicates import keeping
from captureset.exporting import selecting
from captureset.judgement import advice
from captureset.pixels import normalise
from captureset.reporting import wording
from captureset.splits import minimisation, placing


def strings_in(source: str, *functions: str) -> set[str]:
    """Every plain string in the bodies of some functions of a module, docstrings apart."""
    tree = ast.parse(Path(source).read_text(encoding="utf-8"))
    bodies = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name in functions]
    assert len(bodies) == len(functions)
    nodes = [inner for body in bodies for statement in body.body for inner in ast.walk(statement)]
    return {str(node.value) for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def yielded_codes(source: str) -> set[str]:
    """The first item of every `yield code, sentence` of a module."""
    tree = ast.parse(Path(source).read_text(encoding="utf-8"))
    pairs = [node.value for node in ast.walk(tree) if isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple)]
    return {str(pair.elts[0].value) for pair in pairs if isinstance(pair.elts[0], ast.Constant)}


def test_every_reason_to_drop_has_a_sentence() -> None:
    """The codes of filter.py, read in its source, and those of copies are the codes explained."""
    copies = {code for code in strings_in(str(keeping.__file__), "_gives_way") if code.endswith("duplicate")}
    assert copies == {"duplicate", "near_duplicate"}
    assert yielded_codes(str(filter_stage.__file__)) | copies == set(wording.DROPPED_BECAUSE)


def test_every_flag_has_a_meaning() -> None:
    """The flags that have advice are the flags explained."""
    assert {*advice.PHOTO_ADVICE, *advice.LABEL_ADVICE, *advice.NUMBERED} == set(wording.FLAG_MEANS)


def test_every_reason_to_leave_out_and_every_rule_has_a_sentence() -> None:
    """The masks and rules of placing.py and minimisation.py, and the reasons of the exports, are those explained."""
    reasons = strings_in(str(selecting.__file__), "_reason", "left_out")
    assert {code for code in reasons if "_" in code} <= set(wording.LEFT_OUT_BECAUSE)
    masks = strings_in(str(placing.__file__), "_frozen_row", "_new_row") - {"joined"}
    assert masks == {"copy_in_evaluation", "bridges_frozen_splits"}
    assert masks <= set(wording.LEFT_OUT_BECAUSE)
    rules = strings_in(str(placing.__file__), "_place_new") | strings_in(str(minimisation.__file__), "allocate")
    assert {code for code in rules if " " not in code} | {"joined"} == {*wording.RULE_MEANS, "train"}


def test_every_change_of_an_image_has_a_meaning() -> None:
    """The changes of normalise.py are explained, but for those that name a mode."""
    source = Path(str(normalise.__file__)).read_text(encoding="utf-8")
    assert all(f'"{code}"' in source for code in wording.CHANGE_MEANS)


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (0, 0, wording.NOTHING),
        (0, 5, "0 %"),
        (5, 5, "100 %"),
        (1, 3, "33.3 %"),
        (1, 20_000, "< 0.1 %"),
        (19_999, 20_000, "> 99.9 %"),
    ],
)
def test_a_share_is_never_rounded_to_all_or_nothing(part: int, whole: int, shown: str) -> None:
    """0 % and 100 % are said only when they are exact; of nothing there is no share."""
    assert wording.percent(part, whole) == shown


@pytest.mark.parametrize(
    ("count", "noun", "shown"),
    [
        (1, "box", "1 box"),
        (0, "box", "0 boxes"),
        (2, "category", "2 categories"),
        (20_000, "capture", "20,000 captures"),
        (2, "kept capture", "2 kept captures"),
    ],
)
def test_counts_carry_their_unit(count: int, noun: str, shown: str) -> None:
    """One is singular, everything else plural, thousands are separated."""
    assert wording.counted(count, noun) == shown


def test_lists_read_as_sentences() -> None:
    """Commas, then an `and`."""
    assert [wording.listed(list(word)) for word in ("", "a", "ab", "abc")] == ["", "a", "a and b", "a, b and c"]


def test_an_unknown_code_is_admitted() -> None:
    """A code without a sentence is named, not hidden."""
    assert "'new_code'" in wording.meaning("new_code", wording.DROPPED_BECAUSE)
