"""The weeks of a term from Monday to Sunday; week 1 holds the term's first day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tenants.people.calendar import school_year_of, week_of_term
from tenants.people.days import SATURDAY, Special, weekday_name

DAYS = 7
# The term that is offered first; every school changes it to its province's calendar.
FIRST, SECOND = ((9, 1), (1, 29)), ((2, 22), (7, 9))


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the calendar: ``kind`` is out (of the term), rest, holiday, make-up or school."""

    on: date
    kind: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Week:
    """One week of a term."""

    number: int
    days: tuple[Day, ...]

    @property
    def parity(self) -> str:
        """单周 or 双周."""
        return "单" if self.number % 2 else "双"


def weeks_of(starts_on: date, ends_on: date, days: Sequence[Special] = ()) -> list[Week]:
    """Every week of a term, the first and the last one whole."""
    told = {one.day: one for one in days}
    monday = starts_on - timedelta(days=starts_on.weekday())
    found = []
    while monday <= ends_on:
        week = tuple(
            _day(monday + timedelta(days=place), starts_on, ends_on, told) for place in range(DAYS)
        )
        found.append(Week(week_of_term(starts_on, monday), week))
        monday += timedelta(days=DAYS)
    return found


def _day(day: date, starts_on: date, ends_on: date, told: Mapping[date, Special]) -> Day:
    special = told.get(day)
    if not starts_on <= day <= ends_on:
        return Day(day, "out")
    if special is not None and special.weekday is not None:
        return Day(day, "make-up", f"补{weekday_name(special.weekday)}的课")
    if special is not None:
        return Day(day, "holiday", special.name)
    return Day(day, "rest" if day.isoweekday() >= SATURDAY else "school")


def usual_year(today: date) -> dict[str, str]:
    """The year that is offered before a school has set one; from June on the coming one."""
    year = school_year_of(today + timedelta(days=92))
    (first, end), (second, last) = FIRST, SECOND
    return {
        "year": str(year),
        "first_starts": date(year, *first).isoformat(),
        "first_ends": date(year + 1, *end).isoformat(),
        "second_starts": date(year + 1, *second).isoformat(),
        "second_ends": date(year + 1, *last).isoformat(),
    }
