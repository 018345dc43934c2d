"""The first chapter of a child's book: who they are, whose child, and the classes they were in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from campus import db
from campus.personal_data import Chapter, Reader, Sheet
from campus.schools.models import School
from tenants.people import naming
from tenants.people.models import Enrollment, Guardian, Guardianship, HomeroomClass, Pupil
from tenants.people.queries import given_name

SEXES = {1: "男", 2: "女"}


@dataclass(frozen=True, slots=True)
class Stay:
    """A place in a class, from day to day; no ``ends_on`` means until now."""

    entry_year: int
    number: int
    label: str
    seat_no: int | None
    starts_on: date
    ends_on: date | None


def chapter(pupil_id: int, reader: Reader) -> Chapter:
    """Name, sex, birthday, guardians without their phones, classes."""
    pupil = db.session().get_one(Pupil, (db.school_id(), pupil_id))
    guardians, stays = _guardians(pupil_id, reader), list(stays_of(pupil_id))
    rows = [(one.label, one.seat_no, one.starts_on, one.ends_on or "至今") for one in stays]
    return Chapter(
        sheets=(
            Sheet("基本信息", ("项目", "内容"), _facts(pupil, guardians)),
            Sheet("班级", ("班级", "座号", "从", "到"), rows),
        ),
        template="people/book.html",
        context={
            "call": given_name(pupil.name),
            "sex": SEXES.get(pupil.sex, ""),
            "birthday": pupil.birthday,
            "guardians": guardians,
            "stays": stays,
        },
        fields=lambda _: _fields(pupil, guardians, stays),
    )


def _facts(pupil: Pupil, guardians: list[tuple[str, str]]) -> list[tuple[Any, ...]]:
    school = db.session().get_one(School, db.school_id()).name
    facts = [("学校", school), ("姓名", pupil.name), ("性别", SEXES.get(pupil.sex, ""))]
    facts.append(("生日", pupil.birthday.isoformat() if pupil.birthday else ""))
    return [*facts, *guardians]


def _fields(pupil: Pupil, guardians: list[tuple[str, str]], stays: list[Stay]) -> Mapping[str, Any]:
    return {
        "pupil": {
            "name": pupil.name,
            "sex": pupil.sex,
            "birthday": pupil.birthday and pupil.birthday.isoformat(),
        },
        "guardians": [{"relation": relation, "name": name} for relation, name in guardians],
        "classes": [
            {
                "label": stay.label,
                "entry_year": stay.entry_year,
                "number": stay.number,
                "seat_no": stay.seat_no,
                "starts_on": stay.starts_on.isoformat(),
                "ends_on": stay.ends_on and stay.ends_on.isoformat(),
            }
            for stay in stays
        ],
    }


def _guardians(pupil_id: int, reader: Reader) -> list[tuple[str, str]]:
    """(relation, name) of those the reader may know of; phones stay with the school: another
    parent's is nobody else's."""
    rows = db.rows(
        select(Guardianship.relation, Guardian.name)
        .join(Guardian, db.on(Guardianship, Guardian, "guardian_id"))
        .where(
            Guardianship.school_id == db.school_id(),
            Guardianship.pupil_id == pupil_id,
            Guardianship.ended_at.is_(None),
            *([Guardian.id.in_(reader.guardians)] if reader.guardians is not None else []),
        )
        .order_by(Guardianship.contact_order, Guardian.id)
    )
    return [(row[0], row[1]) for row in rows]


def stays_of(pupil_id: int) -> Iterator[Stay]:
    """A pupil's classes, the first one first."""
    rows = db.rows(
        select(
            HomeroomClass.entry_year,
            HomeroomClass.number,
            Enrollment.seat_no,
            Enrollment.starts_on,
            Enrollment.ends_on,
        )
        .join(HomeroomClass, db.on(Enrollment, HomeroomClass, "class_id"))
        .where(Enrollment.school_id == db.school_id(), Enrollment.pupil_id == pupil_id)
        .order_by(Enrollment.starts_on, Enrollment.id)
    )
    for year, number, seat_no, starts_on, ends_on in rows:
        label = naming.entry_label(year, number)
        yield Stay(year, number, label, seat_no, starts_on, ends_on)
