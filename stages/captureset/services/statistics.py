"""How much there is: captures, boxes, categories, grades, feedback, bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from captureset.errors import CapturesetError
from captureset.judgement.scores import GRADES
from captureset.records.rows import CaptureRow
from captureset.services.judged import Judged
from captureset.store.repository import Repository

FIRST, LAST = ("start", "from", "start_date"), ("end", "to", "end_date")
STORED = {"inbox_bytes": "data/inbox", "quarantine_bytes": "data/quarantine", "cache_bytes": ".dvc/cache"}

Days = tuple[str, str]  # first and last UTC day, both included


def days_of(told: Any) -> Days | None:
    """Return the days of a date range, None for all of them.

    Raises:
        CapturesetError: it is no pair of days.
    """
    if told is None:
        return None
    pair = told
    if isinstance(told, Mapping):
        pair = [next((told[key] for key in keys if told.get(key)), None) for keys in (FIRST, LAST)]
    both = isinstance(pair, Sequence) and not isinstance(pair, str | bytes) and len(pair) == 2  # noqa: PLR2004 - first, last
    days = [_day(one) for one in pair] if both else [None]
    if None in days or days != sorted(days, key=str):
        raise CapturesetError("date_range is no first and last day; write it as ('2024-01-01', '2024-01-31').")
    return str(days[0]), str(days[1])


def _day(told: Any) -> str | None:
    """Return a day as text that sorts, None when it is none."""
    try:
        moment = datetime.fromisoformat(told) if isinstance(told, str) else told
        return f"{moment:%Y-%m-%d}" if isinstance(moment, date) else None
    except ValueError:
        return None


def within(captures: Iterable[Judged], days: Days | None) -> list[Judged]:
    """Return the captures of these days."""
    return [one for one in captures if days is None or days[0] <= one.capture.captured_at[:10] <= days[1]]


def has_feedback(capture: CaptureRow) -> bool:
    """Say whether a person said anything about a capture's label."""
    return capture.feedback_count > 0 or capture.review_state != "unreviewed"


def statistics(captures: Iterable[Judged], days: Days | None = None) -> dict[str, Any]:
    """Return counts of the captures of these days; shares are 0 to 1, of nothing 0."""
    counted = within(captures, days)
    categories = Counter(one.capture.category for one in counted if one.capture.category)
    grades = Counter(one.quality.grade for one in counted)
    spoken = sum(has_feedback(one.capture) for one in counted)
    return {
        "total_images": len(counted),
        "total_annotations": sum(one.boxes for one in counted),
        "category_distribution": dict(sorted(categories.items())),
        "quality_distribution": {f"{grade}_quality": grades[grade] for grade in reversed(GRADES)},
        "feedback_coverage": round(spoken / len(counted), 6) if counted else 0.0,
        "latest_data_date": max((one.capture.captured_at for one in counted), default=None),
        "waiting_images": sum(not one.committed for one in counted),
    }


def storage_usage(repository: Repository) -> dict[str, int]:
    """Return bytes on this disk; what only the DVC remote has is not counted."""
    sizes = {name: _bytes_below(repository.root / folder) for name, folder in STORED.items()}
    return {"total_bytes": sum(sizes.values()), **sizes}


def _bytes_below(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue  # taken away at this very moment
    return total
