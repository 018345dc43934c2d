"""Who hears that something changed in a class: its staff, and families of its children.

The other way round of scope.py: there a person asks what they reach, here a class asks whose pages
show it today. Offices that reach the whole school are not among them; they ask when they look.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ARRAY, BigInteger, Select, func, or_, select, union

from campus import db
from campus.permissions import Role
from tenants.people.models import (
    Assignment,
    Enrollment,
    Guardian,
    Guardianship,
    HomeroomClass,
    Staff,
    StaffDuty,
)
from tenants.people.scope import DEPUTY, GRADE, current


def _array(accounts: Select[Any]) -> Any:
    return func.array(accounts.scalar_subquery(), type_=ARRAY(BigInteger))


def staff_of(class_id: Any) -> Any:
    """The accounts of those who teach a class, lead its grade or stand in for them, as an array."""
    entry_year = (
        select(HomeroomClass.entry_year)
        .where(HomeroomClass.school_id == db.SCHOOL, HomeroomClass.id == class_id)
        .scalar_subquery()
    )
    posted = union(
        select(Assignment.staff_id).where(
            Assignment.school_id == db.SCHOOL, Assignment.class_id == class_id, current(Assignment)
        ),
        select(StaffDuty.staff_id).where(
            StaffDuty.school_id == db.SCHOOL,
            StaffDuty.role == Role.GRADE_HEAD.value,
            StaffDuty.scope_kind == GRADE,
            StaffDuty.scope_id == entry_year,
            current(StaffDuty),
        ),
    )
    deputies = select(StaffDuty.staff_id).where(
        StaffDuty.school_id == db.SCHOOL,
        StaffDuty.role == DEPUTY,
        StaffDuty.deputy_of.in_(posted),
        current(StaffDuty),
    )
    return _array(
        select(Staff.account_id).where(
            Staff.school_id == db.SCHOOL,
            Staff.account_id.is_not(None),
            or_(Staff.id.in_(posted), Staff.id.in_(deputies)),
        )
    )


def families_of_class(class_id: Any, day: Any) -> Any:
    """The accounts of all guardians of a class (a parameter) who have joined, as an array."""
    return _array(
        select(Guardian.account_id)
        .distinct()
        .join(Guardianship, db.on(Guardianship, Guardian, "guardian_id"))
        .join(
            Enrollment,
            (Enrollment.school_id == Guardianship.school_id)
            & (Enrollment.pupil_id == Guardianship.pupil_id),
        )
        .where(
            Guardianship.school_id == db.SCHOOL,
            Guardianship.ended_at.is_(None),
            Guardian.account_id.is_not(None),
            Enrollment.class_id == class_id,
            current(Enrollment, day),
        )
    )
