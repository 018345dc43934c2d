"""A school year around the day the suite runs on: a term, a lesson a day, days unlike others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta

from campus import db
from tenants.classes.models import Period, TimetableSlot
from tenants.people.days import SATURDAY
from tenants.people.models import CalendarDay, SchoolYear, Term
from tests.support.seed import SchoolSeed

AROUND, FAR = timedelta(days=60), timedelta(days=50)


def plant_year(school: SchoolSeed, text: Callable[[str], str], today: date) -> None:
    """Make the year in the entered school; ``text`` puts the school's canary to a word.

    There are lessons today whatever day that is, and a day off that nobody meets.
    """
    session, ids = db.session(), school.ids
    start, end = today - AROUND, today + AROUND
    year = SchoolYear(name=text("学年"), starts_on=start, ends_on=end)
    session.add(year)
    session.flush()
    term = Term(year_id=year.id, name=text("学期"), starts_on=start, ends_on=end)
    bells = Period(number=1, starts_at=time(8, 0), ends_at=time(8, 40))
    session.add_all([term, bells, CalendarDay(day=today + FAR, name=text("校庆"))])
    if today.isoweekday() >= SATURDAY:
        session.add(CalendarDay(day=today, name=text("补课"), weekday=1))
    session.flush()
    for weekday in range(1, 8):
        session.add(
            TimetableSlot(
                term_id=term.id,
                class_id=ids["class"],
                weekday=weekday,
                period=1,
                subject_id=ids["subject"],
                staff_id=ids["staff_class_teacher"],
            )
        )
    ids |= {"year": year.id, "term": term.id}
