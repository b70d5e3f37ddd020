"""data/report/plots: tables that DVC can draw."""

from __future__ import annotations

import csv
import io

import report_world
import rows
from captureset.reporting.dataset import Dataset
from captureset.reporting.plots import plots
from captureset.reporting.wording import DROPPED_BECAUSE


def table(dataset: Dataset, name: str) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(plots(dataset)[name])))


def test_categories_have_a_row_for_every_place() -> None:
    """Also where there is none, so that two versions compare row by row."""
    dataset = report_world.dataset([rows.capture()], [rows.annotation()])
    found = [(r["category"], r["split"], r["captures"], r["boxes"]) for r in table(dataset, "categories.csv")]
    assert found == [
        ("FURN_SOFA", "train", "1", "1"),
        ("FURN_SOFA", "val", "0", "0"),
        ("FURN_SOFA", "test", "0", "0"),
        ("FURN_SOFA", "none", "0", "0"),
    ]


def test_quality_counts_every_capture_once() -> None:
    """Twenty bins of three grades hold all captures."""
    dataset = report_world.dataset([rows.capture(name) for name in "abc"])
    found = table(dataset, "quality.csv")
    assert len(found) == 60
    assert sum(int(row["captures"]) for row in found) == 3
    assert [row["overall_score_from"] for row in found if row["captures"] == "3"] == ["0.80"]


def test_growth_begins_with_nothing_and_ends_with_all() -> None:
    """A line needs two points: one day of captures is a line from 0; days without captures leave a gap in numbers."""
    days = ("2024-01-15", "2024-01-15", "2024-01-18")
    dataset = report_world.dataset(
        [rows.confirmed(str(n), captured_at=f"{day}T00:00:00Z") for n, day in enumerate(days)]
    )
    found = [
        (r["day_number"], r["day_utc"], r["captures_new"], r["captures_total"], r["confirmed_total"])
        for r in table(dataset, "growth.csv")
    ]
    assert found == [
        ("0", "", "0", "0", "0"),
        ("1", "2024-01-15", "2", "2", "2"),
        ("4", "2024-01-18", "1", "3", "3"),
    ]


def test_the_first_day_of_all_is_no_error() -> None:
    """A sidecar of the year 1 has no day before it."""
    dataset = report_world.dataset([rows.capture(captured_at="0001-01-01T00:00:00Z")])
    assert table(dataset, "growth.csv")[1]["day_number"] == "1"


def test_reasons_that_drop_nothing_are_there_too() -> None:
    """An empty table would be an error to DVC; a reason this version does not know is added."""
    dataset = report_world.dataset([rows.capture()], dropped={"a": [("new_code", "x")]})
    found = {row["reason"]: row["captures"] for row in table(dataset, "dropped.csv")}
    assert found == {**dict.fromkeys(DROPPED_BECAUSE, "0"), "new_code": "1"}


def test_no_capture_gives_headers() -> None:
    """Every file is there, with its columns."""
    assert all(text.count(",") >= 2 for text in plots(report_world.dataset([])).values())
