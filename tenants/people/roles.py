"""Offices of the staff, with scope and dates, and deputies while somebody is away.

An office is a row from day to day; the membership's roles follow it at once, and each night where
a row begins or ends. A role that came with the roster and has no row here stays as it is. Who
gains or loses a role has sockets cut within a second and comes back with the new ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import or_, select, update

from campus import audit, clock, db
from campus.actor import Actor
from campus.errors import InvalidInput, NotFound
from campus.permissions import STAFF as STAFF_ROLES
from campus.permissions import Role
from tenants.people import scope
from tenants.people.models import Assignment, HomeroomClass, Staff, StaffDuty, Subject
from tenants.people.permissions import People
from tenants.people.standing import held_roles, materialise, sync_roles, with_deputies

HOMEROOM, LESSONS = "homeroom", "subject"
KINDS = {
    Role.HEAD.value: "校长",
    Role.DEAN.value: "教导主任",
    Role.GRADE_HEAD.value: "年级组长",
    HOMEROOM: "班主任",
    LESSONS: "任课教师",
    Role.DOCTOR.value: "校医",
    Role.ADMIN.value: "管理员",
}
DAY = timedelta(days=1)
BACKWARDS = "结束日期不能早于开始日期。"
SAME = "不能代理自己，请另选一位。"
TAKEN = "这个班那时已有班主任，请先结束原来的。"
HELD = "这位老师已经担任这一项了。"


@dataclass(frozen=True, slots=True)
class Office:
    """What somebody is to hold: a kind of KINDS, its scope, its dates."""

    kind: str
    starts_on: date
    ends_on: date | None = None
    entry_year: int | None = None
    class_id: int | None = None
    subject_id: int | None = None


def give_office(actor: Actor, *, staff_id: int, office: Office) -> None:
    """Give an office or lessons. Raises NotFound, InvalidInput by field, Conflict."""
    actor.check(People.OFFICES)
    reach_staff(staff_id)
    _check_dates(office.starts_on, office.ends_on)
    if office.kind in (HOMEROOM, LESSONS):
        _assign(staff_id, office)
    elif office.kind in KINDS:
        _appoint(staff_id, office)
    else:
        raise InvalidInput({"kind": "请选择一个职务。"})
    audit.record(actor, "people.give-office", "staff", staff_id, kind=office.kind)
    sync_roles([staff_id])


def end_office(actor: Actor, *, staff_id: int, duty_id: int) -> None:
    """End an office or a deputyship as of now. Raises NotFound, or Conflict for the last admin."""
    actor.check(People.OFFICES)
    _end(StaffDuty, staff_id, duty_id)
    audit.record(actor, "people.end-office", "staff", staff_id, duty=duty_id)
    sync_roles(with_deputies(staff_id))


def end_assignment(actor: Actor, *, staff_id: int, assignment_id: int) -> None:
    """End lessons or the homeroom as of now. Raises NotFound."""
    actor.check(People.OFFICES)
    _end(Assignment, staff_id, assignment_id)
    audit.record(actor, "people.end-assignment", "staff", staff_id, assignment=assignment_id)
    sync_roles(with_deputies(staff_id))


def end_role(actor: Actor, *, staff_id: int, role: Role) -> None:
    """Take a role that came with the roster and has no row here. Raises NotFound, Conflict."""
    actor.check(People.OFFICES)
    reach_staff(staff_id)
    if role not in STAFF_ROLES or role not in held_roles(staff_id):
        raise NotFound
    materialise([staff_id], only=role)
    _end_all(StaffDuty, staff_id, StaffDuty.role == role.value)
    audit.record(actor, "people.end-role", "staff", staff_id, role=role.value)
    sync_roles(with_deputies(staff_id))


def deputise(
    actor: Actor, *, staff_id: int, deputy_id: int, starts_on: date, ends_on: date
) -> None:
    """Let a colleague do a person's work from day to day: classes, lessons, offices but admin.

    Raises NotFound for either, InvalidInput by field.
    """
    actor.check(People.OFFICES)
    reach_staff(staff_id)
    _check_dates(starts_on, ends_on)
    if deputy_id == staff_id:
        raise InvalidInput({"deputy_id": SAME})
    if not _exists(Staff, deputy_id):
        raise InvalidInput({"deputy_id": "请选择一位本校老师。"})
    materialise([staff_id, deputy_id])
    db.session().add(
        StaffDuty(
            staff_id=deputy_id,
            role=scope.DEPUTY,
            deputy_of=staff_id,
            starts_on=starts_on,
            ends_on=ends_on,
        )
    )
    db.session().flush()
    audit.record(actor, "people.deputise", "staff", staff_id, deputy=deputy_id)
    sync_roles([deputy_id])


def leave_school(actor: Actor, *, staff_id: int) -> None:
    """End everything a person holds here, as of now. Raises NotFound, or Conflict for the last
    admin."""
    actor.check(People.OFFICES)
    reach_staff(staff_id)
    touched = with_deputies(staff_id)
    materialise([staff_id])
    _end_all(StaffDuty, staff_id)
    _end_all(Assignment, staff_id)
    db.session().execute(
        update(StaffDuty)
        .where(
            StaffDuty.school_id == db.school_id(),
            StaffDuty.deputy_of == staff_id,
            _not_over(StaffDuty),
        )
        .values(ends_on=clock.today() - DAY)
        .execution_options(synchronize_session=False)
    )
    audit.record(actor, "people.leave", "staff", staff_id)
    sync_roles(touched)


def reach_staff(staff_id: int) -> Staff:
    """A colleague of the entered school. Raises NotFound."""
    found = db.session().scalar(
        select(Staff).where(Staff.school_id == db.school_id(), Staff.id == staff_id)
    )
    if found is None:
        raise NotFound
    return found


def _check_dates(starts_on: date, ends_on: date | None) -> None:
    if ends_on is not None and ends_on < starts_on:
        raise InvalidInput({"ends_on": BACKWARDS})


def _exists(model: Any, number: int | None) -> bool:
    return bool(
        number
        and db.session().scalar(
            select(model.id).where(model.school_id == db.school_id(), model.id == number)
        )
    )


def _assign(staff_id: int, office: Office) -> None:
    if not _exists(HomeroomClass, office.class_id):
        raise InvalidInput({"class_id": "请选择一个班级。"})
    homeroom = office.kind == HOMEROOM
    if not homeroom and not _exists(Subject, office.subject_id):
        raise InvalidInput({"subject_id": "请选择一个学科。"})
    subject_id = None if homeroom else office.subject_id
    same = Assignment.homeroom if homeroom else Assignment.subject_id == subject_id
    meets = _meets(Assignment, office.starts_on, office.ends_on)
    held = select(Assignment.staff_id).where(
        Assignment.school_id == db.school_id(), Assignment.class_id == office.class_id, same, meets
    )
    holders = set(db.session().scalars(held))
    if staff_id in holders:
        raise InvalidInput({"kind": HELD})
    if homeroom and holders:
        raise InvalidInput({"class_id": TAKEN})
    db.session().add(
        Assignment(
            staff_id=staff_id,
            class_id=office.class_id,
            subject_id=subject_id,
            homeroom=homeroom,
            starts_on=office.starts_on,
            ends_on=office.ends_on,
        )
    )
    db.session().flush()


def _appoint(staff_id: int, office: Office) -> None:
    grade = office.entry_year if office.kind == Role.GRADE_HEAD else None
    if office.kind == Role.GRADE_HEAD and not db.session().scalar(
        select(HomeroomClass.id)
        .where(HomeroomClass.school_id == db.school_id(), HomeroomClass.entry_year == grade)
        .limit(1)
    ):
        raise InvalidInput({"entry_year": "请选择一个年级。"})
    held = select(StaffDuty.id).where(
        StaffDuty.school_id == db.school_id(),
        StaffDuty.staff_id == staff_id,
        StaffDuty.role == office.kind,
        StaffDuty.scope_id.is_not_distinct_from(grade),
        _meets(StaffDuty, office.starts_on, office.ends_on),
    )
    if db.session().scalar(held.limit(1)):
        raise InvalidInput({"kind": HELD})
    db.session().add(
        StaffDuty(
            staff_id=staff_id,
            role=office.kind,
            scope_kind=scope.GRADE if grade else "school",
            scope_id=grade,
            starts_on=office.starts_on,
            ends_on=office.ends_on,
        )
    )
    db.session().flush()


def _meets(model: Any, starts_on: date, ends_on: date | None) -> Any:
    """Whether a row shares a day with these dates."""
    begun = model.starts_on <= ends_on if ends_on else model.starts_on.is_not(None)
    return begun & or_(model.ends_on.is_(None), model.ends_on >= starts_on)


def _not_over(model: Any) -> Any:
    return or_(model.ends_on.is_(None), model.ends_on >= clock.today())


def _end(model: Any, staff_id: int, number: int) -> None:
    if not _end_all(model, staff_id, model.id == number):
        raise NotFound


def _end_all(model: Any, staff_id: int, *which: Any) -> int:
    ended = db.session().execute(
        update(model)
        .where(
            model.school_id == db.school_id(), model.staff_id == staff_id, _not_over(model), *which
        )
        .values(ends_on=clock.today() - DAY)
        .returning(model.id)
        .execution_options(synchronize_session=False)
    )
    return len(ended.all())
