"""What the school holds now, in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import and_, or_, select

from campus import db
from campus.identity.models import Account
from campus.permissions import STAFF, Role
from campus.schools.models import Membership
from tenants.people.models import (
    Assignment,
    Enrollment,
    Guardian,
    Guardianship,
    HomeroomClass,
    Pupil,
    Staff,
    Subject,
)
from tenants.people.phones import moved_guardians, moved_staff
from tenants.roster.cell_values import ClassKey
from tenants.roster.memory import MEMBER, PUPIL, Known, recall
from tenants.roster.pupil_numbers import held_numbers


class HeldTie(NamedTuple):
    """A guardian's tie to a child; an ended one is history."""

    name: str
    relation: str
    contact_order: int
    ended: bool = False

    def text(self) -> str:
        """``妈妈 陈静（第 1 位）``: for people, and as memory keeps it."""
        return f"{self.relation} {self.name}（第 {self.contact_order} 位）"


@dataclass(frozen=True, slots=True)
class HeldPupil:
    """A child and the current place in a class."""

    id: int
    enrollment_id: int
    class_key: ClassKey
    seat_no: int | None
    name: str
    sex: int
    birthday: date | None
    known: Known | None = None
    numbers: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    ties: dict[str, HeldTie] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HeldStaff:
    """A person who works here or has left, with roles and current duties."""

    id: int
    phone: str
    name: str
    title: str
    roles: frozenset[Role]
    known: Known | None = None
    homerooms: set[ClassKey] = field(default_factory=set)
    teaching: set[tuple[ClassKey, str]] = field(default_factory=set)

    @property
    def here(self) -> bool:
        """Whether they still work here: who left keeps the row, but no role of the staff."""
        return not self.roles.isdisjoint(STAFF)


@dataclass(frozen=True, slots=True)
class State:
    """The school as an import finds it; guardians' names and staff by phone.

    ``moved`` and ``staff_moved`` lead from a number somebody was known by to the one they have now
    (people.phones).
    """

    classes: frozenset[ClassKey]
    pupils: list[HeldPupil]
    guardians: dict[str, str]
    staff: dict[str, HeldStaff]
    moved: dict[str, str] = field(default_factory=dict)
    staff_moved: dict[str, str] = field(default_factory=dict)

    def here(self) -> list[HeldStaff]:
        """The staff without those who have left: a list that goes out must not bring them back."""
        return [one for one in self.staff.values() if one.here]


def load_state(today: date) -> State:
    """Read the entered school."""
    pupils = _pupils(today)
    moved = moved_guardians()
    _tie(pupils)
    _by_new_numbers(pupils, moved)
    staff = _staff()
    _duties({member.id: member for member in staff}, today)
    named = select(Guardian.phone, Guardian.name).where(Guardian.school_id == db.school_id())
    classes = select(HomeroomClass.entry_year, HomeroomClass.number).where(
        HomeroomClass.school_id == db.school_id()
    )
    return State(
        frozenset((row[0], row[1]) for row in db.rows(classes)),
        list(pupils.values()),
        {row[0]: row[1] for row in db.rows(named)},
        {member.phone: member for member in staff},
        moved,
        moved_staff({member.id: member.phone for member in staff}),
    )


def _pupils(today: date) -> dict[int, HeldPupil]:
    """Joined here and not by the server: right after a first import it has no statistics yet."""
    keys = {
        row[0]: (row[1], row[2])
        for row in db.rows(
            select(HomeroomClass.id, HomeroomClass.entry_year, HomeroomClass.number).where(
                HomeroomClass.school_id == db.school_id()
            )
        )
    }
    people = select(Pupil.id, Pupil.name, Pupil.sex, Pupil.birthday)
    named = {row[0]: row[1:] for row in db.rows(people.where(Pupil.school_id == db.school_id()))}
    places = select(
        Enrollment.pupil_id, Enrollment.id, Enrollment.class_id, Enrollment.seat_no
    ).where(Enrollment.school_id == db.school_id(), _not_ended(Enrollment, today))
    memory, numbers = recall(PUPIL), held_numbers()
    found = {}
    for pupil_id, place, class_id, seat_no in db.rows(places):
        name, sex, birthday = named[pupil_id]
        known, held = memory.get(pupil_id), numbers.get(pupil_id, {})
        found[pupil_id] = HeldPupil(
            pupil_id, place, keys[class_id], seat_no, name, sex, birthday, known, held
        )
    return found


def _not_ended(model: Any, today: date) -> Any:
    """What holds today or will."""
    return or_(model.ends_on.is_(None), model.ends_on >= today)


def _tie(pupils: dict[int, HeldPupil]) -> None:
    people = select(Guardian.id, Guardian.phone, Guardian.name)
    known = {row[0]: row[1:] for row in db.rows(people.where(Guardian.school_id == db.school_id()))}
    ties = select(
        Guardianship.pupil_id,
        Guardianship.guardian_id,
        Guardianship.relation,
        Guardianship.contact_order,
        Guardianship.ended_at.is_not(None),
    ).where(Guardianship.school_id == db.school_id())
    for pupil_id, guardian_id, relation, order, ended in db.rows(ties):
        if pupil_id in pupils:
            phone, name = known[guardian_id]
            pupils[pupil_id].ties[phone] = HeldTie(name, relation, order, ended)


def _by_new_numbers(pupils: dict[int, HeldPupil], moved: dict[str, str]) -> None:
    """What the last import left of a tie is found by the number the guardian has now."""
    if not moved:
        return
    for pupil_id, held in pupils.items():
        known = held.known
        if known is not None and not moved.keys().isdisjoint(known.values):
            values = {moved.get(name, name): text for name, text in known.values.items()}
            pupils[pupil_id] = replace(held, known=replace(known, values=values))


def _staff() -> list[HeldStaff]:
    rows = db.rows(
        select(Staff.id, Account.phone, Staff.name, Staff.title, Membership.roles)
        .join(Account, Account.id == Staff.account_id)
        .outerjoin(
            Membership,
            and_(
                Membership.school_id == Staff.school_id,
                Membership.account_id == Staff.account_id,
                Membership.ended_at.is_(None),
            ),
        )
        .where(Staff.school_id == db.school_id())
    )
    memory = recall(MEMBER)
    return [
        HeldStaff(id_, phone, name, title, frozenset(map(Role, roles or ())), memory.get(id_))
        for id_, phone, name, title, roles in rows
    ]


def _duties(staff: dict[int, HeldStaff], today: date) -> None:
    rows = db.rows(
        select(
            Assignment.staff_id,
            HomeroomClass.entry_year,
            HomeroomClass.number,
            Assignment.homeroom,
            Subject.name,
        )
        .join(HomeroomClass, db.on(Assignment, HomeroomClass, "class_id"))
        .outerjoin(Subject, db.on(Assignment, Subject, "subject_id"))
        .where(Assignment.school_id == db.school_id(), _not_ended(Assignment, today))
    )
    for staff_id, year, number, homeroom, subject in rows:
        if homeroom:
            staff[staff_id].homerooms.add((year, number))
        if subject:
            staff[staff_id].teaching.add(((year, number), subject))
