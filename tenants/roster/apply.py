"""A plan becomes rows, by the bulk actions of `people`, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from sqlalchemy import update

from campus import db
from campus.actor import Actor
from tenants.people.bulk import update_rows
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
from tenants.people.models import Guardianship, Pupil
from tenants.people.pinyin import name_key
from tenants.roster.compare import wanted_ties
from tenants.roster.memory import MEMBER, PUPIL, Known, remember
from tenants.roster.plan_pupils import Met, PupilPlan, remembered
from tenants.roster.plan_staff import StaffPlan
from tenants.roster.pupil_numbers import keep_numbers
from tenants.roster.rows import GuardianCells, PupilRow

Progress = Callable[[str, int], None]


def apply_pupils(actor: Actor, plan: PupilPlan, *, starts_on: date, progress: Progress) -> None:
    """Enrol, correct, tie guardians. ``starts_on`` is the new children's first day in class.

    ``progress`` hears a step in words and how many percent are done.
    """
    classes = open_classes(actor, {row.class_key for row in plan.new})
    new = [
        NewPupil(row.name, classes[row.class_key], row.seat_no, row.sex, row.birthday)
        for row in plan.new
    ]
    progress("写入学生", 30)
    with db.ahead():  # PostgreSQL writes one table while the next is put together
        ids = enrol_pupils(actor, new, starts_on=starts_on)
        amend_pupils(actor, [_amended(met) for met in plan.changed])
        _rename(plan.changed)
        progress("写入家长", 50)
        guardians = link_guardians(actor, _ties(plan, ids), fresh=frozenset(ids))
        _begin_again(guardians, plan.changed)
        progress("记住这次的内容", 80)
        keep_numbers(_numbers(plan, ids))
        known = {
            pupil_id: Known(
                remembered(row, plan.guardian_names), plan.kept.get((row.sheet, row.row), {})
            )
            for row, pupil_id in zip(plan.new, ids, strict=True)
        }
        remember(PUPIL, known, fresh=True)
        remember(PUPIL, plan.memory)


def _ties(plan: PupilPlan, ids: list[int]) -> list[GuardianTie]:
    names = plan.guardian_names
    ties = [
        GuardianTie(pupil_id, names[one.phone], one.phone, one.relation, one.slot)
        for row, pupil_id in zip(plan.new, ids, strict=True)
        for one in row.guardians
    ]
    ties += [
        GuardianTie(met.held.id, tie.name, one.phone, tie.relation, tie.contact_order)
        for met in plan.changed
        for one, tie in wanted_ties(met.row, met.held, names)
        if f"监护人{one.slot}" in met.taken
    ]
    return ties


def _amended(met: Met) -> Amended:
    row, held = met.row, met.held
    return Amended(
        held.id,
        held.enrollment_id,
        met.seat_no,
        row.sex if "性别" in met.taken else held.sex,
        row.birthday if "出生日期" in met.taken else held.birthday,
    )


def _rename(changed: list[Met]) -> None:
    named = [met for met in changed if "姓名" in met.taken]
    names = [met.row.name for met in named]
    columns = {"name": names, "name_key": [name_key(name) for name in names]}
    update_rows(Pupil, [met.held.id for met in named], columns)


def _tied(met: Met) -> tuple[GuardianCells, ...]:
    return tuple(one for one in met.row.guardians if f"监护人{one.slot}" in met.taken)


def _begin_again(guardians: dict[str, int], changed: list[Met]) -> None:
    """Ties that had been ended and were chosen anew, one by one: this is rare and deliberate."""
    for met in changed:
        for one in _tied(met):
            tie = met.held.ties.get(one.phone)
            if tie is not None and tie.ended:
                db.send(
                    update(Guardianship)
                    .where(
                        Guardianship.school_id == db.school_id(),
                        Guardianship.pupil_id == met.held.id,
                        Guardianship.guardian_id == guardians[one.phone],
                    )
                    .values(ended_at=None)
                )


def _numbers(plan: PupilPlan, ids: list[int]) -> Iterable[tuple[int, str, str]]:
    for row, pupil_id in zip(plan.new, ids, strict=True):
        yield from ((pupil_id, column, number) for column, number in _written(row) if number)
    for met in plan.changed:
        for column, number in _written(met.row):
            if column in met.taken:
                yield met.held.id, column, number


def _written(row: PupilRow) -> tuple[tuple[str, str], ...]:
    return (("学籍号", row.register_number), ("身份证号", row.id_number))


def apply_staff(actor: Actor, plan: StaffPlan, *, starts_on: date) -> None:
    """Employ and assign. Accounts are made without a password: people set it when they join."""
    staff = [
        NewStaff(name, row.phone, row.roles, title)
        for row in plan.rows
        for name, title in [plan.titles.get(row.phone, ("", ""))]
        if name
    ]
    ids = plan.ids | employ_staff(actor, staff, met=True)  # the plan refused who was not
    classes = open_classes(actor, ())
    subjects = open_subjects(actor, (subject for _, _, subject in plan.teaching))
    duties = [Duty(ids[phone], classes[key]) for phone, key in plan.homerooms]
    duties += [
        Duty(ids[phone], classes[key], subjects[subject]) for phone, key, subject in plan.teaching
    ]
    assign_staff(actor, duties, starts_on=starts_on)
    remember(MEMBER, {ids[phone]: known for phone, known in plan.memory.items()})
