"""A plan becomes rows, by the bulk actions of `people`, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from campus.actor import Actor
from tenants.onboarding.plan_pupils import PupilPlan
from tenants.onboarding.plan_staff import StaffPlan
from tenants.onboarding.rows import PupilRow
from tenants.people.employ import Duty, NewStaff, assign_staff, employ_staff, open_subjects
from tenants.people.enrol import (
    Amended,
    GuardianTie,
    NewPupil,
    amend_pupils,
    enrol_pupils,
    link_guardians,
    open_classes,
)


def apply_pupils(actor: Actor, plan: PupilPlan, *, starts_on: date) -> None:
    """Enrol, correct, tie guardians. ``starts_on`` is the new children's first day in class."""
    classes = open_classes(actor, {row.class_key for row in plan.new})
    new = [
        NewPupil(row.name, classes[row.class_key], row.seat_no, row.sex, row.birthday)
        for row in plan.new
    ]
    ids = enrol_pupils(actor, new, starts_on=starts_on)
    amended = [
        Amended(
            held.id,
            held.enrollment_id,
            row.seat_no or held.seat_no,
            row.sex or held.sex,
            row.birthday or held.birthday,
        )
        for row, held in plan.changed
    ]
    amend_pupils(actor, amended)
    whose = list(zip(plan.new, ids, strict=True))
    whose += [(row, held.id) for row, held in plan.changed]
    link_guardians(actor, _ties(whose, plan.guardian_names))


def _ties(whose: Iterable[tuple[PupilRow, int]], names: dict[str, str]) -> list[GuardianTie]:
    return [
        GuardianTie(pupil_id, names[one.phone], one.phone, one.relation, one.slot)
        for row, pupil_id in whose
        for one in row.guardians
    ]


def apply_staff(actor: Actor, plan: StaffPlan, *, starts_on: date) -> None:
    """Employ and assign. Accounts are made without a password: people set it when they join."""
    if not plan.rows:
        return
    staff = [NewStaff(row.name, row.phone, row.roles, row.title) for row in plan.rows]
    ids = employ_staff(actor, staff)
    classes = open_classes(actor, ())
    subjects = open_subjects(actor, (subject for _, _, subject in plan.teaching))
    duties = [Duty(ids[phone], classes[key]) for phone, key in plan.homerooms]
    duties += [
        Duty(ids[phone], classes[key], subjects[subject]) for phone, key, subject in plan.teaching
    ]
    assign_staff(actor, duties, starts_on=starts_on)
