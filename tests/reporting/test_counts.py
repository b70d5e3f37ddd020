"""What is counted, and from how much."""

from __future__ import annotations

import report_world
import rows
from captureset.records.rows import FilterRow
from captureset.reporting import counts


def test_a_capture_counts_once_for_each_category_it_shows() -> None:
    """Two sofas and a bed in one photo: one capture and two boxes for sofa, one and one for bed."""
    boxes = [
        rows.annotation(position=n, category=code) for n, code in enumerate(["FURN_SOFA", "FURN_SOFA", "FURN_BED"])
    ]
    found = counts.categories(report_world.dataset([rows.capture()], boxes))
    assert [(c.category.code, c.capture_count, c.box_count) for c in found] == [
        ("FURN_SOFA", 1, 2),
        ("FURN_BED", 1, 1),
    ]


def test_dropped_and_masked_captures_are_in_no_split() -> None:
    """They count in the catalog all the same."""
    dataset = report_world.dataset(
        [rows.capture(name) for name in "abc"],
        dropped={"a": [("rejected", "a person rejected it")]},
        splits={"b": rows.placed("b", "val", masked="bridges_frozen_splits"), "c": rows.placed("c", "test")},
    )
    sofa = counts.categories(dataset)[0]
    assert dict(sofa.captures) == {"none": 2, "test": 1}


def test_every_score_has_its_bin() -> None:
    """A score on an edge belongs to the bin it opens, and 1.0 to the last; none is lost to rounding."""
    scores = [n / 20 for n in range(21)]
    quality = [rows.quality(str(n), overall_score=score) for n, score in enumerate(scores)]
    bins = counts.histogram(quality, {str(n): FilterRow(str(n), True, (), ()) for n in range(21)})  # noqa: FBT003
    assert [part.captures for part in bins] == [1] * 19 + [2]
    assert [part.kept for part in bins] == [1] * 19 + [2]


def test_a_reason_knows_what_it_drops_alone() -> None:
    """Two captures are blurred, one of them also rejected: alone counts one."""
    both = (("not_usable", "too low"), ("rejected", "a person rejected it"))
    dataset = report_world.dataset(
        [rows.capture(name) for name in "ab"], dropped={"a": both, "b": [("not_usable", "too low")]}
    )
    found = {row.code: row for row in counts.dropped(dataset.verdicts.values())}
    assert (found["not_usable"].captures, found["not_usable"].alone) == (2, 1)
    assert (found["rejected"].captures, found["rejected"].alone) == (1, 0)
    assert found["not_usable"].examples == (("a", "too low"), ("b", "too low"))


def test_examples_are_the_first_five_by_id() -> None:
    """Whatever order the table has."""
    verdicts = [FilterRow(f"{n}", False, ("date",), ("late",)) for n in reversed(range(9))]  # noqa: FBT003
    assert [name for name, _ in counts.dropped(verdicts)[0].examples] == ["0", "1", "2", "3", "4"]


def test_days_without_a_capture_are_in_the_growth() -> None:
    """A gap is a gap, not a shorter axis."""
    days = ("2024-02-28", "2024-03-02")
    unit, periods = counts.growth([rows.capture(day, captured_at=f"{day}T23:59:59Z") for day in days])
    assert unit == "day"
    assert [(period.name, period.captures) for period in periods] == [
        ("2024-02-28", 1),
        ("2024-02-29", 0),
        ("2024-03-01", 0),
        ("2024-03-02", 1),
    ]


def test_long_growth_is_by_month_and_very_long_by_year() -> None:
    """Over a turn of the year, and over a wrong clock of 1970."""
    months = [rows.capture(d, captured_at=f"{d}T00:00:00Z") for d in ("2023-11-30", "2024-02-01")]
    unit, periods = counts.growth(months)
    assert (unit, [period.name for period in periods]) == ("month", ["2023-11", "2023-12", "2024-01", "2024-02"])
    unit, periods = counts.growth([*months, rows.capture("x", captured_at="1970-01-01T00:00:00Z")])
    assert (unit, len(periods), sum(period.captures for period in periods)) == ("year", 55, 3)


def test_growth_of_nothing_is_nothing() -> None:
    """No capture, no period."""
    assert counts.growth([]) == ("day", [])


def test_equals_are_ordered_by_name() -> None:
    """So that the page does not depend on the order of rows."""
    assert counts.most_common(["b", "a", "c", "c"]) == [("c", 2), ("a", 1), ("b", 1)]
