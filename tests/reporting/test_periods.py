"""Weeks and months of the calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captureset.errors import CapturesetError
from captureset.reporting import periods


@pytest.mark.parametrize(
    ("name", "first", "last", "stem"),
    [
        ("2024-01", "2024-01-01", "2024-01-31", "2024_01_quality"),
        ("2024-02", "2024-02-01", "2024-02-29", "2024_02_quality"),
        ("2024-W03", "2024-01-15", "2024-01-21", "2024_w03_quality"),
        ("2020-W53", "2020-12-28", "2021-01-03", "2020_w53_quality"),
        ("2025-W01", "2024-12-30", "2025-01-05", "2025_w01_quality"),
    ],
)
def test_a_name_has_its_days(name: str, first: str, last: str, stem: str) -> None:
    """Months as they are, weeks by ISO 8601, also over a turn of the year."""
    period = periods.parse(name)
    assert (period.name, period.first.isoformat(), period.last.isoformat()) == (name, first, last)
    assert period.file_stem == stem


@pytest.mark.parametrize("name", ["2024-13", "2024-00", "2024-W54", "2023-W53", "2024-1", "2024", "January", "2024-W3"])
def test_what_is_no_period_is_refused_by_name(name: str) -> None:
    """A month or week that the year does not have, and any other form."""
    with pytest.raises(CapturesetError, match=f"'{name}' is no month and no ISO week"):
        periods.parse(name)


@given(st.dates(), st.sampled_from(["weekly", "monthly"]))
def test_every_day_is_in_one_period_and_the_one_before_ends_the_day_before(day: date, kind: periods.Kind) -> None:
    """Periods tile the calendar, and a name leads back to its period."""
    period = periods.of_day(kind, f"{day.isoformat()}T23:59:59Z")
    assert period.first <= day <= period.last
    assert day.isoformat() in period.days
    assert f"{day.isoformat()}T00:00:00Z" in period
    assert periods.parse(period.name) == period
    if period.first > date.min:
        assert period.before().last == period.first - timedelta(1)


def test_moments_have_their_periods_in_order() -> None:
    """Each once; those between are left out."""
    found = periods.every("monthly", ["2024-03-01T00:00:00Z", "2024-01-31T23:59:59Z", "2024-03-02T00:00:00Z"])
    assert [period.name for period in found] == ["2024-01", "2024-03"]
