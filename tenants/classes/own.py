"""A teacher's own classes and lessons: the frame of every page, and the page of today."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Text, and_, cast, func, or_, select

from campus import clock, db
from campus.actor import Actor
from tenants.classes.attendance import STATES, Tally, tally
from tenants.classes.models import AttendanceMark, AttendanceSheet, Period, TimetableSlot
from tenants.people import calendar, naming, scope
from tenants.people.models import (
    Assignment,
    Enrollment,
    HomeroomClass,
    Pupil,
    Staff,
    Subject,
    Term,
)

# The classes a teacher is assigned to today as JSON, for the frame of every page; as text, because
# the frame is drawn anew only where this has changed.
MY_CLASSES = (
    select(
        cast(
            func.json_agg(
                func.json_build_array(
                    HomeroomClass.id,
                    HomeroomClass.entry_year,
                    HomeroomClass.number,
                    Assignment.homeroom,
                    Subject.name,
                )
            ),
            Text,
        )
    )
    .select_from(Assignment)
    .join(HomeroomClass, db.on(Assignment, HomeroomClass, "class_id"))
    .outerjoin(Subject, db.on(Assignment, Subject, "subject_id"))
    .where(
        Assignment.school_id == db.SCHOOL,
        Assignment.staff_id.in_(scope.ACTING),
        scope.current(Assignment),
    )
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class OwnClass:
    """A class of a teacher's own, with what they are there."""

    id: int
    entry_year: int
    number: int
    homeroom: bool
    roles: tuple[str, ...]

    @property
    def label(self) -> str:
        """``三年级（2）班``."""
        return naming.class_label(self.entry_year, self.number, clock.today())

    @property
    def short_label(self) -> str:
        """``三（2）班``."""
        return naming.short_label(self.entry_year, self.number, clock.today())

    @property
    def role(self) -> str:
        """``班主任`` first, else the subjects."""
        return "班主任" if self.homeroom else "、".join(self.roles)


def own_classes(values: Any) -> list[OwnClass]:
    """`MY_CLASSES` read back: one entry a class, the homeroom class first."""
    found: dict[int, OwnClass] = {}
    for number, entry_year, ordinal, homeroom, subject in json.loads(values.my_classes or "[]"):
        held = found.get(number)
        roles = (held.roles if held else ()) + ((subject,) if subject else ())
        main = homeroom or (held.homeroom if held else False)
        found[number] = OwnClass(number, entry_year, ordinal, main, roles)
    return sorted(found.values(), key=lambda one: (not one.homeroom, -one.entry_year, one.number))


@dataclass(frozen=True, slots=True)
class Away:
    """A child who is not simply here today."""

    name: str
    state_title: str


@dataclass(frozen=True, slots=True)
class DayAttendance:
    """This half day's attendance of a class in brief."""

    tally: Tally
    exceptions: list[Away]


@dataclass(frozen=True, slots=True)
class ClassToday:
    """A class on a teacher's page of today."""

    id: int
    label: str
    role: str
    pupils: int
    attendance: DayAttendance | None


def classes_today(own: list[OwnClass], *, day: date, half: str) -> list[ClassToday]:
    """How this half day stands in each of a teacher's classes, in one statement."""
    if not own:
        return []
    rows = db.rows(_today_statement([one.id for one in own], day, half))
    found = {row[0]: row for row in rows}
    return [_class_today(one, found[one.id]) for one in own if one.id in found]


def _today_statement(class_ids: list[int], day: date, half: str) -> Any:
    school = db.school_id()
    in_it = select(func.count()).where(
        Enrollment.school_id == school,
        Enrollment.class_id == HomeroomClass.id,
        scope.current(Enrollment, day),
    )
    pupils = in_it.scalar_subquery()
    marks = (
        select(func.json_agg(func.json_build_array(Pupil.name, AttendanceMark.state)))
        .select_from(AttendanceMark)
        .join(Pupil, db.on(AttendanceMark, Pupil, "pupil_id"))
        .where(
            AttendanceMark.school_id == school,
            AttendanceMark.sheet_id == AttendanceSheet.id,
            AttendanceMark.pupil_id.in_(in_it.with_only_columns(Enrollment.pupil_id)),
        )
        .scalar_subquery()
    )
    return (
        select(HomeroomClass.id, pupils, AttendanceSheet.id, marks)
        .outerjoin(
            AttendanceSheet,
            and_(
                AttendanceSheet.school_id == HomeroomClass.school_id,
                AttendanceSheet.class_id == HomeroomClass.id,
                AttendanceSheet.day == day,
                AttendanceSheet.half == half,
            ),
        )
        .where(HomeroomClass.school_id == school, HomeroomClass.id.in_(class_ids))
    )


def _class_today(one: OwnClass, row: Any) -> ClassToday:
    marks = row[3] or []
    attendance = None
    if row[2] is not None:
        exceptions = [Away(name, STATES[state]) for name, state in marks]
        numbers = tally([state for _, state in marks], row[1])
        attendance = DayAttendance(numbers, exceptions)
    return ClassToday(one.id, one.label, one.role, row[1], attendance)


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson of a teacher's day."""

    period: int
    time: str
    subject: str
    class_label: str
    now: bool


def lessons_today(actor: Actor, moment: datetime, weekday: int) -> list[Lesson]:
    """The actor's lessons of the day of ``moment``, in order.

    ``weekday`` is whose timetable holds that day: a make-up day has another's, a day off none (0).
    """
    day, at = clock.day_of(moment), moment.time()
    if not weekday:
        return []
    rows = db.rows(
        select(
            Period.number,
            Period.starts_at,
            Period.ends_at,
            Subject.name,
            HomeroomClass.entry_year,
            HomeroomClass.number,
        )
        .select_from(TimetableSlot)
        .join(Staff, db.on(TimetableSlot, Staff, "staff_id"))
        .join(Term, db.on(TimetableSlot, Term, "term_id"))
        .join(Subject, db.on(TimetableSlot, Subject, "subject_id"))
        .join(HomeroomClass, db.on(TimetableSlot, HomeroomClass, "class_id"))
        .join(
            Period,
            and_(
                Period.school_id == TimetableSlot.school_id,
                Period.number == TimetableSlot.period,
            ),
        )
        .where(
            TimetableSlot.school_id == db.school_id(),
            Staff.account_id == actor.account_id,
            TimetableSlot.weekday == weekday,
            Term.starts_on <= day,
            Term.ends_on >= day,
        )
        .order_by(Period.number)
    )
    return [
        Lesson(
            row[0],
            f"{row[1]:%H:%M}",
            row[3],
            naming.short_label(row[4], row[5], day),
            row[1] <= at <= row[2],
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class ClassLine:
    """A class in the list of all classes."""

    id: int
    label: str
    grade_title: str
    pupils: int
    homeroom: str


def all_classes(actor: Actor) -> list[ClassLine]:
    """Every class the actor reaches, the first grade first."""
    day = clock.today()
    homeroom = (
        select(Staff.name)
        .join(Assignment, db.on(Assignment, Staff, "staff_id"))
        .where(
            Assignment.school_id == HomeroomClass.school_id,
            Assignment.class_id == HomeroomClass.id,
            Assignment.homeroom,
            scope.current(Assignment),
        )
        .limit(1)
        .scalar_subquery()
    )
    pupils = (
        select(func.count())
        .where(
            Enrollment.school_id == HomeroomClass.school_id,
            Enrollment.class_id == HomeroomClass.id,
            scope.current(Enrollment),
        )
        .scalar_subquery()
    )
    rows = db.rows(
        select(HomeroomClass.id, HomeroomClass.entry_year, HomeroomClass.number, pupils, homeroom)
        .where(
            scope.visible_classes(actor),
            HomeroomClass.entry_year <= naming.newest_entry(day),
            or_(HomeroomClass.graduated_on.is_(None), HomeroomClass.graduated_on >= day),
        )
        .order_by(HomeroomClass.entry_year.desc(), HomeroomClass.number)
    )
    return [
        ClassLine(
            row[0],
            naming.class_label(row[1], row[2], day),
            calendar.grade_title(row[1], day),
            row[3],
            row[4] or "",
        )
        for row in rows
    ]
