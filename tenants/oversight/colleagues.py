"""The staff with what they hold, as their pages show it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from campus import clock, db
from campus.actor import Actor
from campus.identity.models import Account
from campus.identity.queries import masked_phone
from campus.permissions import ROLE_TITLES, STAFF, Role
from campus.schools.models import Membership
from tenants.people import calendar, naming, scope
from tenants.people.models import Assignment, HomeroomClass, Staff, StaffDuty, Subject
from tenants.people.permissions import People
from tenants.people.roles import HOMEROOM, KINDS, LESSONS, reach_staff


@dataclass(frozen=True, slots=True)
class Holding:
    """One thing a person holds: an office, a class, a deputyship, or a role from the roster."""

    kind: str
    id: int | str
    title: str
    starts_on: date | None = None
    ends_on: date | None = None
    role: str = ""

    @property
    def dates(self) -> str:
        """From when to when, in words; nothing for what has no dates."""
        if self.starts_on is None:
            return ""
        began = "" if self.starts_on <= clock.today() else f"{clock.date_words(self.starts_on)}起"
        until = f"到{clock.date_words(self.ends_on)}" if self.ends_on else ""
        return "，".join(part for part in (began, until) if part)


@dataclass(slots=True)
class Colleague:
    """One person of the staff."""

    id: int
    name: str
    title: str
    phone: str
    here: bool
    roles: frozenset[Role]
    holdings: list[Holding] = field(default_factory=list)

    @property
    def offices(self) -> str:
        """What the person is, in a line."""
        return "、".join(one.title for one in self.holdings) or "还没有安排"


def colleagues(actor: Actor, *, q: str = "", role: str = "") -> list[Colleague]:
    """Everybody who works here, those who left last; by name, by role."""
    actor.check(People.STAFF)
    found = _people(q=q)
    _fill(found)
    everyone = list(found.values())
    if role:
        everyone = [one for one in everyone if any(_is(holding, role) for holding in one.holdings)]
    return everyone


def _is(holding: Holding, kind: str) -> bool:
    """Whether something held is of a kind of KINDS, by its title."""
    lessons = holding.kind == "assignment" and not holding.title.endswith(KINDS[HOMEROOM])
    return lessons if kind == KINDS[LESSONS] else kind in holding.title


def colleague(actor: Actor, staff_id: int) -> Colleague:
    """One of them. Raises NotFound."""
    actor.check(People.STAFF)
    reach_staff(staff_id)
    found = _people(staff_id=staff_id)
    _fill(found)
    return found[staff_id]


def _people(*, q: str = "", staff_id: int | None = None) -> dict[int, Colleague]:
    asked = (
        select(
            Staff.id, Staff.name, Staff.title, Account.phone, Membership.roles, Membership.ended_at
        )
        .join(Account, Account.id == Staff.account_id)
        .outerjoin(
            Membership,
            and_(
                Membership.school_id == Staff.school_id, Membership.account_id == Staff.account_id
            ),
        )
        .where(Staff.school_id == db.school_id())
        .order_by(Membership.ended_at.is_not(None), Staff.id)
    )
    if staff_id is not None:
        asked = asked.where(Staff.id == staff_id)
    if q:
        asked = asked.where(or_(Staff.name.contains(q, autoescape=True), Account.phone == q))
    return {row[0]: _colleague(row) for row in db.rows(asked)}


def _colleague(row: Any) -> Colleague:
    roles = frozenset(Role(name) for name in row[4] or ()) & STAFF
    here = bool(roles) and row[5] is None
    return Colleague(
        row[0], row[1], row[2], masked_phone(row[3]), here, roles if here else frozenset()
    )


def _fill(found: dict[int, Colleague]) -> None:
    for staff_id, holding in (*_duties(list(found)), *_assignments(list(found))):
        found[staff_id].holdings.append(holding)
    for one in found.values():
        written = {holding.role for holding in one.holdings}
        if scope.DEPUTY in written:  # all own roles have rows then, the rest is the colleague's
            continue
        for role in sorted(one.roles - {Role.TEACHER, *written}):
            one.holdings.insert(0, Holding("role", role.value, ROLE_TITLES[role]))


def _duties(staff_ids: list[int]) -> list[tuple[int, Holding]]:
    away = aliased(Staff)
    rows = db.rows(
        select(
            StaffDuty.staff_id,
            StaffDuty.id,
            StaffDuty.role,
            StaffDuty.scope_id,
            StaffDuty.starts_on,
            StaffDuty.ends_on,
            away.name,
        )
        .outerjoin(away, db.on(StaffDuty, away, "deputy_of"))
        .where(
            StaffDuty.school_id == db.school_id(),
            StaffDuty.staff_id.in_(staff_ids),
            StaffDuty.role != Role.TEACHER.value,
            or_(StaffDuty.ends_on.is_(None), StaffDuty.ends_on >= clock.today()),
        )
        .order_by(StaffDuty.starts_on, StaffDuty.id)
    )
    return [
        (row[0], Holding("duty", row[1], _title(row[2], row[3], row[6]), row[4], row[5], row[2]))
        for row in rows
    ]


def _title(role: str, scope_id: int | None, away: str | None) -> str:
    if role == scope.DEPUTY:
        return f"代理{away}的工作"
    if role == Role.GRADE_HEAD and scope_id is not None:
        return f"{calendar.grade_title(scope_id, clock.today())}组长"
    return KINDS.get(role, ROLE_TITLES[Role(role)])


def _assignments(staff_ids: list[int]) -> list[tuple[int, Holding]]:
    rows = db.rows(
        select(
            Assignment.staff_id,
            Assignment.id,
            HomeroomClass.entry_year,
            HomeroomClass.number,
            Assignment.homeroom,
            Subject.name,
            Assignment.starts_on,
            Assignment.ends_on,
        )
        .join(HomeroomClass, db.on(Assignment, HomeroomClass, "class_id"))
        .outerjoin(Subject, db.on(Assignment, Subject, "subject_id"))
        .where(
            Assignment.school_id == db.school_id(),
            Assignment.staff_id.in_(staff_ids),
            or_(Assignment.ends_on.is_(None), Assignment.ends_on >= clock.today()),
        )
        .order_by(Assignment.homeroom.desc(), HomeroomClass.entry_year.desc(), HomeroomClass.number)
    )
    return [
        (
            row[0],
            Holding(
                "assignment",
                row[1],
                naming.short_label(row[2], row[3], clock.today())
                + ("班主任" if row[4] else (row[5] or "任课")),
                row[6],
                row[7],
            ),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Choices:
    """What the forms offer."""

    grades: list[tuple[int, str]]
    classes: list[tuple[int, str]]
    subjects: list[tuple[int, str]]
    colleagues: list[tuple[int, str]]


def choices(staff_id: int) -> Choices:
    """Grades, classes and subjects of today, and colleagues who could stand in."""
    day, school = clock.today(), db.school_id()
    rooms = db.rows(
        select(HomeroomClass.id, HomeroomClass.entry_year, HomeroomClass.number)
        .where(HomeroomClass.school_id == school, HomeroomClass.graduated_on.is_(None))
        .order_by(HomeroomClass.entry_year.desc(), HomeroomClass.number)
    )
    subjects = db.rows(
        select(Subject.id, Subject.name)
        .where(Subject.school_id == school)
        .order_by(Subject.position)
    )
    others = db.rows(
        select(Staff.id, Staff.name)
        .join(
            Membership,
            and_(
                Membership.school_id == Staff.school_id, Membership.account_id == Staff.account_id
            ),
        )
        .where(Staff.school_id == school, Staff.id != staff_id, Membership.ended_at.is_(None))
        .order_by(Staff.name)
    )
    return Choices(
        [
            (year, calendar.grade_title(year, day))
            for year in dict.fromkeys(row[1] for row in rooms)
        ],
        [(row[0], naming.class_label(row[1], row[2], day)) for row in rooms],
        [(row[0], row[1]) for row in subjects],
        [(row[0], row[1]) for row in others],
    )
