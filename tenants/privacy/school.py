"""Everything of a school in one box: pages to read, rows as JSON, lists, OneRoster, original files.

Rows stream from the server some hundred at a time and photos one by one, so a large school costs
time, not memory. What is left out is said in the box, with the reason.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Collection, Iterator
from datetime import date, datetime, time
from typing import Any

import xlsxwriter
from sqlalchemy import Column, LargeBinary, Table, select

from campus import db, personal_data, storage
from campus.personal_data import PersonalData
from campus.schools.models import Membership, School
from tenants.people import naming, scope
from tenants.people.book import SEXES
from tenants.people.models import (
    Enrollment,
    Guardian,
    Guardianship,
    HomeroomClass,
    Pupil,
    Staff,
)
from tenants.privacy.book import Step, pages, sheet, style
from tenants.privacy.box import Box

ROWS_AT_ONCE = 500
# Columns that open something, or that only this platform can read.
SECRET = re.compile(r"hash|secret|token|password|fingerprint|sealed|blind")


def fill(box: Box, *, school_id: int, at: datetime, step: Step) -> None:
    """Write the whole school into the box; ``step(done, total)`` after each table and file.

    Each table is read in a transaction of its own; none is open while a photo is fetched.
    """
    tables = exported()
    files = [file for data in _asked() for file in (data.school_files or tuple)()]
    total, counts = len(tables) + len(files), []
    for done, table in enumerate(tables, start=1):
        counted = Counted(_lines(table))
        box.pour(f"json/{table.name}.json", counted)
        counts.append((table.name, counted.rows))
        db.release()
        step(done, total)
    _pages(box, at, counts)
    for data in _asked():
        for name, content in (data.school_parts or dict)().items():
            box.put(name, content)
    db.release()
    for done, file in enumerate(files, start=len(tables) + 1):
        box.put(file.name, storage.store().get(school_id, file.key), packed=False)
        step(done, total)


def exported() -> list[Table]:
    """The school's tables that go along, parents before children."""
    return [
        table
        for table in db.Base.metadata.sorted_tables
        if "school_id" in table.c and table.primary_key.columns[0].name == "school_id"
        if table.name in _scoped() - left_out().keys()
    ]


def left_out() -> dict[str, str]:
    """Tables that stay behind although the school's number is on them, each with the reason."""
    return {name: rule.left_out for name, rule in personal_data.rules().items() if rule.left_out}


def _asked() -> Collection[PersonalData]:
    return personal_data.DECLARED.values()


def _scoped() -> set[str]:
    mappers = db.Base.registry.mappers
    return {
        str(one.local_table.name)  # type: ignore[attr-defined]
        for one in mappers
        if issubclass(one.class_, db.SchoolScoped) or one.class_ is Membership
    }


def open_columns(table: Table) -> list[Column[Any]]:
    """Columns that go along: no secrets, no bytes but the sums of photos."""
    return [
        column
        for column in table.c
        if not SECRET.search(column.name)
        and (not isinstance(column.type, LargeBinary) or column.name == "sha256")
    ]


class Counted:
    """Pieces of a JSON array, and how many rows went through."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.rows = 0

    def __iter__(self) -> Iterator[bytes]:
        yield b"["
        for line in self._lines:
            yield f"{',' if self.rows else ''}\n{line}".encode()
            self.rows += 1
        yield b"\n]\n"


def _lines(table: Table) -> Iterator[str]:
    query = (
        select(*open_columns(table))
        .where(table.c.school_id == db.school_id())
        .order_by(*table.primary_key.columns)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    for row in db.unit().connection.execute(query).mappings():
        yield json.dumps(dict(row), ensure_ascii=False, default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value.isoformat() if isinstance(value, datetime | date | time) else str(value)


def _pages(box: Box, at: datetime, counts: list[tuple[str, int]]) -> None:
    school = db.session().get_one(School, db.school_id())
    pupils, staff = list(_pupils()), list(_staff())
    drawn = pages().get_template("privacy/zip/school.html")
    box.put(
        "index.html",
        drawn.render(
            school=school,
            at=at,
            classes=_by_class(pupils),
            staff=staff,
            counts=counts,
            left_out=left_out(),
        ),
    )
    box.put("book.css", style())
    box.put("lists.xlsx", _lists(pupils, staff), packed=False)


Pupils = list[tuple[Any, ...]]


def _pupils() -> Iterator[tuple[Any, ...]]:
    """(class label, seat, name, sex, birthday, guardians in words) of everybody now in a class."""
    ties = db.rows(
        select(Guardianship.pupil_id, Guardianship.relation, Guardian.name, Guardian.phone)
        .join(Guardian, db.on(Guardianship, Guardian, "guardian_id"))
        .where(Guardianship.school_id == db.school_id(), Guardianship.ended_at.is_(None))
        .order_by(Guardianship.contact_order)
    )
    families: dict[int, list[str]] = {}
    for pupil_id, *words in ties:
        families.setdefault(pupil_id, []).append(" ".join(words))
    rows = db.rows(
        select(
            HomeroomClass.entry_year,
            HomeroomClass.number,
            Enrollment.seat_no,
            Pupil.id,
            Pupil.name,
            Pupil.sex,
            Pupil.birthday,
        )
        .join(Enrollment, db.on(Enrollment, Pupil, "pupil_id"))
        .join(HomeroomClass, db.on(Enrollment, HomeroomClass, "class_id"))
        .where(Pupil.school_id == db.school_id(), scope.current(Enrollment))
        .order_by(HomeroomClass.entry_year, HomeroomClass.number, Enrollment.seat_no, Pupil.id)
    )
    for year, number, seat_no, pupil_id, name, sex, birthday in rows:
        label = naming.entry_label(year, number)
        parents = "；".join(families.get(pupil_id, ()))
        yield label, seat_no, name, SEXES.get(sex, ""), birthday, parents


def _staff() -> list[tuple[str, str]]:
    rows = db.rows(
        select(Staff.name, Staff.title).where(Staff.school_id == db.school_id()).order_by(Staff.id)
    )
    return [(row[0], row[1]) for row in rows]


def _by_class(pupils: Pupils) -> dict[str, Pupils]:
    found: dict[str, Pupils] = {}
    for row in pupils:
        found.setdefault(row[0], []).append(row)
    return found


def _lists(pupils: Pupils, staff: list[tuple[str, str]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        sheet(made, "学生", ("班级", "座号", "姓名", "性别", "生日", "监护人"), pupils)
        sheet(made, "教职工", ("姓名", "职务"), staff)
    return out.getvalue()
