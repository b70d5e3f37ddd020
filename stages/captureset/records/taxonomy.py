"""The taxonomy: categories with ids that never move."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from captureset.errors import CapturesetError


@dataclass(frozen=True, slots=True)
class Category:
    """One thing a label can name; `id` is the COCO category id, the YOLO class is id - 1."""

    id: int
    code: str
    name: str
    name_en: str
    supercategory: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Supercategory:
    """A main category that groups categories."""

    code: str
    name: str
    name_en: str
    aliases: tuple[str, ...] = ()


def folded(word: str) -> str:
    """Return a word as it is compared: NFC, no outer space, case folded."""
    return unicodedata.normalize("NFC", word).strip().casefold()


@dataclass(frozen=True)
class Taxonomy:
    """All categories, ids 1 to K without gaps, and every word that leads to one."""

    supercategories: tuple[Supercategory, ...]
    categories: tuple[Category, ...]
    _by_word: dict[str, Category] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        problems = [*self._id_problems(), *self._word_problems(), *self._parent_problems()]
        if problems:
            raise CapturesetError(f"data/categories.yaml: {'; '.join(problems)}.")

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Taxonomy:
        """Return the taxonomy in a document that satisfies schemas/categories.schema.json.

        Raises:
            CapturesetError: an id leaves a gap, or a word leads to two categories.
        """
        return cls(
            tuple(
                Supercategory(s["code"], s["name"], s["name_en"], tuple(s.get("aliases", ())))
                for s in document["supercategories"]
            ),
            tuple(
                Category(c["id"], c["code"], c["name"], c["name_en"], c["supercategory"], tuple(c.get("aliases", ())))
                for c in document["categories"]
            ),
        )

    def _id_problems(self) -> Iterator[str]:
        for place, category in enumerate(self.categories, start=1):
            if category.id != place:
                yield (
                    f"category {category.code} has id {category.id} where {place} is due; "
                    "ids run from 1 without gaps and new ones are appended"
                )

    def _word_problems(self) -> Iterator[str]:
        for category in self.categories:
            for word in {folded(w) for w in (category.code, category.name, category.name_en, *category.aliases)}:
                known = self._by_word.setdefault(word, category)
                if known is not category:
                    yield f"the word {word!r} leads to both {known.code} and {category.code}; keep one"

    def _parent_problems(self) -> Iterator[str]:
        parents = {s.code for s in self.supercategories}
        for category in self.categories:
            if category.supercategory not in parents:
                yield (
                    f"category {category.code} names the supercategory {category.supercategory}, which is not "
                    "in `supercategories`; add it there"
                )

    def find(self, word: str) -> Category | None:
        """Return the category a code, name, English name or alias leads to, or None."""
        return self._by_word.get(folded(word))

    def named_in(self, text: str) -> tuple[str, ...]:
        """Return the codes of the categories that a free text names, sorted.

        A name such as `거실장/테이블` is two words. Of words that overlap the longest counts; Latin ones stand alone,
        Korean ones may have endings.
        """
        spoken: dict[str, str] = {}
        for category in self.categories:
            for name in (category.name, category.name_en, *category.aliases):
                spoken |= dict.fromkeys(map(folded, re.split(r"[/·,]", name)), category.code)
        words = sorted((word for word in spoken if len(word) > 1), key=lambda word: (-len(word), word))
        either = "|".join(rf"\b{re.escape(w)}\b" if w.isascii() else re.escape(w) for w in words)
        return tuple(sorted({spoken[found] for found in re.findall(either, folded(text))})) if words else ()

    def __getitem__(self, code: str) -> Category:
        category = self._by_word.get(folded(code))
        if category is None or category.code != code:
            raise CapturesetError(f"data/categories.yaml has no category {code!r}{self.hint(code)}.")
        return category

    def __contains__(self, code: object) -> bool:
        return any(category.code == code for category in self.categories)

    def hint(self, word: str) -> str:
        """Return `; did you mean X?` for a near miss, else what to do."""
        near = difflib.get_close_matches(folded(word), self._by_word, n=1)
        return f"; did you mean {self._by_word[near[0]].code}?" if near else "; add it there or use one that is"
