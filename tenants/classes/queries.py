"""The class as its teachers see it. A page costs two statements here: the head and the pupils."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ScalarSelect, and_, func, literal, select
from sqlalchemy.orm import aliased

from campus import clock, db
from campus.actor import Actor
from campus.errors import NotFound
from tenants.classes.attendance import HALVES, STATES
from tenants.classes.models import AttendanceMark, AttendanceSheet, Praise, PraisePupil
from tenants.people import calendar, scope
from tenants.people.models import (
    Assignment,
    Enrollment,
    HomeroomClass,
    Pupil,
    Staff,
    Term,
)
from tenants.people.queries import date_line, given_name, polite, tint

FEED_LINES = 6


@dataclass(frozen=True, slots=True)
class PupilCell:
    """One pupil on the class page. ``state`` is None when present (or not taken)."""

    id: int
    name: str
    seat_no: int | None
    tail: str
    tint: str
    state: str | None
    state_title: str


@dataclass(frozen=True, slots=True)
class AttendanceLine:
    """How many came, in numbers a teacher says aloud."""

    present: int
    late: int
    leave: int
    absent: int
    taken_at: datetime
    taken_by: str


@dataclass(frozen=True, slots=True)
class FeedLine:
    """One line of what just happened in the class."""

    at: datetime
    text: str
    praise_id: int
    can_undo: bool


@dataclass(frozen=True, slots=True)
class ClassHead:
    """Everything of the class page but the pupils."""

    id: int
    label: str
    entry_label: str
    pupil_count: int
    homeroom: str
    date_line: str
    half: str
    half_title: str
    sheet_id: int | None
    taken_at: datetime | None
    taken_by: str
    feed: list[FeedLine]


def on(left: Any, right: Any, column: str) -> Any:
    """Join condition inside one school: left.column = right.id."""
    return and_(right.school_id == left.school_id, right.id == getattr(left, column))


def class_head(actor: Actor, class_id: int, *, day: date, half: str) -> ClassHead:
    """The head of the class page. Raises NotFound for a class out of the actor's reach."""
    found = db.rows(_head_statement(actor, class_id, day, half))
    if not found:
        raise NotFound
    row = found[0]
    return ClassHead(
        id=class_id,
        label=calendar.class_label(row.entry_year, row.number, day),
        entry_label=calendar.entry_label(row.entry_year, row.number),
        pupil_count=row.pupil_count,
        homeroom=polite(row.homeroom) if row.homeroom else "",
        date_line=date_line(row.term_starts_on, day),
        half=half,
        half_title=HALVES[half],
        sheet_id=row.sheet_id,
        taken_at=row.taken_at,
        taken_by=polite(row.taken_by) if row.taken_by else "",
        feed=[_feed_line(item) for item in row.feed or ()],
    )


def _head_statement(actor: Actor, class_id: int, day: date, half: str) -> db.AnySelect:
    school = db.school_id()
    taker = aliased(Staff)
    homeroom = (
        select(Staff.name)
        .join(Assignment, on(Assignment, Staff, "staff_id"))
        .where(
            Assignment.school_id == school,
            Assignment.class_id == class_id,
            Assignment.homeroom,
            scope.current(Assignment, day),
        )
        .limit(1)
        .scalar_subquery()
    )
    pupils = (
        select(func.count())
        .where(
            Enrollment.school_id == school,
            Enrollment.class_id == class_id,
            scope.current(Enrollment, day),
        )
        .scalar_subquery()
    )
    term = (
        select(Term.starts_on)
        .where(Term.school_id == school, Term.starts_on <= day, Term.ends_on >= day)
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(
            HomeroomClass.entry_year,
            HomeroomClass.number,
            homeroom.label("homeroom"),
            pupils.label("pupil_count"),
            term.label("term_starts_on"),
            AttendanceSheet.id.label("sheet_id"),
            AttendanceSheet.taken_at,
            taker.name.label("taken_by"),
            _feed(actor, class_id).label("feed"),
        )
        .outerjoin(
            AttendanceSheet,
            and_(
                AttendanceSheet.school_id == HomeroomClass.school_id,
                AttendanceSheet.class_id == HomeroomClass.id,
                AttendanceSheet.day == day,
                AttendanceSheet.half == half,
            ),
        )
        .outerjoin(
            taker,
            and_(
                taker.school_id == AttendanceSheet.school_id,
                taker.account_id == AttendanceSheet.taken_by,
            ),
        )
        .where(scope.visible_classes(actor), HomeroomClass.id == class_id)
    )


def _feed(actor: Actor, class_id: int) -> ScalarSelect[Any]:
    """The latest praise of the class as one JSON array, newest first."""
    school = db.school_id()
    names = (
        select(func.string_agg(Pupil.name, "、"))
        .join(PraisePupil, on(PraisePupil, Pupil, "pupil_id"))
        .where(PraisePupil.school_id == school, PraisePupil.praise_id == Praise.id)
        .scalar_subquery()
    )
    latest = (
        select(
            func.json_build_array(
                Praise.created_at,
                Staff.name,
                names,
                Praise.text,
                Praise.id,
                Staff.account_id == actor.account_id,
            ).label("line")
        )
        .join(Staff, on(Praise, Staff, "staff_id"))
        .where(
            Praise.school_id == school, Praise.class_id == class_id, Praise.retracted_at.is_(None)
        )
        .order_by(Praise.created_at.desc())
        .limit(FEED_LINES)
        .subquery()
    )
    return select(func.json_agg(latest.c.line)).scalar_subquery()


def _feed_line(item: list[Any]) -> FeedLine:
    at = datetime.fromisoformat(item[0])
    text = f"{polite(item[1])} 表扬了{brief(item[2].split('、'))}：{item[3]}"
    recent = (clock.now() - at).days < 1
    return FeedLine(at, text, item[4], bool(item[5]) and recent)


def brief(names: list[str]) -> str:
    """``李小明``, ``李小明、王子涵``, ``李小明等 5 人``."""
    return "、".join(names) if len(names) < 3 else f"{names[0]}等 {len(names)} 人"


def pupils_of(class_id: int, sheet_id: int | None, day: date) -> list[PupilCell]:
    """The pupils of a class (already reached) by seat number, with today's exceptions."""
    rows = db.rows(
        select(Pupil.id, Pupil.name, Enrollment.seat_no, AttendanceMark.state)
        .join(Enrollment, on(Enrollment, Pupil, "pupil_id"))
        .outerjoin(
            AttendanceMark,
            and_(
                AttendanceMark.school_id == Enrollment.school_id,
                AttendanceMark.sheet_id == literal(sheet_id or 0),
                AttendanceMark.pupil_id == Enrollment.pupil_id,
            ),
        )
        .where(
            Enrollment.school_id == db.school_id(),
            Enrollment.class_id == class_id,
            scope.current(Enrollment, day),
        )
        .order_by(Enrollment.seat_no, Pupil.name_key)
    )
    return [cell(row[0], row[1], row[2], row[3]) for row in rows]


def cell(pupil_id: int, name: str, seat_no: int | None, state: str | None) -> PupilCell:
    """One pupil as the class page draws it."""
    title = STATES[state] if state else ""
    return PupilCell(pupil_id, name, seat_no, given_name(name)[-1], tint(pupil_id), state, title)


def counted(pupils: list[PupilCell], head: ClassHead) -> AttendanceLine | None:
    """The numbers above the pupils; None while attendance is not taken."""
    if head.taken_at is None:
        return None
    states = [pupil.state for pupil in pupils]
    late = states.count("late")
    leave = states.count("leave") + states.count("sick")
    absent = states.count("absent")
    present = len(pupils) - leave - absent
    return AttendanceLine(present, late, leave, absent, head.taken_at, head.taken_by)


def names_of(pupil_ids: list[int]) -> str:
    """Whom a toast names: ``李小明``, or the first and how many."""
    names = db.session().scalars(
        select(Pupil.name).where(Pupil.school_id == db.school_id(), Pupil.id.in_(pupil_ids))
    )
    return brief(list(names))
