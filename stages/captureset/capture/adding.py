"""New categories appended to data/categories.yaml; its text, comments and all, stays as it is."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

import yaml

from captureset.errors import CapturesetError
from captureset.records.taxonomy import Category, Taxonomy


def additions(taxonomy: Taxonomy, words: Sequence[str], under: str) -> list[Category]:
    """Return a category for each unknown word, with the next ids, below a main category.

    Raises:
        CapturesetError: there is no such main category.
    """
    if under not in {main.code for main in taxonomy.supercategories}:
        known = ", ".join(main.code for main in taxonomy.supercategories)
        raise CapturesetError(f"data/categories.yaml has no main category {under!r}; --add-categories takes {known}.")
    first = len(taxonomy.categories) + 1
    return [
        Category(number, _code(under, word, number), unicodedata.normalize("NFC", word), word, under)
        for number, word in enumerate(words, start=first)
    ]


def _code(under: str, word: str, number: int) -> str:
    """Return a code made of the word, or of its number where the word has no ASCII letters."""
    plain = re.sub(r"[^A-Z0-9]+", "_", word.upper()).strip("_")
    return f"{under}_{plain}" if plain and plain.isascii() else f"{under}_N{number}"


def with_added(taxonomy: Taxonomy, added: Sequence[Category]) -> Taxonomy:
    """Return the taxonomy with categories appended.

    Raises:
        CapturesetError: a code or name is taken.
    """
    return Taxonomy(taxonomy.supercategories, (*taxonomy.categories, *added)) if added else taxonomy


def appended_text(text: str, added: Sequence[Category]) -> str:
    """Return the text of data/categories.yaml with lines for new categories at its end.

    Raises:
        CapturesetError: the file is not written one category a line at its end; nothing is guessed.
    """
    indents = re.findall(r"^( *)- ", text, flags=re.MULTILINE)
    lines = [(indents[-1] if indents else "") + _line(category) for category in added]
    longer = text.rstrip("\n") + "\n" + "\n".join(lines) + "\n"
    wanted = yaml.safe_load(text)
    wanted["categories"] = [*wanted["categories"], *map(_document, added)]
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
