"""`captureset stats`: what the catalog knows, and what the repository takes on this machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from captureset.catalog import Catalog, current
from captureset.formats import tables
from captureset.inspection.storage import Storage, storage
from captureset.records.rows import CaptureRow, QualityRow
from captureset.store import pointers
from captureset.store.repository import Repository

GRADES = ("high", "medium", "low")
DIGITS = 6

Days = tuple[str, str]  # first and last UTC day, both included


def statistics(repository: Repository, days: Days | None = None, taken: Storage | None = None) -> dict[str, Any]:
    """Return everything `captureset stats --json` says; `catalog_statistics` has the keys, `storage_usage` is added.

    Args:
        repository: which; its catalog is that of the committed pointers, whether or not `dvc repro` has run since.
        days: of capture, all by default; what is stored does not depend on it.
        taken: what it takes, if that is known already.

    Raises:
        CapturesetError: a committed sidecar or manifest cannot be read.
    """
    catalog = current(repository.root) if pointers.read(repository.pointers) else Catalog()
    found = catalog_statistics(catalog, _judged(repository), days)
    return {**found, "storage_usage": asdict(taken or storage(repository))}


def catalog_statistics(catalog: Catalog, judged: Iterable[QualityRow], days: Days | None = None) -> dict[str, Any]:
    """Return totals, captures by category and by grade, the share with feedback and the latest day.

    A capture counts for the category of the capture as a whole, the largest box's. `feedback_coverage` is the share of
    captures with at least one feedback record, 0 to 1, None of no capture. A capture that no quality table has yet is
    `not_judged`.

    Args:
        catalog: of the captures.
        judged: rows of the quality table, of any captures.
        days: first and last UTC day of capture, both included; all by default.
    """
    captures = [row for row in catalog.captures if days is None or days[0] <= row.captured_at[:10] <= days[1]]
    ids = {row.capture_id for row in captures}
    boxes = [row for row in catalog.annotations if row.capture_id in ids]
    grades = {row.capture_id: row.grade for row in judged}
    with_feedback = sum(row.feedback_count > 0 for row in captures)
    return {
        "total_images": len(captures),
        "total_annotations": len(boxes),
        "category_distribution": _by_category(captures),
        "boxes_by_category": _sorted(Counter(row.category for row in boxes)),
        "without_category": sum(row.category is None for row in captures),
        "quality_distribution": _by_grade(captures, grades),
        "review_states": _sorted(Counter(row.review_state for row in captures)),
        "with_feedback": with_feedback,
        "feedback_coverage": round(with_feedback / len(captures), DIGITS) if captures else None,
        "feedback_waiting": sum(not row.applies for row in catalog.feedback),
        "earliest_data_date": min((row.captured_at[:10] for row in captures), default=None),
        "latest_data_date": max((row.captured_at[:10] for row in captures), default=None),
    }


def _by_category(captures: Sequence[CaptureRow]) -> dict[str, int]:
    return _sorted(Counter(row.category for row in captures if row.category is not None))


def _by_grade(captures: Sequence[CaptureRow], grades: Mapping[str, str]) -> dict[str, int]:
    found = Counter(grades.get(row.capture_id) for row in captures)
    return {**{f"{grade}_quality": found[grade] for grade in GRADES}, "not_judged": found[None]}


def _sorted(found: Mapping[str, int]) -> dict[str, int]:
    """Return counts, the most frequent first, equals by name."""
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _judged(repository: Repository) -> list[QualityRow]:
    path = repository.root / "data/quality/quality.parquet"
    return tables.read(path, QualityRow) if path.exists() else []
