"""Weeks and months of the calendar, UTC: what a quality report is about."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from captureset.errors import CapturesetError

MONTH, WEEK = re.compile(r"(\d{4})-(\d{2})"), re.compile(r"(\d{4})-W(\d{2})")
WEEKS_A_YEAR, MONTHS_A_YEAR = 52, 12

Kind = Literal["weekly", "monthly"]


@dataclass(frozen=True, slots=True)
class CalendarPeriod:
    """One ISO week (2024-W03, Monday to Sunday) or one month (2024-01); both days belong to it."""

    kind: Kind
    name: str
    first: date
    last: date

    @property
    def file_stem(self) -> str:
        """`2024_01_quality` or `2024_w03_quality`."""
        return f"{self.name.replace('-', '_').lower()}_quality"

    @property
    def days(self) -> list[str]:
        """Every day of it, `2024-01-15`."""
        return [_later(self.first, n).isoformat() for n in range((self.last - self.first).days + 1)]

    @property
    def share_of_month(self) -> float:
        """How much of a month it stands for when a target is said per month: 1, or 12/52 for a week."""
        return 1.0 if self.kind == "monthly" else MONTHS_A_YEAR / WEEKS_A_YEAR

    def __contains__(self, moment: str) -> bool:
        """Say whether a UTC time or day, `2024-01-15…`, falls into it."""
        return self.first.isoformat() <= moment[:10] <= self.last.isoformat()

    def before(self) -> CalendarPeriod:
        """Return the week or month before it."""
        return of_day(self.kind, _later(self.first, -1).isoformat())


def of_day(kind: Kind, day: str) -> CalendarPeriod:
    """Return the week or month that a UTC time or day falls into."""
    moment = date.fromisoformat(day[:10])
    if kind == "monthly":
        last = monthrange(moment.year, moment.month)[1]
        return CalendarPeriod(kind, day[:7], moment.replace(day=1), moment.replace(day=last))
    year, week, weekday = moment.isocalendar()
    return CalendarPeriod(kind, f"{year:04d}-W{week:02d}", _later(moment, 1 - weekday), _later(moment, 7 - weekday))


def _later(day: date, days: int) -> date:
    """Return a day so many days later; the calendar's first and last day are the end of it."""
    return date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal()))


def parse(text: str) -> CalendarPeriod:
    """Return the month or the ISO week of this name.

    Raises:
        CapturesetError: it is neither, or the year has no such month or week.
    """
    month, week = MONTH.fullmatch(text), WEEK.fullmatch(text)
    try:
        if month:
            return of_day("monthly", date(int(month[1]), int(month[2]), 1).isoformat())
        if week:
            return of_day("weekly", date.fromisocalendar(int(week[1]), int(week[2]), 1).isoformat())
    except ValueError:
        pass
    raise CapturesetError(f"{text!r} is no month and no ISO week; write a month as 2024-01, a week as 2024-W03.")


def every(kind: Kind, moments: Iterable[str]) -> list[CalendarPeriod]:
    """Return the weeks or months that these UTC times fall into, in order; those between them are left out."""
    days = sorted({moment[:10] for moment in moments})
    found = {period.name: period for period in (of_day(kind, day) for day in days)}
    return list(found.values())
