"""Where a school's opening stands: its steps and drafts, and the figures of the roster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, exists, func, select

from campus import clock, db, texts
from campus.schools.models import School
from tenants.people import scope
from tenants.people.models import (
    Assignment,
    Enrollment,
    Guardian,
    HomeroomClass,
    Staff,
    Subject,
    Term,
)
from tenants.setup.held import shown_year, year_values
from tenants.setup.models import SetupStep
from tenants.setup.presets import ReadyNotice, notices
from tenants.setup.weeks import usual_year


@dataclass(frozen=True, slots=True)
class Figures:
    """How many there are; ``headless`` classes have no 班主任, ``idle`` staff teach no class.

    ``terms`` counts those that have not ended.
    """

    pupils: int
    classes: int
    headless: int
    staff: int
    idle: int
    guardians: int
    joined: int
    subjects: int
    terms: int


def whole(text: str) -> int | None:
    """A whole number as a form sends it; None for anything else, however long or strange."""
    return texts.number(text, 9)


def figures() -> Figures:
    """Count the entered school in one statement."""
    [row] = db.rows(
        select(
            _count(Enrollment, scope.current(Enrollment)),
            _count(HomeroomClass, HomeroomClass.graduated_on.is_(None)),
            _count(HomeroomClass, HomeroomClass.graduated_on.is_(None), ~_led()),
            _count(Staff),
            _count(Staff, ~_teaching()),
            _count(Guardian),
            _count(Guardian, Guardian.account_id.is_not(None)),
            _count(Subject),
            _count(Term, Term.ends_on >= clock.today()),
        )
    )
    return Figures(*row)


def _count(model: Any, *conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    counted = select(func.count()).select_from(model)
    return counted.where(model.school_id == db.school_id(), *conditions).scalar_subquery()


def _led() -> ColumnElement[bool]:
    return exists().where(
        and_(
            Assignment.school_id == HomeroomClass.school_id,
            Assignment.class_id == HomeroomClass.id,
            Assignment.homeroom,
            scope.current(Assignment),
        )
    )


def _teaching() -> ColumnElement[bool]:
    return exists().where(
        and_(
            Assignment.school_id == Staff.school_id,
            Assignment.staff_id == Staff.id,
            scope.current(Assignment),
        )
    )


def step_rows() -> dict[str, SetupStep]:
    """The steps that were ever touched, by key."""
    rows = db.session().scalars(select(SetupStep).where(SetupStep.school_id == db.school_id()))
    return {row.step: row for row in rows}


def answers_of_all() -> dict[str, Mapping[str, Any]]:
    """What was answered, by step; steps never saved are missing."""
    return {key: row.answers for key, row in step_rows().items() if row.answers is not None}


def held_subjects() -> list[Subject]:
    """The school's subjects in their order."""
    return list(
        db.session().scalars(
            select(Subject)
            .where(Subject.school_id == db.school_id())
            .order_by(Subject.position, Subject.id)
        )
    )


def registered() -> School:
    """The entered school in the registry."""
    return db.session().scalars(select(School).where(School.id == db.school_id())).one()


def values_of(key: str, row: SetupStep | None) -> dict[str, Any]:
    """What a step's form shows first: the draft, else what stands, else what is usual."""
    if row is not None and row.draft is not None:
        return dict(row.draft)
    answers = dict(row.answers) if row is not None and row.answers is not None else {}
    return {**answers, **_standing(key)}


def _standing(key: str) -> dict[str, Any]:
    """What other tables say: they are the truth, whoever changed them last."""
    if key == "identity":
        school = registered()
        return {"name": school.name, "short_name": school.short_name}
    if key == "stages":
        return {"naming": registered().class_naming}
    if key == "look":
        return {"accent": registered().accent}
    if key == "calendar":
        return _calendar()
    if key == "subjects":
        held = held_subjects()
        return {
            "subject": [one.name for one in held],
            "subject_id": [str(one.id) for one in held],
            "place": [str(at) for at, _ in enumerate(held, start=1)],
        }
    return {}


def _calendar() -> dict[str, Any]:
    year = shown_year()
    return (year_values(year) if year else None) or usual_year(clock.today())


def ready_notices() -> list[ReadyNotice]:
    """The ready notices of the school's preset; a school without one is taken for a 小学."""
    said = db.session().scalar(
        select(SetupStep.answers).where(
            SetupStep.school_id == db.school_id(), SetupStep.step == "stages"
        )
    )
    preset = (said or {}).get("preset", "primary")
    return [notice for notice in notices() if preset in notice.presets]
