"""Which captures are most worth a person's look: the chance that the label is wrong, and what an answer would teach.

Every doubt about a label is a chance of 0 to 1; they are joined as independent ones are, so a second doubt adds to a
first and never exceeds 1. Half of what is left goes to how much the category still lacks feedback.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod

from captureset.judgement.gate import GATE_FLAGS
from captureset.judgement.settings import QualityParams
from captureset.records.answer_rows import AnswerRow
from captureset.records.quality_rows import LabelRow, ReliabilityRow
from captureset.records.rows import CaptureRow, FeedbackRow, QualityRow

BY_PERSON = frozenset({"confirmed", "corrected"})
MARKED, NOTED, CONTRADICTED, RATED_LOW, SENSELESS, OFF_SIZE = 0.8, 0.4, 0.8, 0.5, 0.95, 0.4
LOW_RATING = 2
UNKNOWN = 0.5  # the chance of a label that nobody gave a confidence
TELLING = 0.2  # a smaller disagreement is drawing, not doubt
SURE = 0.95  # from this confidence on nothing is said about it
FEWEST_JUDGED = 3  # answers, before a model has a record

Said = tuple[str | None, str | None, str | None]  # name and version of a model, and the category it named
Doubt = tuple[str, float, str]  # stable code, chance that the label is wrong, sentence


@dataclass(frozen=True, slots=True)
class Candidate:
    """One capture with the reasons to look at it, the gravest first."""

    capture_id: str
    worth: float  # 0 to 1
    category: str | None
    reasons: tuple[str, ...]  # stable codes
    details: tuple[str, ...]  # one sentence each, in the order of reasons


@dataclass(frozen=True, slots=True)
class Known:
    """What the ranking looks at, beside the captures."""

    quality: Mapping[str, QualityRow]  # by capture id, as the next three
    labels: Mapping[str, LabelRow]
    feedback: Mapping[str, Sequence[FeedbackRow]]  # in the order it was given
    answers: Mapping[str, AnswerRow]
    records: Mapping[Said, ReliabilityRow]


def records_of(rows: Iterable[ReliabilityRow]) -> dict[Said, ReliabilityRow]:
    """Return what people made of a model's answers, by name, version and category, where enough of them spoke."""
    return {(r.model_name, r.model_version, r.category): r for r in rows if r.judged >= FEWEST_JUDGED}


def ranked(
    captures: Sequence[CaptureRow], known: Known, settings: QualityParams, set_aside: Container[str] = ()
) -> list[Candidate]:
    """Return the captures that give a reason to look, the most worthwhile first; never rejected or set aside ones."""
    answered = Counter(row.category for row in captures if row.review_state in BY_PERSON)
    found = []
    for row in captures:
        if row.review_state == "rejected" or row.capture_id in set_aside:
            continue
        doubts = sorted(_doubts(row, known), key=lambda doubt: -doubt[1])
        wrong = 1 - prod(1 - chance for _, chance, _ in doubts)
        teaches = _teaches(row, answered, settings)
        if doubts or teaches:
            found.append(_candidate(row, wrong + (1 - wrong) * teaches / 2, doubts, answered, settings))
    return sorted(found, key=lambda one: (-one.worth, one.capture_id))


def _teaches(row: CaptureRow, answered: Mapping[str | None, int], settings: QualityParams) -> float:
    """Return how much an answer is wanted: 1 for a category nobody has answered, 0 from the target on."""
    if row.review_state in BY_PERSON or row.category is None or not settings.feedback_wanted:
        return 0.0
    return max(0.0, 1 - answered[row.category] / settings.feedback_wanted)


def _candidate(
    row: CaptureRow,
    worth: float,
    doubts: Iterable[Doubt],
    answered: Mapping[str | None, int],
    settings: QualityParams,
) -> Candidate:
    reasons = [(code, sentence) for code, _, sentence in doubts]
    if _teaches(row, answered, settings):
        said = f"{answered[row.category]} of {settings.feedback_wanted} wanted captures of its category have feedback"
        reasons.append(("few_answered", said))
    codes, details = zip(*reasons, strict=True)
    return Candidate(row.capture_id, round(worth, 4), row.category, codes, details)


def _doubts(row: CaptureRow, known: Known) -> Iterator[Doubt]:
    quality, label = known.quality.get(row.capture_id), known.labels.get(row.capture_id)
    yield from _said(row, known.feedback.get(row.capture_id, ()))
    if quality is not None:
        yield from _flagged(quality)
    if label is not None:
        yield from _seen(label)
    if row.review_state == "unreviewed":
        yield from _unsure(row, known)


def _said(row: CaptureRow, feedback: Sequence[FeedbackRow]) -> Iterator[Doubt]:
    """Give what people and sidecars say; a verdict settles the notes before it."""
    if row.review_reasons:
        yield "review_wanted", MARKED, f"marked for review: {', '.join(row.review_reasons)}"
    since = max((place for place, said in enumerate(feedback) if said.verdict != "note"), default=0)
    notes = [said for said in feedback[since:] if said.has_note]
    named = sorted({code for said in notes for code in said.note_categories})
    if named and row.category not in named:
        yield "note_contradicts", CONTRADICTED, f"a note names {', '.join(named)}, the label {row.category}"
    elif any(said.verdict == "note" for said in notes):
        yield "note", NOTED, "a person left a note"
    if row.rating is not None and row.rating <= LOW_RATING and row.review_state != "corrected":
        yield "low_rating", RATED_LOW, f"a person rated the answer {row.rating} of 5"


def _flagged(quality: QualityRow) -> Iterator[Doubt]:
    advice = dict(zip(quality.recommendation_codes, quality.recommendations, strict=True))
    for flag in quality.flags:
        if flag in GATE_FLAGS:
            yield flag, SENSELESS, advice[flag]
        elif flag in {"size_impossible", "size_disagrees"}:
            yield flag, OFF_SIZE, advice[flag]


def _seen(label: LabelRow) -> Iterator[Doubt]:
    """Give what the foreground and the model's own boxes say."""
    of_model = {
        "overlooked": (label.overlooked_score, "the model is sure of something that the label lacks"),
        "badly_located": (label.badly_located_score, "the model has the box elsewhere"),
        "swapped": (label.swapped_score, "the model is sure of another category"),
    }
    if label.mask_iou is not None and 1 - label.mask_iou > TELLING:
        said = f"boxes and foreground of the twin share {label.mask_iou * 100:.0f} % (IoU)"
        yield "mask_disagrees", 1 - label.mask_iou, said
    for code, (score, sentence) in of_model.items():
        if score is not None and 1 - score > TELLING:
            yield code, 1 - score, sentence


def _unsure(row: CaptureRow, known: Known) -> Iterator[Doubt]:
    """Give the doubt of a label nobody has looked at: the model's own, and its record with this category."""
    if row.label_kind == "none":
        yield "no_label", SENSELESS, "nobody has said what it shows"
        return
    confidence = row.model_confidence
    if confidence is None:
        yield "low_confidence", UNKNOWN, "no confidence is known"
    elif confidence < SURE:
        yield "low_confidence", 1 - max(confidence, 0.0), f"the model is {confidence * 100:.0f} % sure"
    answer = known.answers.get(row.capture_id)
    if row.label_origin == "model" and answer is not None:
        yield from _record(known.records.get((answer.model_name, answer.model_version, answer.category)))


def _record(record: ReliabilityRow | None) -> Iterator[Doubt]:
    if record is not None and record.judged - record.category_right > TELLING * record.judged:
        said = f"people agreed with {record.category_right} of {record.judged} that this model calls {record.category}"
        yield "often_wrong", 1 - record.category_right / record.judged, said
