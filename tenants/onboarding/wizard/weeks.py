"""The weeks of a term from Monday to Sunday; week 1 holds the term's first day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tenants.people.calendar import school_year_of, week_of_term

DAYS = 7
SATURDAY = 5
# The term that is offered first; every school changes it to its province's calendar.
FIRST, SECOND = ((9, 1), (1, 29)), ((2, 22), (7, 9))


@dataclass(frozen=True, slots=True)
class Holiday:
    """Days without lessons inside a term, both included."""

    name: str
    starts_on: date
    ends_on: date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.starts_on <= day <= self.ends_on


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the calendar: ``kind`` is out (of the term), rest, holiday or school."""

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


def weeks_of(starts_on: date, ends_on: date, holidays: Sequence[Holiday] = ()) -> list[Week]:
    """Every week of a term, the first and the last one whole."""
    monday = starts_on - timedelta(days=starts_on.weekday())
    found = []
    while monday <= ends_on:
        days = tuple(
            _day(monday + timedelta(days=place), starts_on, ends_on, holidays)
            for place in range(DAYS)
        )
        found.append(Week(week_of_term(starts_on, monday), days))
        monday += timedelta(days=DAYS)
    return found


def _day(day: date, starts_on: date, ends_on: date, holidays: Sequence[Holiday]) -> Day:
    if not starts_on <= day <= ends_on:
        return Day(day, "out")
    for holiday in holidays:
        if day in holiday:
            return Day(day, "holiday", holiday.name)
    return Day(day, "rest" if day.weekday() >= SATURDAY else "school")


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
