"""`captureset review`: what the tables of catalog and quality say about where a person's look is worth most."""

from __future__ import annotations

from collections import defaultdict

from captureset import params
from captureset.capture import exclude
from captureset.formats import tables
from captureset.judgement import ranking
from captureset.judgement.settings import QualityParams
from captureset.records.answer_rows import AnswerRow
from captureset.records.quality_rows import LabelRow, ReliabilityRow
from captureset.records.rows import CaptureRow, FeedbackRow, QualityRow
from captureset.store.repository import Repository


def candidates(repository: Repository) -> list[ranking.Candidate]:
    """Return every capture that gives a reason to look at it, the most worthwhile first.

    Raises:
        CapturesetError: the tables are missing or of another version.
    """
    data = repository.root / "data"
    settings = params.record(QualityParams, "quality", repository.root / params.PARAMS_FILE)
    feedback: dict[str, list[FeedbackRow]] = defaultdict(list)
    for said in tables.read(data / "catalog/feedback.parquet", FeedbackRow):
        feedback[said.capture_id].append(said)
    known = ranking.Known(
        quality={row.capture_id: row for row in tables.read(data / "quality/quality.parquet", QualityRow)},
        labels={row.capture_id: row for row in tables.read(data / "quality/labels.parquet", LabelRow)},
        feedback=feedback,
        answers={row.capture_id: row for row in tables.read(data / "catalog/answers.parquet", AnswerRow)},
        records=ranking.records_of(tables.read(data / "quality/reliability.parquet", ReliabilityRow)),
    )
    captures = tables.read(data / "catalog/captures.parquet", CaptureRow)
    return ranking.ranked(captures, known, settings, {row.capture_id for row in exclude.read(repository)})
