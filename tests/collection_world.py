"""Collections for quality reports: built from rows, and the same written as the stages write them."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import rows
from captureset.formats import ledgers, tables
from captureset.formats.taxonomy import load_taxonomy
from captureset.judgement.evidence import gather
from captureset.judgement.reliability import Case, cases
from captureset.records.answer_rows import AnswerRow, ModelBoxRow
from captureset.records.quality_rows import CollectionRow
from captureset.records.rows import (
    AnnotationRow,
    CaptureRow,
    FeedbackRow,
    FrozenSplit,
    MeasurementRow,
    QualityRow,
)
from captureset.reporting.collection import Collection, decided_at

ROOT = Path(__file__).resolve().parents[1]
GAP = CollectionRow("few_usable", "FURN_SOFA", 3.0, 100.0, 0.03, "소파: 3 usable captures, 100 wanted")


def said(capture_id: str, given_at: str = "2024-01-16T00:00:00.000000Z", verdict: str = "confirm") -> FeedbackRow:
    """Return one thing a person said."""
    return FeedbackRow(
        capture_id,
        f"f-{capture_id}",
        given_at,
        verdict,
        None,
        None,
        None,
        has_note=False,
        note_categories=(),
        applies=True,
    )


def collection(
    captures: Sequence[CaptureRow],
    feedback: Sequence[FeedbackRow] = (),
    *,
    answers: Sequence[AnswerRow] | None = None,
    annotations: Sequence[AnnotationRow] = (),
    quality: Iterable[QualityRow] = (),
    released: str = "",
) -> Collection:
    """Return a collection in which a model said FURN_SOFA of every capture and all are high, but for what is said."""
    given = [rows.answer(row.capture_id) for row in captures] if answers is None else answers
    measured = [rows.measurement(row.image_md5) for row in captures]
    everything = gather(captures, measured, annotations)
    good = {row.capture_id: rows.quality(row.capture_id) for row in captures}
    return Collection(
        taxonomy=load_taxonomy(ROOT / "data/categories.yaml"),
        captures=captures,
        annotations=annotations,
        feedback=feedback,
        cases=cases(everything, given),
        decided_at=decided_at(captures, feedback),
        quality={**good, **{row.capture_id: row for row in quality}},
        gaps=[GAP],
        released=frozenset(released),
    )


def write(root: Path, whole: Collection) -> None:
    """Write a collection below a repository's root as the stages do."""
    shutil.copy(ROOT / "params.yaml", root / "params.yaml")
    data = root / "data"
    measured = {row.image_md5: rows.measurement(row.image_md5) for row in whole.captures}
    for name, record, found in (
        ("catalog/captures", CaptureRow, whole.captures),
        ("catalog/annotations", AnnotationRow, whole.annotations),
        ("catalog/feedback", FeedbackRow, whole.feedback),
        ("catalog/answers", AnswerRow, [case.answer for case in whole.cases]),
        ("catalog/model_boxes", ModelBoxRow, ()),
        ("measure/measurements", MeasurementRow, list(measured.values())),
        ("quality/quality", QualityRow, list(whole.quality.values())),
        ("quality/collection", CollectionRow, whole.gaps),
    ):
        path = data / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        tables.write(path, record, found)
    ledgers.write(data / "splits.csv", FrozenSplit, [rows.frozen(name) for name in sorted(whole.released)])


def case(number: int, said: str, person: str | None, model: str = "1") -> Case:
    """Return one answer and what a person made of it."""
    state = "unreviewed" if person is None else "confirmed" if said == person else "corrected"
    capture = rows.capture(f"{said}-{number:02d}-{model}", category=person, review_state=state)
    return Case(rows.known(capture), rows.answer(capture.capture_id, said, model_version=model), said, person)


def answered(said: str, right: int, wrong: int, model: str = "1") -> list[Case]:
    """Return so many right answers and so many that were a bed."""
    return [case(n, said, said if n < right else "FURN_BED", model) for n in range(right + wrong)]
