"""A school of six grades in an own database, and everything it holds as text to compare."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time

import pytest
from sqlalchemy import Text, func, select

from campus import clock, db
from campus.actor import Actor
from campus.db import Base
from campus.identity.actions import register_accounts
from campus.permissions import Role
from campus.schools.actions import grant_roles
from tenants.demo.year import year_of
from tenants.people.employ import Duty, NewStaff, assign_staff, employ_staff, open_subjects
from tenants.people.enrol import (
    GuardianTie,
    NewPupil,
    enrol_pupils,
    join_guardians,
    link_guardians,
    open_classes,
)
from tenants.people.years import open_year
from tests.support.empty_school import blank, school_id, today

__all__ = ["blank", "school_id", "today"]

TODAY = date(2026, 11, 23)
FIRST = date(2026, 9, 1)
NEXT = date(2027, 9, 1)
# What a way back does not undo: who did what, and news that was told.
KEPT = ("turn", "turn_change", "outbox", "notification", "inbox")


@dataclass
class House:
    """The school's ids: classes by (entry year, number), pupils by class."""

    id: int
    admin: Actor
    classes: dict[tuple[int, int], int]
    pupils: dict[tuple[int, int], list[int]] = field(default_factory=dict)
    staff: list[int] = field(default_factory=list)


def build(school_id: int, *, per_grade: int = 2, pupils: int = 3) -> House:
    """Six grades; every class has a 班主任 and somebody for 语文."""
    system = Actor.system(school_id)
    with db.transaction(school_id=school_id):
        phone = "12000000001"
        account = register_accounts({phone: "赵敏"})[phone]
        grant_roles(system, account_ids=[account], roles=[Role.ADMIN])
        admin = Actor(account, "赵敏", school_id, frozenset({Role.ADMIN}))
        keys = [(year, number) for year in range(2021, 2027) for number in range(1, per_grade + 1)]
        house = House(school_id, admin, open_classes(system, keys))
        year = year_of(TODAY)
        open_year(
            system, name=year.name, starts_on=year.starts_on, ends_on=year.ends_on, terms=year.terms
        )
        for key in keys:
            new = [
                NewPupil(
                    f"学生{key[0] % 100}{key[1]}{'甲乙丙丁戊己庚辛'[seat % 8]}{seat}",
                    house.classes[key],
                    seat,
                )
                for seat in range(1, pupils + 1)
            ]
            house.pupils[key] = enrol_pupils(system, new, starts_on=FIRST)
        house.staff = _staff(system, house)
    return house


def _staff(system: Actor, house: House) -> list[int]:
    people = [
        NewStaff(f"教师{place}", f"1200001{place:04d}", frozenset({Role.TEACHER}))
        for place in range(len(house.classes))
    ]
    ids = list(employ_staff(system, people).values())
    chinese = open_subjects(system, ["语文"])["语文"]
    rooms = list(house.classes.values())
    duties = [Duty(staff, room) for staff, room in zip(ids, rooms, strict=True)]
    duties += [Duty(staff, room, chinese) for staff, room in zip(ids, rooms, strict=True)]
    assign_staff(system, duties, starts_on=FIRST)
    return ids


@pytest.fixture
def house(school_id: int) -> House:
    """Two classes a grade, three children a class."""
    return build(school_id)


@pytest.fixture
def family(house: House) -> Callable[..., int]:
    """family(pupil ids…) gives them one guardian who has joined; the account."""

    def make(*pupil_ids: int, phone: str = "12000009001") -> int:
        system = Actor.system(house.id)
        with db.transaction(school_id=house.id):
            link_guardians(system, [GuardianTie(one, "李梅", phone, "妈妈") for one in pupil_ids])
            accounts = register_accounts({phone: "李梅"})
            join_guardians(system, accounts)
            return accounts[phone]

    return make


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[date], None]:
    """at(day) makes it ten in the morning of that day."""

    def move(day: date) -> None:
        moment = datetime.combine(day, time(10), clock.SHANGHAI)
        monkeypatch.setattr(clock, "now", lambda: moment)
        monkeypatch.setattr(clock, "today", lambda: day)

    return move


@pytest.fixture
def inside(house: House) -> Iterator[None]:
    """Inside the school, reading and writing, for one test."""
    with db.transaction(school_id=house.id):
        yield


def everything(school_id: int) -> dict[str, list[str]]:
    """Every row of every table as the database prints it, journal and audit apart."""
    found = {}
    with db.transaction(school_id=school_id) as session:
        for table in Base.metadata.sorted_tables:
            if table.name not in KEPT and not table.name.startswith("audit_"):
                rows = session.scalars(select(func.to_jsonb(table.table_valued()).cast(Text)))
                found[table.name] = sorted(rows)
    return found
