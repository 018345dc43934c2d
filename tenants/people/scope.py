"""Which classes and children a person reaches: no other query invents its own answer.

Administrators and the head reach every class; a teacher those they are assigned to today; a
guardian their own children. Row-level security stands behind this as the second lock.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Date,
    Select,
    and_,
    bindparam,
    or_,
    select,
)

from campus import clock, db
from campus.actor import Actor
from campus.permissions import Role
from tenants.people.models import (
    Assignment,
    Enrollment,
    Guardian,
    Guardianship,
    HomeroomClass,
    Staff,
)

TODAY: BindParameter[date] = bindparam("today", callable_=clock.today, type_=Date)
ACCOUNT: BindParameter[int] = bindparam("account", type_=BigInteger)
EVERYWHERE = frozenset({Role.ADMIN, Role.HEAD})


def current(model: Any, day: Any = None) -> ColumnElement[bool]:
    """Whether a row with starts_on and ends_on holds on ``day`` (default: today, asked late)."""
    on = TODAY if day is None else day
    return and_(model.starts_on <= on, or_(model.ends_on.is_(None), model.ends_on >= on))


def everywhere(actor: Actor) -> bool:
    """Whether the actor reaches the whole school."""
    return actor.trusted or not actor.roles.isdisjoint(EVERYWHERE)


# Ids of the classes the account in the parameter ``account`` teaches today.
ASSIGNED = (
    select(Assignment.class_id)
    .join(Staff, and_(Staff.school_id == Assignment.school_id, Staff.id == Assignment.staff_id))
    .where(
        Assignment.school_id == db.SCHOOL,
        Staff.account_id == ACCOUNT,
        current(Assignment),
    )
)


def assigned_classes(actor: Actor) -> Select[int]:
    """Ids of the classes the actor teaches today."""
    return ASSIGNED.params(account=actor.account_id)


def visible_classes(actor: Actor) -> ColumnElement[bool]:
    """The condition on HomeroomClass that keeps what the actor may see."""
    own = HomeroomClass.school_id == db.school_id()
    if everywhere(actor):
        return own
    return and_(own, HomeroomClass.id.in_(assigned_classes(actor)))


def children_of(actor: Actor) -> Select[int]:
    """Ids of the actor's own children in this school."""
    return (
        select(Guardianship.pupil_id)
        .join(
            Guardian,
            and_(
                Guardian.school_id == Guardianship.school_id,
                Guardian.id == Guardianship.guardian_id,
            ),
        )
        .where(Guardianship.school_id == db.school_id(), Guardian.account_id == actor.account_id)
    )


def taught_pupils(actor: Actor) -> Select[int]:
    """Ids of the pupils in the classes the actor, as staff, may see today."""
    pupils = select(Enrollment.pupil_id).where(
        Enrollment.school_id == db.school_id(), current(Enrollment)
    )
    if everywhere(actor):
        return pupils
    return pupils.where(Enrollment.class_id.in_(assigned_classes(actor)))


def guardian_accounts(pupil_ids: Any) -> db.AnySelect:
    """(pupil id, account id) of every guardian who has joined, for the given pupils."""
    return (
        select(Guardianship.pupil_id, Guardian.account_id)
        .join(
            Guardian,
            and_(
                Guardian.school_id == Guardianship.school_id,
                Guardian.id == Guardianship.guardian_id,
            ),
        )
        .where(
            Guardianship.school_id == db.school_id(),
            Guardianship.pupil_id.in_(pupil_ids),
            Guardian.account_id.is_not(None),
        )
        .distinct()
    )
