"""Model against person: of what people judged, how often was the model right, where was it not, and did it know."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from captureset.records.answer_rows import AnswerRow
from captureset.records.rows import CaptureRow, FeedbackRow

JUDGED_STATES = frozenset({"confirmed", "corrected"})
Z_95 = 1.959963984540054  # two-sided 95 % of the normal distribution
BINS = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """What a model said about a capture and what a person left of it."""

    capture_id: str
    judged_at: str  # UTC: the latest confirmation or correction; the time of capture if it came confirmed
    model: str  # name and version
    said: str  # category
    stands: str | None  # category; None: the person saw nothing there
    confidence: float | None  # 0 to 1

    @property
    def accepted(self) -> bool:
        """Whether the model's category stands."""
        return self.said == self.stands


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of how many, with the 95 % Wilson interval of the share."""

    name: str
    count: int
    whole: int

    @property
    def share(self) -> float:
        """0 to 1; 0 of nothing."""
        return self.count / self.whole if self.whole else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The Wilson interval: wide where little is known, never outside 0 to 1."""
        if not self.whole:
            return 0.0, 1.0
        middle = (self.share + Z_95**2 / (2 * self.whole)) / (1 + Z_95**2 / self.whole)
        spread = self.share * (1 - self.share) / self.whole + Z_95**2 / (4 * self.whole**2)
        half = Z_95 * math.sqrt(spread) / (1 + Z_95**2 / self.whole)
        return max(middle - half, 0.0), min(middle + half, 1.0)


@dataclass(frozen=True, slots=True)
class Confusion:
    """Captures of which a model said one category and a person another, by id."""

    said: str
    stands: str | None
    capture_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConfidenceBin:
    """Judged captures whose confidence lies from `low` (included) to `high` (1.0 belongs to the last)."""

    low: float
    high: float
    judged: int
    accepted: int
    mean_confidence: float | None  # None: nothing lies here


def judged(
    captures: Iterable[CaptureRow], answers: Iterable[AnswerRow], feedback: Iterable[FeedbackRow]
) -> list[Judged]:
    """Return what people judged of what models said, in the order of the captures.

    A capture counts when a model named a category and a person confirmed or corrected the label; silence is not
    agreement, and a rejection says nothing about the category.
    """
    answer_of = {row.capture_id: row for row in answers if row.category is not None}
    spoken: dict[str, str] = {}
    for said in feedback:
        if said.verdict in {"confirm", "correct"}:
            spoken[said.capture_id] = max(said.given_at, spoken.get(said.capture_id, ""))
    return [
        _judged(row, answer_of[row.capture_id], spoken.get(row.capture_id, row.captured_at))
        for row in captures
        if row.review_state in JUDGED_STATES and row.capture_id in answer_of
    ]


def _judged(capture: CaptureRow, answer: AnswerRow, judged_at: str) -> Judged:
    named = (answer.model_name or "unnamed model", answer.model_version or "")
    model = " ".join(filter(None, named))
    return Judged(capture.capture_id, judged_at, model, str(answer.category), capture.category, answer.confidence)


def rates(found: Iterable[Judged], name: Callable[[Judged], str]) -> list[Rate]:
    """Return acceptance by name, the most judged first."""
    groups: dict[str, list[bool]] = defaultdict(list)
    for one in found:
        groups[name(one)].append(one.accepted)
    made = [Rate(key, sum(group), len(group)) for key, group in groups.items()]
    return sorted(made, key=lambda rate: (-rate.whole, rate.name))


def most_reliable(found: Sequence[Rate]) -> list[Rate]:
    """Return rates by what is sure at least of them, the surest first: 19 of 20 go before 1 of 1."""
    return sorted(found, key=lambda rate: (-rate.interval[0], rate.name))


def least_reliable(found: Sequence[Rate]) -> list[Rate]:
    """Return rates by the best they can be, the worst first; those without a mistake are left out."""
    return sorted((rate for rate in found if rate.count < rate.whole), key=lambda rate: (rate.interval[1], rate.name))


def confusions(found: Iterable[Judged]) -> list[Confusion]:
    """Return what models took for what, the most frequent first."""
    groups: dict[tuple[str, str | None], list[str]] = defaultdict(list)
    for one in found:
        if not one.accepted:
            groups[one.said, one.stands].append(one.capture_id)
    made = [Confusion(said, stands, tuple(sorted(ids))) for (said, stands), ids in groups.items()]
    return sorted(made, key=lambda pair: (-len(pair.capture_ids), pair.said, pair.stands or ""))


def calibration(found: Iterable[Judged]) -> list[ConfidenceBin]:
    """Return ten bins of confidence; a model that knows itself has as many right as it is confident."""
    confidences: dict[int, list[float]] = defaultdict(list)
    right: Counter[int] = Counter()
    for one in found:
        if one.confidence is not None:
            place = min(math.floor(round(one.confidence * BINS, 9)), BINS - 1)
            confidences[place].append(one.confidence)
            right[place] += one.accepted
    return [_bin(place, confidences[place], right[place]) for place in range(BINS)]


def _bin(place: int, confidences: Sequence[float], right: int) -> ConfidenceBin:
    mean = sum(confidences) / len(confidences) if confidences else None
    return ConfidenceBin(place / BINS, (place + 1) / BINS, len(confidences), right, mean)


def calibration_error(bins: Iterable[ConfidenceBin]) -> float | None:
    """Return the expected calibration error, 0 (knows itself) to 1; None where no confidence was judged.

    The mean distance between confidence and share right over the bins, each weighing what lies in it.
    """
    filled = [one for one in bins if one.mean_confidence is not None]
    whole = sum(one.judged for one in filled)
    off = sum(abs(one.accepted - float(one.mean_confidence or 0.0) * one.judged) for one in filled)
    return off / whole if whole else None
