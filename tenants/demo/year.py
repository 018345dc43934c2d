"""The school year around a day: terms, bells, the days children come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta

from tenants.people.calendar import school_year_of
from tenants.people.days import SATURDAY, Special
from tenants.people.years import TermDates

BELLS = (
    (time(8, 20), time(9, 0)),
    (time(9, 10), time(9, 50)),
    (time(10, 20), time(11, 0)),
    (time(11, 10), time(11, 50)),
    (time(14, 0), time(14, 40)),
    (time(14, 50), time(15, 30)),
    (time(15, 50), time(16, 30)),
)
# The days off of the invented schools, on the same days each year: name, month, first, last day.
HOLIDAYS = (("元旦", 1, 1, 1), ("劳动节", 5, 1, 5), ("国庆节", 10, 1, 7))


@dataclass(frozen=True, slots=True)
class Year:
    """A school year, as the school sets it."""

    name: str
    starts_on: date
    ends_on: date
    terms: tuple[TermDates, TermDates]


def year_of(today: date) -> Year:
    """The school year that holds ``today``, 1 September to 31 August."""
    first = school_year_of(today)
    last = first + 1
    terms = (
        TermDates("上学期", date(first, 9, 1), date(last, 1, 29)),
        TermDates("下学期", date(last, 2, 22), date(last, 7, 9)),
    )
    return Year(f"{first}—{last}学年", date(first, 9, 1), date(last, 8, 31), terms)


def days_off(year: Year) -> list[Special]:
    """The days off inside the year's terms, in order."""
    return [
        Special(date(at, month, day), name)
        for at in (year.starts_on.year, year.ends_on.year)
        for name, month, first, last in HOLIDAYS
        for day in range(first, last + 1)
        if _in_term(year, date(at, month, day))
    ]


def _in_term(year: Year, day: date) -> bool:
    return any(term.starts_on <= day <= term.ends_on for term in year.terms)


def term_place(year: Year, today: date) -> int:
    """0 or 1: the term that holds ``today``, or in the holidays the one before."""
    return 1 if today >= year.terms[1].starts_on else 0


def school_days(today: date, count: int) -> list[date]:
    """The last ``count`` days of teaching up to and with ``today``, oldest first.

    Early in September there are fewer.
    """
    found: list[date] = []
    year, day = year_of(today), today
    off = {one.day for one in days_off(year)}
    while day >= year.starts_on and len(found) < count:
        if _in_term(year, day) and day.isoweekday() < SATURDAY and day not in off:
            found.append(day)
        day -= timedelta(days=1)
    return found[::-1]
