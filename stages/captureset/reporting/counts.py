"""What is counted: categories, scores, reasons, growth. Pure functions of the dataset, every order fixed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from captureset.records.rows import CaptureRow, FilterRow, QualityRow
from captureset.records.splits import SPLITS
from captureset.records.taxonomy import Category
from captureset.reporting.dataset import Dataset

PLACES = (*SPLITS, "none")  # none: dropped or masked
GRADES = ("high", "medium", "low")
STATES = ("confirmed", "corrected", "unreviewed", "rejected")
BINS = 20
EXAMPLES = 5
LONGEST_DAYS, LONGEST_MONTHS = 62, 60  # what one chart can show


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """How often a category occurs, by place (train, val, test, none)."""

    category: Category
    captures: Mapping[str, int]
    boxes: Mapping[str, int]

    @property
    def capture_count(self) -> int:
        """Captures that show it, in all places."""
        return sum(self.captures.values())

    @property
    def box_count(self) -> int:
        """Its boxes, in all places."""
        return sum(self.boxes.values())


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many captures a reason drops, how many it drops alone, and some of them with the sentence."""

    code: str
    captures: int
    alone: int
    examples: Sequence[tuple[str, str]]  # capture id, detail


@dataclass(frozen=True, slots=True)
class Bin:
    """Captures with an overall score from `low` (included) to `high` (1.0 belongs to the last)."""

    low: float
    high: float
    by_grade: Mapping[str, int]
    kept: int

    @property
    def captures(self) -> int:
        """All of them."""
        return sum(self.by_grade.values())


@dataclass(frozen=True, slots=True)
class Period:
    """Captures of one UTC day, month or year, by review state."""

    name: str
    by_state: Mapping[str, int]

    @property
    def captures(self) -> int:
        """All of them."""
        return sum(self.by_state.values())


def categories(dataset: Dataset) -> list[CategoryCount]:
    """Return every category that occurs, the most frequent first; a capture counts for each one it shows."""
    captures: dict[str, Counter[str]] = defaultdict(Counter)
    boxes: dict[str, Counter[str]] = defaultdict(Counter)
    drawn = dataset.boxes_of()
    for capture in dataset.captures:
        place = dataset.place_of(capture.capture_id) or "none"
        codes = [box.category for box in drawn.get(capture.capture_id, ())]
        for code in {*codes, *([capture.category] if capture.category else [])}:
            captures[code][place] += 1
        for code in codes:
            boxes[code][place] += 1
    found = [CategoryCount(dataset.taxonomy[code], captures[code], boxes[code]) for code in captures]
    return sorted(found, key=lambda c: (-c.capture_count, -c.box_count, c.category.id))


def histogram(quality: Iterable[QualityRow], verdicts: Mapping[str, FilterRow]) -> list[Bin]:
    """Return the overall scores in 20 bins of 0.05."""
    grades: dict[int, Counter[str]] = defaultdict(Counter)
    kept: Counter[int] = Counter()
    for row in quality:
        place = min(round(row.overall_score * 1_000_000) * BINS // 1_000_000, BINS - 1)
        grades[place][row.grade] += 1
        kept[place] += verdicts[row.capture_id].kept
    return [Bin(i / BINS, (i + 1) / BINS, {grade: grades[i][grade] for grade in GRADES}, kept[i]) for i in range(BINS)]


def grades(quality: Iterable[QualityRow]) -> dict[str, int]:
    """Return how many captures have each grade."""
    found = Counter(row.grade for row in quality)
    return {grade: found[grade] for grade in GRADES}


def review_states(captures: Iterable[CaptureRow]) -> dict[str, int]:
    """Return how many captures are in each review state."""
    found = Counter(capture.review_state for capture in captures)
    return {state: found[state] for state in STATES}


def most_common(words: Iterable[str]) -> list[tuple[str, int]]:
    """Return words with their counts, the most frequent first, equals by name."""
    return sorted(Counter(words).items(), key=lambda item: (-item[1], item[0]))


def advice(quality: Iterable[QualityRow]) -> list[tuple[str, int]]:
    """Return what is advised to how many captures, the commonest first.

    Advice is one by its code; where its sentences name numbers of their own, the first by capture id stands for all.
    """
    said: dict[str, str] = {}
    found: Counter[str] = Counter()
    for row in sorted(quality, key=lambda row: row.capture_id):
        for code, sentence in zip(row.recommendation_codes, row.recommendations, strict=True):
            said.setdefault(code, sentence)
            found[code] += 1
    return [(said[code], count) for code, count in sorted(found.items(), key=lambda item: (-item[1], item[0]))]


def dropped(verdicts: Iterable[FilterRow]) -> list[ReasonCount]:
    """Return the reasons that drop captures, the most frequent first, with the first examples by id."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    alone: Counter[str] = Counter()
    for row in sorted(verdicts, key=lambda row: row.capture_id):
        for code, detail in zip(row.reasons, row.details, strict=True):
            found[code].append((row.capture_id, detail))
        if len(row.reasons) == 1:
            alone[row.reasons[0]] += 1
    rows = [ReasonCount(code, len(hits), alone[code], tuple(hits[:EXAMPLES])) for code, hits in found.items()]
    return sorted(rows, key=lambda row: (-row.captures, row.code))


def by_day(captures: Iterable[CaptureRow]) -> list[Period]:
    """Return the UTC days that have captures, in order."""
    return list(_periods(_states_by(captures, 10)))


def growth(captures: Sequence[CaptureRow]) -> tuple[str, list[Period]]:
    """Return `day`, `month` or `year`, the finest one chart can show, and every such period without gaps."""
    if not captures:
        return "day", []
    days = sorted(capture.captured_at[:10] for capture in captures)
    unit, names = _span(date.fromisoformat(days[0]), date.fromisoformat(days[-1]))
    found = _states_by(captures, len(names[0]))
    return unit, list(_periods({name: found.get(name, Counter()) for name in names}))


def _span(first: date, last: date) -> tuple[str, list[str]]:
    """Return the unit and the names of all its periods from the first to the last day."""
    if (last - first).days < LONGEST_DAYS:
        return "day", [(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]
    start, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    if end - start < LONGEST_MONTHS:
        return "month", [f"{n // 12:04d}-{n % 12 + 1:02d}" for n in range(start, end + 1)]
    return "year", [f"{year:04d}" for year in range(first.year, last.year + 1)]


def _states_by(captures: Iterable[CaptureRow], length: int) -> dict[str, Counter[str]]:
    """Count review states by the first characters of the UTC time: 10 the day, 7 the month, 4 the year."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for capture in captures:
        found[capture.captured_at[:length]][capture.review_state] += 1
    return found


def _periods(found: Mapping[str, Counter[str]]) -> Iterator[Period]:
    for name in sorted(found):
        yield Period(name, {state: found[name][state] for state in STATES})
