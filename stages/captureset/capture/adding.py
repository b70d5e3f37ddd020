"""A source's words led to our categories; new ones are appended to data/categories.yaml, its text kept as it is."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml

from captureset.errors import CapturesetError
from captureset.formats import schema
from captureset.formats.sources.dataset import refuse
from captureset.records.taxonomy import Category, Taxonomy, folded

MAP_REMEDY = "name one of data/categories.yaml in the file of --map"
UNKNOWN_REMEDY = "map them with --map, or append them to the taxonomy with --add-categories"


def led(
    source: str, words: Iterable[str], taxonomy: Taxonomy, mapping: Mapping[str, str], add_under: str | None
) -> tuple[dict[str, str], list[Category]]:
    """Return the code each word of a source leads to, and the categories to append for unknown words.

    A word in `mapping` leads where that says; what it names must be ours already, so a slip of the pen makes no new
    category.

    Raises:
        CapturesetError: a word is unknown and `add_under` is None, or the mapping names no category of ours.
    """
    words = sorted(set(words))
    wrong = [word for word in words if word in mapping and taxonomy.find(mapping[word]) is None]
    faults = [
        f"--map leads {word!r} to {mapping[word]!r}, which is unknown{_near(taxonomy, mapping[word])}" for word in wrong
    ]
    refuse(source, faults, MAP_REMEDY)
    unknown = [word for word in words if word not in mapping and taxonomy.find(word) is None]
    if add_under is None:
        faults = [f"the category {word!r} is unknown{_near(taxonomy, word)}" for word in unknown]
        refuse(source, faults, UNKNOWN_REMEDY)
        added = []
    else:
        added = additions(taxonomy, unknown, add_under)
    complete = with_added(taxonomy, added)
    found = {word: complete.find(mapping.get(word, word)) for word in words}
    return {word: category.code for word, category in found.items() if category is not None}, added


def _near(taxonomy: Taxonomy, word: str) -> str:
    """Return ` (did you mean X?)` for a near miss, else nothing."""
    hint = taxonomy.hint(word).removeprefix("; ")
    return f" ({hint})" if hint.startswith("did you mean") else ""


def additions(taxonomy: Taxonomy, words: Sequence[str], under: str) -> list[Category]:
    """Return a category for each unknown word, with the next ids, below a main category.

    Words that differ only in case or outer space are one category.

    Raises:
        CapturesetError: there is no such main category.
    """
    if under not in {main.code for main in taxonomy.supercategories}:
        known = ", ".join(main.code for main in taxonomy.supercategories)
        raise CapturesetError(f"data/categories.yaml has no main category {under!r}; give --under one of {known}.")
    distinct = {folded(word): word for word in reversed(words)}
    taken = {folded(word) for c in taxonomy.categories for word in (c.code, c.name, c.name_en, *c.aliases)} | {
        *distinct
    }
    added = []
    for number, word in enumerate(sorted(distinct.values()), start=len(taxonomy.categories) + 1):
        code = _code(under, word)
        code = code if code and folded(code) not in taken else f"{under}_N{number}"
        taken.add(folded(code))
        name = unicodedata.normalize("NFC", word).strip()
        added.append(Category(number, code, name, name, under))
    return added


def _code(under: str, word: str) -> str | None:
    """Return a code made of the word, None where it has letters that are not ASCII, or none at all."""
    plain = re.sub(r"[^A-Z0-9]+", "_", word.upper()).strip("_")
    return f"{under}_{plain}" if plain and word.isascii() else None


def with_added(taxonomy: Taxonomy, added: Sequence[Category]) -> Taxonomy:
    """Return the taxonomy with categories appended.

    Raises:
        CapturesetError: a code or name is taken.
    """
    return Taxonomy(taxonomy.supercategories, (*taxonomy.categories, *added)) if added else taxonomy


def appended_text(text: str, added: Sequence[Category]) -> str:
    """Return the text of data/categories.yaml with lines for new categories at its end.

    Raises:
        CapturesetError: the file is not written one category a line at its end (nothing is guessed), or a new
            category breaks its schema.
    """
    indents = re.findall(r"^( *)- ", text, flags=re.MULTILINE)
    lines = [(indents[-1] if indents else "") + _line(category) for category in added]
    longer = text.rstrip("\n") + "\n" + "\n".join(lines) + "\n"
    wanted = yaml.safe_load(text)
    wanted["categories"] = [*wanted["categories"], *map(_document, added)]
    schema.require("categories", wanted, "data/categories.yaml with the new categories")
    try:
        fits = yaml.safe_load(longer) == wanted
    except yaml.YAMLError:
        fits = False
    if not fits:
        raise CapturesetError(
            "data/categories.yaml does not end with its `categories` list, so nothing can be appended; "
            f"add these by hand: {' '.join(line.strip() for line in lines)}."
        )
    return longer


def _document(category: Category) -> dict[str, Any]:
    keys = ("id", "code", "name", "name_en", "supercategory")
    return {key: getattr(category, key) for key in keys}


def _line(category: Category) -> str:
    cells = ", ".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in _document(category).items())
    return f"- {{{cells}}}"
