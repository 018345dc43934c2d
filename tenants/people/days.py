"""Which days have lessons: terms, weekdays, days off, make-up days (调休).

What a school says of a day of its own goes first, then the term, then the weekday. A school that
has set no term at all has not said when it teaches, so there every day may be one of lessons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, delete, exists, func, select

from campus import audit, clock, db
from campus.actor import Actor
from campus.moments import Day
from tenants.people import calendar
from tenants.people.bulk import tie_rows
from tenants.people.models import CalendarDay, Term
from tenants.people.permissions import People

SATURDAY = 6  # as date.isoweekday() counts
DAY = bindparam("day", type_=Day)
# What a statement about a day asks besides: the first day of its term, what the school says of the
# day as [name, weekday], and whether it has set any term. Parameter: day.
TERM = (
    select(Term.starts_on)
    .where(Term.school_id == db.SCHOOL, Term.starts_on <= DAY, Term.ends_on >= DAY)
    .limit(1)
    .scalar_subquery()
)
TOLD = (
    select(func.json_build_array(CalendarDay.name, CalendarDay.weekday))
    .where(CalendarDay.school_id == db.SCHOOL, CalendarDay.day == DAY)
    .scalar_subquery()
)
KNOWN = select(exists().where(Term.school_id == db.SCHOOL)).scalar_subquery()


class Kind(StrEnum):
    """What sort of day it is."""

    SCHOOL = "school"
    MAKE_UP = "make-up"
    HOLIDAY = "holiday"
    REST = "rest"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class SchoolDay:
    """A day of the school: ``weekday`` is whose timetable holds, 0 for a day without lessons."""

    on: date
    kind: Kind
    weekday: int
    name: str = ""
    term_starts_on: date | None = None

    @property
    def open(self) -> bool:
        """Whether there are lessons, and so attendance."""
        return self.weekday > 0

    @property
    def closed_words(self) -> str:
        """``放假（国庆节）``, ``是星期六，不上课`` or ``不在学期里``; empty on a day of lessons."""
        if self.kind is Kind.HOLIDAY:
            return f"放假（{self.name}）"
        if self.kind is Kind.REST:
            return f"是{weekday_name(self.on.isoweekday())}，不上课"
        return "不在学期里" if self.kind is Kind.OUT else ""

    @property
    def line(self) -> str:
        """``第12周 星期一``, and why it is unlike others: ``补星期四的课``, ``国庆节放假``."""
        words = weekday_name(self.on.isoweekday())
        if self.term_starts_on is not None:
            words = f"第{calendar.week_of_term(self.term_starts_on, self.on)}周 {words}"
        if self.kind is Kind.MAKE_UP:
            words += f" · 补{weekday_name(self.weekday)}的课"
        return f"{words} · {self.name}放假" if self.kind is Kind.HOLIDAY else words


def weekday_name(number: int) -> str:
    """``星期一`` for 1."""
    return f"星期{clock.WEEKDAYS[number - 1]}"


def school_day(
    day: date, term_starts_on: date | None, told: Sequence[Any] | None, known: bool
) -> SchoolDay:
    """Judge a day by the answers to `TERM`, `TOLD` and `KNOWN`."""
    weekday, name = day.isoweekday(), ""
    if told is not None:
        name, weekday = told[0], told[1] or 0
        kind = Kind.MAKE_UP if weekday else Kind.HOLIDAY
    elif known and term_starts_on is None:
        kind, weekday = Kind.OUT, 0
    elif known and weekday >= SATURDAY:
        kind, weekday = Kind.REST, 0
    else:
        kind = Kind.SCHOOL
    return SchoolDay(day, kind, weekday, name, term_starts_on)


def day_on(day: date) -> SchoolDay:
    """A day of the entered school, in one statement."""
    [row] = db.rows(select(TERM, TOLD, KNOWN), {"day": day})
    return school_day(day, *row)


@dataclass(frozen=True, slots=True)
class Special:
    """What a school says of one day: a day off, or a make-up day with the weekday it stands for."""

    day: date
    name: str
    weekday: int | None = None


def specials(first: date, last: date) -> list[Special]:
    """What the entered school says of the days from ``first`` to ``last``, in their order."""
    rows = db.rows(
        select(CalendarDay.day, CalendarDay.name, CalendarDay.weekday)
        .where(CalendarDay.school_id == db.school_id(), CalendarDay.day.between(first, last))
        .order_by(CalendarDay.day)
    )
    return [Special(*row) for row in rows]


def set_specials(actor: Actor, *, first: date, last: date, days: Sequence[Special]) -> list[date]:
    """Let ``days`` be all that is special from ``first`` to ``last``; those that are now newly off.

    Nothing that was recorded on such a day is touched.
    """
    actor.check(People.IMPORT)
    before = {one.day for one in specials(first, last) if one.weekday is None}
    db.session().execute(
        delete(CalendarDay).where(
            CalendarDay.school_id == db.school_id(), CalendarDay.day.between(first, last)
        )
    )
    tie_rows(
        CalendarDay,
        {
            "day": [one.day for one in days],
            "name": [one.name for one in days],
            "weekday": [one.weekday for one in days],
        },
    )
    off = [one.day for one in days if one.weekday is None]
    audit.record(
        actor, "people.set-days", "calendar", None, off=len(off), make_up=len(days) - len(off)
    )
    return sorted(set(off) - before)
