"""The tables `dvc plots show` draws: data/report/plots/*.csv, one observation a row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import accumulate

from captureset.reporting import counts
from captureset.reporting.dataset import Dataset
from captureset.reporting.wording import DROPPED_BECAUSE

Row = Sequence[object]


def plots(dataset: Dataset) -> dict[str, str]:
    """Return the CSV files by name. Counts are of captures or boxes; scores run from 0 to 1; days are UTC."""
    return {
        "categories.csv": _csv(("category", "category_name", "split", "captures", "boxes"), _categories(dataset)),
        "quality.csv": _csv(("overall_score_from", "overall_score_to", "grade", "captures"), _quality(dataset)),
        "growth.csv": _csv(
            ("day_number", "day_utc", "captures_new", "captures_total", *(f"{state}_total" for state in counts.STATES)),
            _growth(dataset),
        ),
        "dropped.csv": _csv(
            ("reason", "captures", "captures_for_this_reason_alone"),
            _dropped(dataset),
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


def _dropped(dataset: Dataset) -> Iterator[Row]:
    """Give every reason there is, those that drop nothing too: a plot of no row at all is an error to DVC."""
    found = {row.code: row for row in counts.dropped(dataset.verdicts.values())}
    for code in sorted({*DROPPED_BECAUSE, *found}):
        yield code, *((found[code].captures, found[code].alone) if code in found else (0, 0))


def _growth(dataset: Dataset) -> Iterator[Row]:
    """Give days with running totals, after a row of nothing: DVC's line needs two points and a number to stand on.

    `day_number` is 1 on the first day that brought captures; DVC cannot place a date on an axis.
    """
    days = counts.by_day(dataset.captures)
    totals = [accumulate([day.by_state[state] for day in days]) for state in counts.STATES]
    if days:
        before = date.fromisoformat(days[0].name).toordinal() - 1
        yield 0, "", 0, 0, *(0 for _ in counts.STATES)
    for day, total, *states in zip(days, accumulate(day.captures for day in days), *totals, strict=True):
        yield date.fromisoformat(day.name).toordinal() - before, day.name, day.captures, total, *states
