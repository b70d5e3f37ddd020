"""What do we want? Every capture kept or dropped by the criteria of params.yaml, each with every reason.

Reads the catalog, the quality, the near-duplicates and the ledger of exclusions. Writes data/filter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from captureset import params, stage
from captureset.duplicates.keeping import Candidate, give_way
from captureset.errors import CapturesetError
from captureset.formats import ledgers, tables
from captureset.formats.taxonomy import load_taxonomy
from captureset.judgement.gate import GATE_FLAGS
from captureset.records.rows import AnnotationRow, CaptureRow, DuplicateRow, Exclusion, FilterRow, QualityRow
from captureset.records.taxonomy import Taxonomy

OUT = "data/filter"
GRADE_RANK = {"low": 1, "medium": 2, "high": 3}

Reason = tuple[str, str]  # stable code, sentence


@dataclass(frozen=True, slots=True)
class FilterParams:
    """Section `filter` of params.yaml."""

    date_range: Sequence[str] | None  # first and last UTC day
    min_confidence: float
    feedback_only: bool
    categories: Sequence[str] | str  # codes, or "all"
    min_quality_grade: str | None
    require_usable: bool
    duplicates: str  # keep_best, keep_all


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the criteria look at, for one capture."""

    capture: CaptureRow
    quality: QualityRow
    categories: frozenset[str]
    excluded: str | None


def reasons_against(facts: Facts, settings: FilterParams) -> Iterator[Reason]:
    """Give every reason to drop a capture, duplicates apart."""
    yield from _label_reasons(facts)
    yield from _criteria_reasons(facts, settings)
    yield from _quality_reasons(facts.quality, settings)


def _label_reasons(facts: Facts) -> Iterator[Reason]:
    if facts.excluded is not None:
        yield "excluded", f"set aside by a person: {facts.excluded}"
    if facts.capture.review_state == "rejected":
        yield "rejected", "a person rejected it"
    if facts.capture.label_kind == "none":
        yield "no_label", "nobody has said what it shows"


def _criteria_reasons(facts: Facts, settings: FilterParams) -> Iterator[Reason]:
    capture, day = facts.capture, facts.capture.captured_at[:10]
    if settings.date_range and not settings.date_range[0] <= day <= settings.date_range[1]:
        yield "date", f"captured on {day}, outside {settings.date_range[0]} to {settings.date_range[1]}"
    confidence = capture.model_confidence or 0.0
    if capture.label_origin not in {"person", "none"} and confidence < settings.min_confidence:
        known = f"{confidence:g}" if capture.model_confidence is not None else "(unknown)"
        yield "confidence", f"the label's confidence {known} is below {settings.min_confidence:g}"
    if settings.feedback_only and capture.review_state not in {"confirmed", "corrected"}:
        yield "no_feedback", "no person has confirmed or corrected it"
    if settings.categories != "all":
        others = sorted(facts.categories - set(settings.categories))
        if others:
            yield "category", f"shows {', '.join(others)}, which filter.categories leaves out"


def _quality_reasons(quality: QualityRow, settings: FilterParams) -> Iterator[Reason]:
    if "unreadable" in quality.flags:
        yield "unreadable", "its file cannot be decoded"
    least = settings.min_quality_grade
    if least is not None and GRADE_RANK[quality.grade] < GRADE_RANK[least]:
        yield "grade", f"grade {quality.grade} is below {least}"
    if settings.require_usable and not quality.usable_for_training:
        refused = [flag for flag in quality.flags if flag in GATE_FLAGS]
        because = f" ({', '.join(quality.flags)})" if quality.flags else ""
        too_low = f"overall score {quality.overall_score:.2f} is too low for training{because}"
        yield "not_usable", f"its label fails the gate ({', '.join(refused)})" if refused else too_low


def judge(everything: Sequence[Facts], pairs: Iterable[DuplicateRow], settings: FilterParams) -> list[FilterRow]:
    """Return the verdict on every capture, in the catalog's order; a copy gives way only to a kept capture."""
    reasons = {facts.capture.capture_id: list(reasons_against(facts, settings)) for facts in everything}
    if settings.duplicates == "keep_best":
        wanted = [facts for facts in everything if not reasons[facts.capture.capture_id]]
        copies = give_way((Candidate(facts.capture, facts.quality) for facts in wanted), pairs)
        for name, why in copies.items():
            reasons[name].append((why.code, why.sentence))
    return [
        FilterRow(capture_id, not found, tuple(code for code, _ in found), tuple(sentence for _, sentence in found))
        for capture_id, found in reasons.items()
    ]


def gather(
    captures: Iterable[CaptureRow],
    annotations: Iterable[AnnotationRow],
    quality: Iterable[QualityRow],
    excluded: Mapping[str, str],
) -> list[Facts]:
    """Return the facts of every capture, in the catalog's order."""
    shown: dict[str, set[str]] = defaultdict(set)
    for annotation in annotations:
        shown[annotation.capture_id].add(annotation.category)
    judged = {row.capture_id: row for row in quality}
    return [
        Facts(
            capture,
            judged[capture.capture_id],
            frozenset(shown[capture.capture_id] or ({capture.category} - {None})),  # type: ignore[arg-type]
            excluded.get(capture.capture_id),
        )
        for capture in captures
    ]


def require_known(settings: FilterParams, taxonomy: Taxonomy) -> None:
    """Return when every wanted category exists.

    Raises:
        CapturesetError: one does not; it is named with the nearest known one.
    """
    for code in settings.categories if settings.categories != "all" else ():
        if code not in taxonomy:
            raise CapturesetError(f"params.yaml: filter.categories names {code!r}, unknown{taxonomy.hint(code)}.")


def main() -> None:
    """Judge every capture by the criteria, write the table."""
    settings = FilterParams(**params.load("filter"))
    require_known(settings, load_taxonomy(Path("data/categories.yaml")))
    facts = gather(
        tables.read(Path("data/catalog/captures.parquet"), CaptureRow),
        tables.read(Path("data/catalog/annotations.parquet"), AnnotationRow),
        tables.read(Path("data/quality/quality.parquet"), QualityRow),
        {row.capture_id: row.reason for row in ledgers.read(Path("data/exclusions.csv"), Exclusion)},
    )
    alike = tables.read(Path("data/quality/duplicates.parquet"), DuplicateRow)
    with stage.output(Path(OUT)) as folder:
        tables.write(folder / "filter.parquet", FilterRow, judge(facts, alike, settings))


if __name__ == "__main__":
    stage.run(main, "filter")
