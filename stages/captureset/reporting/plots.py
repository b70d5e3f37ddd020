"""The tables `dvc plots show` draws: data/report/plots/*.csv, one observation a row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from captureset.reporting import counts
from captureset.reporting.dataset import Dataset

Row = Sequence[object]


def plots(dataset: Dataset) -> dict[str, str]:
    """Return the CSV files by name. Counts are of captures or boxes; scores run from 0 to 1; days are UTC."""
    return {
        "categories.csv": _csv(("category", "category_name", "split", "captures", "boxes"), _categories(dataset)),
        "quality.csv": _csv(("overall_score_from", "overall_score_to", "grade", "captures"), _quality(dataset)),
        "growth.csv": _csv(
            ("day_utc", "captures_new", "captures_total", *(f"{state}_total" for state in counts.STATES)),
            _growth(dataset),
        ),
        "dropped.csv": _csv(
            ("reason", "captures", "captures_for_this_reason_alone"),
            ((row.code, row.captures, row.alone) for row in counts.dropped(dataset.verdicts.values())),
        ),
    }


def _csv(header: Row, rows: Iterable[Row]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def _categories(dataset: Dataset) -> Iterator[Row]:
    for found in counts.categories(dataset):
        for place in counts.PLACES:
            category = found.category
            yield category.code, category.name, place, found.captures.get(place, 0), found.boxes.get(place, 0)


def _quality(dataset: Dataset) -> Iterator[Row]:
    for part in counts.histogram(dataset.quality.values(), dataset.verdicts):
        for grade in counts.GRADES:
            yield f"{part.low:.2f}", f"{part.high:.2f}", grade, part.by_grade[grade]


def _growth(dataset: Dataset) -> Iterator[Row]:
    days = counts.by_day(dataset.captures)
    totals = [accumulate(day.by_state[state] for day in days) for state in counts.STATES]
    for day, total, *states in zip(days, accumulate(day.captures for day in days), *totals, strict=True):
        yield day.name, day.captures, total, *states
