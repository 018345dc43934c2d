"""Which classes and children a person reaches: no other query invents its own answer.

Administrators, the head, the dean and the doctor reach every class; the head of a grade its
classes; a teacher those they are assigned to today, or stand in for; a guardian their own
children. Row-level security stands behind this as the second lock.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
    union_all,
)

from campus import clock, db
from campus.actor import Actor
from campus.moments import Day
from campus.permissions import Role
from tenants.people.models import (
    Assignment,
    Departure,
    Enrollment,
    Guardian,
    Guardianship,
    HomeroomClass,
    Staff,
    StaffDuty,
)


def _today() -> date:
    """Asked through the module each time, so that a clock put elsewhere counts here too."""
    return clock.today()


TODAY: BindParameter[date] = bindparam("today", callable_=_today, type_=Day)
ACCOUNT: BindParameter[int] = bindparam("account", type_=BigInteger)
EVERYWHERE = frozenset({Role.ADMIN, Role.HEAD, Role.DEAN, Role.DOCTOR})
DEPUTY, GRADE = "deputy", "grade"


def current(model: Any, day: Any = None) -> ColumnElement[bool]:
    """Whether a row with starts_on and ends_on holds on ``day`` (default: today, asked late)."""
    on = TODAY if day is None else day
    return and_(model.starts_on <= on, or_(model.ends_on.is_(None), model.ends_on >= on))


def everywhere(actor: Actor) -> bool:
    """Whether the actor reaches the whole school."""
    return actor.trusted or not actor.roles.isdisjoint(EVERYWHERE)


# Ids of the staff in whose place the account in the parameter ``account`` stands today: the person
# itself, and whoever is away and has it as deputy.
ACTING: CompoundSelect[Any] = union_all(
    select(Staff.id).where(Staff.school_id == db.SCHOOL, Staff.account_id == ACCOUNT),
    select(StaffDuty.deputy_of)
    .join(Staff, db.on(StaffDuty, Staff, "staff_id"))
    .where(
        StaffDuty.school_id == db.SCHOOL,
        Staff.account_id == ACCOUNT,
        StaffDuty.role == DEPUTY,
        current(StaffDuty),
    ),
)

# Ids of the classes the account in the parameter ``account`` teaches today, for itself or as a
# deputy; and those besides that it leads as head of their grade.
TAUGHT = select(Assignment.class_id).where(
    Assignment.school_id == db.SCHOOL,
    Assignment.staff_id.in_(ACTING),
    current(Assignment),
)
ASSIGNED: CompoundSelect[Any] = union_all(
    TAUGHT,
    select(HomeroomClass.id)
    .join(
        StaffDuty,
        and_(
            StaffDuty.school_id == HomeroomClass.school_id,
            StaffDuty.scope_id == HomeroomClass.entry_year,
        ),
    )
    .where(
        StaffDuty.school_id == db.SCHOOL,
        StaffDuty.staff_id.in_(ACTING),
        StaffDuty.role == Role.GRADE_HEAD.value,
        StaffDuty.scope_kind == GRADE,
        current(StaffDuty),
    ),
)


def taught_classes(actor: Actor) -> Select[int]:
    """Ids of the classes the actor teaches today; narrow it with a condition on Assignment."""
    return TAUGHT.params(account=actor.account_id)


def assigned_classes(actor: Actor) -> Any:
    """Ids of the classes the actor teaches or leads today."""
    return ASSIGNED.params(account=actor.account_id)


def visible_classes(actor: Actor) -> ColumnElement[bool]:
    """The condition on HomeroomClass that keeps what the actor may see."""
    own = HomeroomClass.school_id == db.school_id()
    if everywhere(actor):
        return own
    return and_(own, HomeroomClass.id.in_(assigned_classes(actor)))


def departed(pupil_id: Any, day: Any = None) -> ColumnElement[bool]:
    """Whether the pupil (a column) has left for another school on ``day`` (default: today).

    The last day here still counts as here: a family reads until its evening.
    """
    on = TODAY if day is None else day
    left = select(Departure.pupil_id).where(
        Departure.school_id == db.SCHOOL,
        Departure.kind == "transfer",
        Departure.last_day < on,
        or_(Departure.back_on.is_(None), Departure.back_on > on),
    )
    found: ColumnElement[bool] = pupil_id.in_(left)
    return found


def on_leave(pupil_id: Any, day: Any = None) -> ColumnElement[bool]:
    """Whether the pupil (a column) is on leave of absence (休学) on ``day`` (default: today).

    In no class and still the school's: staff of a class do not reach the child, its family does.
    """
    on = TODAY if day is None else day
    away = select(Departure.pupil_id).where(
        Departure.school_id == db.SCHOOL,
        Departure.kind == "suspension",
        Departure.last_day < on,
        or_(Departure.back_on.is_(None), Departure.back_on > on),
    )
    found: ColumnElement[bool] = pupil_id.in_(away)
    return found


def children_of(actor: Actor) -> Select[int]:
    """Ids of the actor's own children in this school; a tie that ended is none."""
    return (
        select(Guardianship.pupil_id)
        .join(Guardian, db.on(Guardianship, Guardian, "guardian_id"))
        .where(
            Guardianship.school_id == db.school_id(),
            Guardianship.ended_at.is_(None),
            Guardian.account_id == actor.account_id,
            ~departed(Guardianship.pupil_id),
        )
    )


def taught_pupils(actor: Actor) -> Select[int]:
    """Ids of the pupils in the classes the actor, as staff, may see today.

    Who reaches the whole school also reaches those who left: their records stay here.
    """
    pupils = select(Enrollment.pupil_id).where(Enrollment.school_id == db.school_id())
    if everywhere(actor):
        return pupils
    return pupils.where(current(Enrollment), Enrollment.class_id.in_(assigned_classes(actor)))


def families_of(pupil_id: Any) -> Any:
    """The accounts of one pupil's (a column's) guardians who have joined, as an array."""
    accounts = (
        select(Guardian.account_id)
        .distinct()
        .join(Guardianship, db.on(Guardianship, Guardian, "guardian_id"))
        .where(
            Guardianship.school_id == db.SCHOOL,
            Guardianship.pupil_id == pupil_id,
            Guardianship.ended_at.is_(None),
            Guardian.account_id.is_not(None),
        )
    )
    return func.array(accounts.scalar_subquery(), type_=ARRAY(BigInteger))


def guardian_accounts(pupil_ids: Any) -> db.AnySelect:
    """(pupil id, account id) of every guardian who has joined, for the given pupils."""
    return (
        select(Guardianship.pupil_id, Guardian.account_id)
        .join(Guardian, db.on(Guardianship, Guardian, "guardian_id"))
        .where(
            Guardianship.school_id == db.school_id(),
            Guardianship.pupil_id.in_(pupil_ids),
            Guardianship.ended_at.is_(None),
            Guardian.account_id.is_not(None),
        )
        .distinct()
    )
