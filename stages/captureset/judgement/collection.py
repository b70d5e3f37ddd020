"""What the collection as a whole lacks, against the targets in params.yaml; one row a gap, the widest first.

Doing what a row says raises its share; at 1 the row is gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from captureset.judgement.settings import QualityParams
from captureset.records.quality_rows import CollectionRow, ConfusionRow
from captureset.records.rows import CaptureRow, QualityRow
from captureset.records.taxonomy import Taxonomy

BY_PERSON = frozenset({"confirmed", "corrected"})
CONFUSED_FROM = 3  # captures; fewer are chance
SHOWN = 5


def gaps(
    captures: Sequence[CaptureRow],
    quality: Iterable[QualityRow],
    confusions: Iterable[ConfusionRow],
    taxonomy: Taxonomy,
    settings: QualityParams,
) -> list[CollectionRow]:
    """Return every gap of the collection; categories without any capture share one row.

    Args:
        captures: the catalog.
        quality: of these captures.
        confusions: of every model version.
        taxonomy: names the categories.
        settings: section `quality` of params.yaml.
    """
    usable = {row.capture_id for row in quality if row.usable_for_training}
    found = [
        *_feedback(captures, taxonomy, settings),
        *_usable(captures, usable, taxonomy, settings),
        *_boxes(captures, taxonomy),
        *_confused(confusions, taxonomy),
        *_unseen(captures, taxonomy),
    ]
    return sorted(found, key=lambda row: (row.share, row.code, row.category or ""))


def _row(code: str, category: str | None, have: float, wanted: float, sentence: str) -> CollectionRow:
    return CollectionRow(code, category, float(have), float(wanted), round(have / wanted, 6), sentence)


def _counted(number: int, noun: str = "capture") -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _categories(captures: Iterable[CaptureRow]) -> list[str]:
    return sorted({row.category for row in captures if row.category})


def _feedback(captures: Sequence[CaptureRow], taxonomy: Taxonomy, settings: QualityParams) -> Iterator[CollectionRow]:
    answered = Counter(row.category for row in captures if row.review_state in BY_PERSON)
    for code in _categories(captures):
        if answered[code] < settings.feedback_wanted:
            said = f"{_counted(answered[code])} with feedback, {settings.feedback_wanted} wanted"
            yield _row("few_answered", code, answered[code], settings.feedback_wanted, f"{taxonomy[code].name}: {said}")


def _usable(
    captures: Sequence[CaptureRow], usable: set[str], taxonomy: Taxonomy, settings: QualityParams
) -> Iterator[CollectionRow]:
    good = Counter(row.category for row in captures if row.capture_id in usable and row.review_state != "rejected")
    for code in _categories(captures):
        if good[code] < settings.captures_wanted:
            said = f"{_counted(good[code], 'usable capture')}, {settings.captures_wanted} wanted"
            yield _row("few_usable", code, good[code], settings.captures_wanted, f"{taxonomy[code].name}: {said}")


def _boxes(captures: Sequence[CaptureRow], taxonomy: Taxonomy) -> Iterator[CollectionRow]:
    labelled = Counter(row.category for row in captures)
    bare = Counter(row.category for row in captures if row.label_kind == "category")
    for code in _categories(captures):
        if bare[code]:
            said = f"{taxonomy[code].name}: {bare[code]} of {_counted(labelled[code])} without a box, draw them"
            yield _row("without_box", code, labelled[code] - bare[code], labelled[code], said)


def _confused(confusions: Iterable[ConfusionRow], taxonomy: Taxonomy) -> Iterator[CollectionRow]:
    """Give the pairs a model keeps confusing: what it calls `said` is more than by chance something else."""
    rows = list(confusions)
    judged = Counter[tuple[str | None, str | None, str]]()
    for row in rows:
        judged[row.model_name, row.model_version, row.said] += row.captures
    for row in rows:
        total = judged[row.model_name, row.model_version, row.said]
        if row.said != row.person and row.captures >= CONFUSED_FROM:
            one, other = (taxonomy[c].name if c in taxonomy else c for c in (row.said, row.person))
            model = f"model {row.model_name or 'unnamed'} {row.model_version or ''}".rstrip()
            said = f"{one}: in {row.captures} of {_counted(total)} that {model} calls so, people see {other}; "
            yield _row("confused", row.said, total - row.captures, total, said + "collect both and train again")


def _unseen(captures: Sequence[CaptureRow], taxonomy: Taxonomy) -> Iterator[CollectionRow]:
    seen = set(_categories(captures))
    missing = [category.name for category in taxonomy.categories if category.code not in seen]
    if missing:
        total = len(taxonomy.categories)
        shown = ", ".join(missing[:SHOWN]) + (" …" if len(missing) > SHOWN else "")
        said = f"{len(missing)} of {total} categories have no capture yet: {shown}"
        yield _row("unseen", None, total - len(missing), total, said)
