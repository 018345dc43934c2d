"""A pupil's classes from year to year, and a class as it was in a past school year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, or_, select

from campus import clock, db
from tenants.people import calendar, naming
from tenants.people.models import Departure, Enrollment, HomeroomClass, SchoolYear
from tenants.people.moves import DEPARTURES


@dataclass(frozen=True, slots=True)
class Past:
    """One line of a pupil's way: what, and when in words."""

    title: str
    words: str
    starts_on: date


def history_of(pupil_id: int) -> list[Past]:
    """A reached pupil's classes and departures, the newest first, a line a school year."""
    rows = db.rows(
        select(
            HomeroomClass.entry_year,
            HomeroomClass.number,
            Enrollment.starts_on,
            Enrollment.ends_on,
            Enrollment.seat_no,
        )
        .join(HomeroomClass, db.on(Enrollment, HomeroomClass, "class_id"))
        .where(
            Enrollment.school_id == db.school_id(),
            Enrollment.pupil_id == pupil_id,
            or_(Enrollment.ends_on.is_(None), Enrollment.ends_on >= Enrollment.starts_on),
        )
    )
    lines = [line for row in rows for line in _years(*row)]
    return sorted([*lines, *_departures(pupil_id)], key=lambda one: one.starts_on, reverse=True)


def _years(
    entry_year: int, number: int, starts_on: date, ends_on: date | None, seat_no: int | None
) -> Sequence[Past]:
    """One place in a class, cut at every first of September."""
    last = max(min(ends_on or date.max, clock.today()), starts_on)
    found = []
    for year in range(calendar.school_year_of(starts_on), calendar.school_year_of(last) + 1):
        begins = max(starts_on, date(year, calendar.YEAR_STARTS_MONTH, 1))
        words = f"{year}—{year + 1}学年"
        if begins == starts_on:
            words += f" · {_day(starts_on)}起"
        if ends_on and ends_on < date(year + 1, 8, 31):
            words += f" · {_day(ends_on)}止"
        if seat_no:
            words += f" · {seat_no} 号"
        found.append(Past(naming.class_label(entry_year, number, begins), words, begins))
    return found


def _day(day: date) -> str:
    return f"{day.year}年{clock.date_words(day)}"


def _departures(pupil_id: int) -> list[Past]:
    rows = db.rows(
        select(Departure.kind, Departure.last_day, Departure.next_school, Departure.back_on).where(
            Departure.school_id == db.school_id(), Departure.pupil_id == pupil_id
        )
    )
    return [_departure(*row) for row in rows]


def _departure(kind: str, last_day: date, next_school: str, back_on: date | None) -> Past:
    words = f"最后一天 {_day(last_day)}"
    words += f" · 去 {next_school}" if next_school else ""
    words += f" · {_day(back_on)}回来" if back_on else ""
    return Past(DEPARTURES[kind], words, last_day + timedelta(days=1))


def past_years() -> list[int]:
    """The school years before this one that the school has classes of, the newest first."""
    now = calendar.school_year_of(clock.today())
    rows = db.rows(
        select(func.min(Enrollment.starts_on)).where(Enrollment.school_id == db.school_id())
    )
    first = rows[0][0]
    if first is None:
        return []
    return list(range(now - 1, calendar.school_year_of(first) - 1, -1))


def last_day_of(year: int) -> date:
    """The last day of the school year that began in ``year``: as set, else 31 August."""
    rows = db.rows(
        select(SchoolYear.ends_on).where(
            SchoolYear.school_id == db.school_id(),
            SchoolYear.starts_on.between(date(year, 8, 1), date(year, 10, 1)),
        )
    )
    ends = rows[0][0] if rows else None
    return ends if ends and calendar.school_year_of(ends) == year else date(year + 1, 8, 31)
