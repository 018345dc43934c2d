"""Classes, terms, children and guardians as pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, case, or_, select
from sqlalchemy.orm import aliased

from campus import clock, db
from campus.actor import Actor
from campus.errors import Forbidden
from campus.identity.queries import masked_phone
from tenants.people import custody, naming, scope
from tenants.people.models import (
    Assignment,
    Enrollment,
    Guardian,
    Guardianship,
    HomeroomClass,
    Pupil,
    Staff,
    Subject,
    Term,
)
from tenants.people.surnames import surname

TINTS = ("", "sun", "sky", "plum", "red")


def tint(pupil_id: int) -> str:
    """The avatar colour of a child: always the same, meaning nothing."""
    return TINTS[pupil_id % len(TINTS)]


def given_name(name: str) -> str:
    """What a family calls the child: ``李小明`` → ``小明``, ``欧阳明月`` → ``明月``."""
    if "·" in name:
        return name.split("·", maxsplit=1)[0]
    return name[len(surname(name)) :] if len(name) > 2 else name


@dataclass(frozen=True, slots=True)
class Child:
    """One of a guardian's own children; ``health``: this guardian is told of illness.

    A child on leave of absence (休学) has the class it was in, and ``last_day`` is its last day
    there; the family goes on reading everything.
    """

    id: int
    name: str
    class_id: int
    class_label: str
    short_label: str
    health: bool = True
    last_day: date | None = None

    @property
    def place(self) -> str:
        """``三年级（2）班``; ``三年级（2）班 · 正在休学`` for a child on leave."""
        return f"{self.class_label} · 正在休学" if self.last_day else self.class_label

    @property
    def call(self) -> str:
        """What the family calls the child."""
        return given_name(self.name)

    @property
    def tail(self) -> str:
        """The avatar's character."""
        return self.call[-1]

    @property
    def tint(self) -> str:
        """The avatar's colour."""
        return tint(self.id)


def children(actor: Actor) -> list[Child]:
    """The actor's own children at this school, those on leave among them; eldest class first."""
    theirs = aliased(Enrollment)
    newest = (
        select(theirs.id)
        .where(
            theirs.school_id == Pupil.school_id,
            theirs.pupil_id == Pupil.id,
            theirs.starts_on <= scope.TODAY,
        )
        .order_by(theirs.starts_on.desc(), theirs.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    here = scope.current(Enrollment)
    rows = db.rows(
        select(
            Pupil.id,
            Pupil.name,
            HomeroomClass.id,
            HomeroomClass.entry_year,
            HomeroomClass.number,
            Pupil.id.in_(custody.health_of(actor)),
            case((here, None), else_=Enrollment.ends_on),
        )
        .join(Enrollment, db.on(Enrollment, Pupil, "pupil_id"))
        .join(HomeroomClass, db.on(Enrollment, HomeroomClass, "class_id"))
        .where(
            Pupil.school_id == db.school_id(),
            Pupil.id.in_(scope.children_of(actor)),
            or_(here, and_(Enrollment.id == newest, scope.on_leave(Pupil.id))),
        )
        .order_by(HomeroomClass.entry_year, HomeroomClass.number, Pupil.id)
    )
    return [_child(row) for row in rows]


def _child(row: db.AnyRow) -> Child:
    """A class a child has left is called as it was on the child's last day there."""
    number, name, class_id, entry_year, ordinal, health, last_day = row
    room = (entry_year, ordinal, last_day or clock.today())
    long, short = naming.class_label(*room), naming.short_label(*room)
    return Child(number, name, class_id, long, short, bool(health), last_day)


@dataclass(frozen=True, slots=True)
class Teacher:
    """A teacher of a class, as a family sees them."""

    name: str
    role: str
    call_url: str | None = None


def teachers_of(class_id: int) -> list[Teacher]:
    """The homeroom teacher first, then the subjects in their order."""
    rows = db.rows(
        select(Staff.name, Assignment.homeroom, Subject.name)
        .join(Staff, db.on(Assignment, Staff, "staff_id"))
        .outerjoin(Subject, db.on(Assignment, Subject, "subject_id"))
        .where(
            Assignment.school_id == db.school_id(),
            Assignment.class_id == class_id,
            scope.current(Assignment),
        )
        .order_by(Assignment.homeroom.desc(), Subject.position)
    )
    found: dict[str, list[str]] = {}
    for name, homeroom, subject in rows:
        found.setdefault(name, []).extend(
            [word for word in ("班主任" if homeroom else None, subject) if word]
        )
    return [Teacher(polite(name), "、".join(roles)) for name, roles in found.items()]


def polite(name: str) -> str:
    """``王老师`` for 王芳; compound surnames whole."""
    return f"{surname(name) or name[:1]}老师"


@dataclass(frozen=True, slots=True)
class GuardianLine:
    """A guardian on a pupil's page: who, and the phone masked."""

    id: int
    title: str
    phone_masked: str


def guardians_of(pupil_id: int, pupil_name: str) -> list[GuardianLine]:
    """A pupil's guardians in the order they are called."""
    rows = db.rows(
        select(Guardian.id, Guardianship.relation, Guardian.phone)
        .join(Guardian, db.on(Guardianship, Guardian, "guardian_id"))
        .where(
            Guardianship.school_id == db.school_id(),
            Guardianship.pupil_id == pupil_id,
            Guardianship.ended_at.is_(None),
        )
        .order_by(Guardianship.contact_order)
    )
    return [GuardianLine(row[0], f"{pupil_name}{row[1]}", masked_phone(row[2])) for row in rows]


def term_on(day: date) -> Term | None:
    """The term that holds ``day``, or None in the holidays."""
    return db.session().scalar(
        select(Term).where(
            Term.school_id == db.school_id(), Term.starts_on <= day, Term.ends_on >= day
        )
    )


def staff_id_of(actor: Actor) -> int:
    """The actor's own row among the staff. Raises Forbidden when there is none."""
    found = db.session().scalar(
        select(Staff.id).where(
            Staff.school_id == db.school_id(), Staff.account_id == actor.account_id
        )
    )
    if found is None:
        raise Forbidden("只有本校老师可以这样做。")
    return found


def place_of(pupil_id: int) -> Any:
    """The pupil's class today as (class_id, entry_year, number, seat_no), or None."""
    rows = db.rows(
        select(
            Enrollment.class_id,
            HomeroomClass.entry_year,
            HomeroomClass.number,
            Enrollment.seat_no,
        )
        .join(HomeroomClass, db.on(Enrollment, HomeroomClass, "class_id"))
        .where(
            Enrollment.school_id == db.school_id(),
            Enrollment.pupil_id == pupil_id,
            scope.current(Enrollment),
        )
    )
    return rows[0] if rows else None
