"""The classes of a past school year, as they were on its last day; nothing can be changed there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from campus import clock, db, texts
from campus.actor import Actor
from campus.errors import NotFound
from tenants.people import calendar, naming, scope
from tenants.people.history import last_day_of, past_years
from tenants.people.models import Assignment, Enrollment, HomeroomClass, Pupil, Staff
from tenants.people.queries import polite


@dataclass(frozen=True, slots=True)
class PastClass:
    """A class as it was; pupils as (id, name, seat)."""

    id: int
    label: str
    grade_title: str
    other_label: str
    homeroom: str
    size: int
    pupils: Sequence[tuple[int, str, int | None]] = ()


@dataclass(frozen=True, slots=True)
class PastYear:
    """A school year and the classes the actor reaches of it."""

    year: int
    last_day: date
    classes: list[PastClass]

    @property
    def title(self) -> str:
        """``2025—2026学年``."""
        return f"{self.year}—{self.year + 1}学年"


def asked_year(text: str | None) -> int | None:
    """The past year of the address; None for this year. Raises NotFound for one without classes."""
    if not text:
        return None
    year = texts.number(text, 4)
    if year == calendar.school_year_of(clock.today()):
        return None
    if year not in past_years():
        raise NotFound
    return year


def past_classes(actor: Actor, year: int) -> PastYear:
    """Every class the actor reaches that had pupils on the year's last day."""
    day = last_day_of(year)
    rows = db.rows(_statement(actor, day))
    return PastYear(year, day, [_shown(row, day) for row in rows if row.size])


def past_class(actor: Actor, class_id: int, year: int) -> tuple[PastYear, PastClass]:
    """One class with its pupils on the year's last day. Raises NotFound out of reach."""
    day = last_day_of(year)
    rows = db.rows(_statement(actor, day).where(HomeroomClass.id == class_id))
    if not rows or not rows[0].size:
        raise NotFound
    pupils = db.rows(
        select(Pupil.id, Pupil.name, Enrollment.seat_no)
        .join(Enrollment, db.on(Enrollment, Pupil, "pupil_id"))
        .where(
            Enrollment.school_id == db.school_id(),
            Enrollment.class_id == class_id,
            scope.current(Enrollment, day),
        )
        .order_by(Enrollment.seat_no, Pupil.name_key)
    )
    found = _shown(rows[0], day, [(row[0], row[1], row[2]) for row in pupils])
    return PastYear(year, day, [found]), found


def _statement(actor: Actor, day: date) -> db.AnySelect:
    homeroom = (
        select(Staff.name)
        .join(Assignment, db.on(Assignment, Staff, "staff_id"))
        .where(
            Assignment.school_id == HomeroomClass.school_id,
            Assignment.class_id == HomeroomClass.id,
            Assignment.homeroom,
            scope.current(Assignment, day),
        )
        .limit(1)
        .scalar_subquery()
    )
    size = (
        select(func.count())
        .where(
            Enrollment.school_id == HomeroomClass.school_id,
            Enrollment.class_id == HomeroomClass.id,
            scope.current(Enrollment, day),
        )
        .scalar_subquery()
    )
    return (
        select(
            HomeroomClass.id,
            HomeroomClass.entry_year,
            HomeroomClass.number,
            homeroom.label("homeroom"),
            size.label("size"),
        )
        .where(scope.visible_classes(actor))
        .order_by(HomeroomClass.entry_year.desc(), HomeroomClass.number)
    )


def _shown(
    row: db.AnyRow, day: date, pupils: Sequence[tuple[int, str, int | None]] = ()
) -> PastClass:
    return PastClass(
        row.id,
        naming.class_label(row.entry_year, row.number, day),
        calendar.grade_title(row.entry_year, day),
        naming.other_label(row.entry_year, row.number, day),
        polite(row.homeroom) if row.homeroom else "",
        row.size,
        pupils,
    )
