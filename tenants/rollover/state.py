"""The school on the evening before a day, in a fixed number of queries: what a plan starts from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, or_, select

from campus import db
from tenants.people import scope
from tenants.people.calendar import school_year_of
from tenants.people.models import (
    Assignment,
    Departure,
    Enrollment,
    HomeroomClass,
    Pupil,
    SchoolYear,
    Staff,
    Subject,
)

ClassKey = tuple[int, int]
EARLY = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Room:
    """An open class: (entry year, number) and its id."""

    id: int
    key: ClassKey


@dataclass(frozen=True, slots=True)
class Seat:
    """A pupil in a class."""

    pupil_id: int
    class_id: int
    name: str
    seat_no: int | None


@dataclass(frozen=True, slots=True)
class Duty:
    """A teacher in a class, as 班主任 (no subject needed) or for a subject."""

    id: int
    class_id: int
    staff_id: int
    name: str
    subject: str
    homeroom: bool

    @property
    def title(self) -> str:
        """``班主任``, ``语文`` or both."""
        return "、".join(word for word in ("班主任" if self.homeroom else "", self.subject) if word)


@dataclass(frozen=True, slots=True)
class State:
    """Classes, seats and duties as they are on the evening before a day."""

    rooms: Sequence[Room]
    seats: Sequence[Seat]
    duties: Sequence[Duty]
    placeless: int


def load_state(first_day: date) -> State:
    """The entered school on the evening before ``first_day``."""
    eve = first_day - timedelta(days=1)
    return State(_rooms(eve), _seats(eve), _duties(eve), _placeless(eve))


def _rooms(eve: date) -> list[Room]:
    rows = db.rows(
        select(HomeroomClass.id, HomeroomClass.entry_year, HomeroomClass.number)
        .where(
            HomeroomClass.school_id == db.school_id(),
            or_(HomeroomClass.graduated_on.is_(None), HomeroomClass.graduated_on > eve),
        )
        .order_by(HomeroomClass.entry_year.desc(), HomeroomClass.number)
    )
    return [Room(row[0], (row[1], row[2])) for row in rows]


def _seats(eve: date) -> list[Seat]:
    rows = db.rows(
        select(Pupil.id, Enrollment.class_id, Pupil.name, Enrollment.seat_no)
        .join(Enrollment, db.on(Enrollment, Pupil, "pupil_id"))
        .where(Enrollment.school_id == db.school_id(), scope.current(Enrollment, eve))
        .order_by(Enrollment.seat_no, Pupil.name_key)
    )
    return [Seat(*row) for row in rows]


def _duties(eve: date) -> list[Duty]:
    rows = db.rows(
        select(
            Assignment.id,
            Assignment.class_id,
            Staff.id,
            Staff.name,
            func.coalesce(Subject.name, ""),
            Assignment.homeroom,
        )
        .join(Staff, db.on(Assignment, Staff, "staff_id"))
        .outerjoin(Subject, db.on(Assignment, Subject, "subject_id"))
        .where(Assignment.school_id == db.school_id(), scope.current(Assignment, eve))
        .order_by(Assignment.homeroom.desc(), Subject.position, Assignment.id)
    )
    return [Duty(*row) for row in rows]


def _placeless(eve: date) -> int:
    """Pupils in no class now or later who neither left nor graduated."""
    placed = select(Enrollment.pupil_id).where(
        Enrollment.school_id == db.school_id(),
        or_(Enrollment.ends_on.is_(None), Enrollment.ends_on >= eve),
    )
    left = select(Departure.pupil_id).where(
        Departure.school_id == db.school_id(), Departure.back_on.is_(None)
    )
    graduated = (
        select(Enrollment.pupil_id)
        .join(HomeroomClass, db.on(Enrollment, HomeroomClass, "class_id"))
        .where(
            Enrollment.school_id == db.school_id(),
            Enrollment.ends_on == HomeroomClass.graduated_on,
        )
    )
    rows = db.rows(
        select(func.count()).where(
            Pupil.school_id == db.school_id(),
            Pupil.id.not_in(placed),
            Pupil.id.not_in(left),
            Pupil.id.not_in(graduated),
        )
    )
    return int(rows[0][0])


def staff_names() -> list[tuple[int, str]]:
    """(id, name) of everybody who works here, by name."""
    rows = db.rows(
        select(Staff.id, Staff.name).where(Staff.school_id == db.school_id()).order_by(Staff.name)
    )
    return [(row[0], row[1]) for row in rows]


def year_to_plan(today: date) -> int:
    """The calendar year in which the school year to be planned begins.

    Usually the one after this; this one while the school has not opened it yet and is late.
    """
    now = school_year_of(today)
    rows = db.rows(
        select(func.max(SchoolYear.starts_on)).where(
            SchoolYear.school_id == db.school_id(), SchoolYear.starts_on <= today + EARLY
        )
    )
    latest = rows[0][0]
    late = latest is not None and school_year_of(latest + EARLY) < now
    return now if late else now + 1
