"""What a quality report of a week or month is about: catalog, quality and releases, read once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from captureset.formats import ledgers, tables
from captureset.formats.taxonomy import load_taxonomy
from captureset.records.answer_rows import AnswerRow
from captureset.records.rows import AnnotationRow, CaptureRow, FeedbackRow, FrozenSplit, QualityRow
from captureset.records.taxonomy import Taxonomy
from captureset.reporting.agreement import Judged, judged
from captureset.reporting.periods import CalendarPeriod


@dataclass(frozen=True, slots=True)
class Collection:
    """Everything that a repository knows about its captures, or what of it falls into one period."""

    taxonomy: Taxonomy
    captures: Sequence[CaptureRow]
    annotations: Sequence[AnnotationRow]
    feedback: Sequence[FeedbackRow]
    judged: Sequence[Judged]
    quality: Mapping[str, QualityRow]
    released: frozenset[str]  # ids of captures that a release has exported

    def within(self, period: CalendarPeriod) -> Collection:
        """Return the captures taken in a period, the feedback given in it, and what people judged in it.

        A capture belongs to the day it was taken, UTC, feedback to the day it was given, whatever capture it is about.
        """
        return replace(
            self,
            captures=[row for row in self.captures if row.captured_at in period],
            feedback=[row for row in self.feedback if row.given_at in period],
            judged=[one for one in self.judged if one.judged_at in period],
        )

    @property
    def scores(self) -> list[QualityRow]:
        """The quality of its captures; those that nobody has judged yet are left out."""
        return [self.quality[row.capture_id] for row in self.captures if row.capture_id in self.quality]


def load(data: Path) -> Collection:
    """Return what the tables below the folder `data` say.

    Raises:
        CapturesetError: a table is missing or of another version.
    """
    captures = tables.read(data / "catalog/captures.parquet", CaptureRow)
    feedback = tables.read(data / "catalog/feedback.parquet", FeedbackRow)
    answers = tables.read(data / "catalog/answers.parquet", AnswerRow)
    return Collection(
        taxonomy=load_taxonomy(data / "categories.yaml"),
        captures=captures,
        annotations=tables.read(data / "catalog/annotations.parquet", AnnotationRow),
        feedback=feedback,
        judged=judged(captures, answers, feedback),
        quality={row.capture_id: row for row in tables.read(data / "quality/quality.parquet", QualityRow)},
        released=frozenset(row.capture_id for row in ledgers.read(data / "splits.csv", FrozenSplit)),
    )
