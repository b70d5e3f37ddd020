"""What a quality report of a week or month is about: catalog, quality and releases, read once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from captureset.formats import ledgers, tables
from captureset.formats.taxonomy import load_taxonomy
from captureset.judgement.evidence import gather
from captureset.judgement.reliability import Case, cases
from captureset.records.answer_rows import AnswerRow, ModelBoxRow
from captureset.records.quality_rows import CollectionRow
from captureset.records.rows import AnnotationRow, CaptureRow, FeedbackRow, FrozenSplit, MeasurementRow, QualityRow
from captureset.records.taxonomy import Taxonomy
from captureset.reporting.periods import CalendarPeriod

AFTER_ANY_HOUR = "U"  # sorts after the T between day and hour
DECIDING = frozenset({"confirm", "correct", "reject"})


@dataclass(frozen=True, slots=True)
class Collection:
    """Everything that a repository knows about its captures, or what of it falls into one period."""

    taxonomy: Taxonomy
    captures: Sequence[CaptureRow]
    annotations: Sequence[AnnotationRow]
    feedback: Sequence[FeedbackRow]
    cases: Sequence[Case]  # answers of models beside what people said
    decided_at: Mapping[str, str]  # by capture id, UTC; of those a person has decided on
    quality: Mapping[str, QualityRow]  # by capture id
    gaps: Sequence[CollectionRow]  # what the collection as a whole lacks now
    released: frozenset[str]  # ids of captures that a release has exported

    def within(self, period: CalendarPeriod) -> Collection:
        """Return the captures taken in a period, the feedback given in it, and the answers people judged in it.

        A capture belongs to the day it was taken, UTC, feedback to the day it was given, whatever capture it is about.
        What the collection lacks now belongs to the period of the latest capture: else every report would change when
        anything comes in.
        """
        latest = max((row.captured_at for row in self.captures), default="")
        first, last = period.first.isoformat(), period.last.isoformat() + AFTER_ANY_HOUR
        return replace(
            self,
            captures=[row for row in self.captures if first <= row.captured_at <= last],
            feedback=[row for row in self.feedback if first <= row.given_at <= last],
            gaps=self.gaps if latest in period else [],
            cases=[case for case in self.cases if first <= self.decided_at.get(case.answer.capture_id, "") <= last],
        )

    @property
    def scores(self) -> list[QualityRow]:
        """The quality of its captures; those that no quality table has yet are left out."""
        return [self.quality[row.capture_id] for row in self.captures if row.capture_id in self.quality]


def decided_at(captures: Iterable[CaptureRow], feedback: Iterable[FeedbackRow]) -> dict[str, str]:
    """Return when a person last confirmed, corrected or rejected each capture, UTC.

    One that came in with a person's label was decided when it was taken; one nobody has decided on is left out.
    """
    spoken: dict[str, str] = {}
    for said in feedback:
        if said.verdict in DECIDING:
            spoken[said.capture_id] = max(said.given_at, spoken.get(said.capture_id, ""))
    decided = [row for row in captures if row.review_state != "unreviewed"]
    return {row.capture_id: spoken.get(row.capture_id, row.captured_at) for row in decided}


def load(data: Path) -> Collection:
    """Return what the tables below the folder `data` say.

    Raises:
        CapturesetError: a table is missing or of another version.
    """
    captures = tables.read(data / "catalog/captures.parquet", CaptureRow)
    annotations = tables.read(data / "catalog/annotations.parquet", AnnotationRow)
    measured = tables.read(data / "measure/measurements.parquet", MeasurementRow)
    boxes = tables.read(data / "catalog/model_boxes.parquet", ModelBoxRow)
    feedback = tables.read(data / "catalog/feedback.parquet", FeedbackRow)
    everything = gather(captures, measured, annotations, model_boxes=boxes)
    return Collection(
        taxonomy=load_taxonomy(data / "categories.yaml"),
        captures=captures,
        annotations=annotations,
        feedback=feedback,
        cases=cases(everything, tables.read(data / "catalog/answers.parquet", AnswerRow)),
        decided_at=decided_at(captures, feedback),
        quality={row.capture_id: row for row in tables.read(data / "quality/quality.parquet", QualityRow)},
        gaps=tables.read(data / "quality/collection.parquet", CollectionRow),
        released=frozenset(row.capture_id for row in ledgers.read(data / "splits.csv", FrozenSplit)),
    )
