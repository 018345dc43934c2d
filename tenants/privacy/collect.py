"""Everything the school holds about one child, gathered once: the book and data.json read it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, or_, select

from campus import db
from campus.errors import NotFound
from campus.schools.models import School
from tenants.classes.areas import AREAS, KIND_TEXTS
from tenants.classes.attendance import STATES
from tenants.classes.models import AttendanceMark, AttendanceSheet
from tenants.growth.models import GrowthRecord
from tenants.media.models import Photo
from tenants.people import naming
from tenants.people.models import (
    Enrollment,
    Guardian,
    Guardianship,
    HomeroomClass,
    Pupil,
    Staff,
    Term,
)
from tenants.people.queries import given_name, polite

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


@dataclass(frozen=True, slots=True)
class TermDays:
    """Attendance of one term in half days; only exceptions are counted by state."""

    name: str
    starts_on: date
    ends_on: date
    taken: int
    states: dict[str, int]

    @property
    def words(self) -> str:
        """``点名 86 个半天，到校 84 个；请假 1 次，迟到 1 次。``"""
        away = sum(count for state, count in self.states.items() if state != "late")
        said = [f"{STATES[key]} {count} 次" for key, count in self.states.items() if count]
        tail = f"；{'，'.join(said)}" if said else "，天天按时"
        return f"点名 {self.taken} 个半天，到校 {self.taken - away} 个{tail}。"


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo of a record: its key in the store, its name in the zip."""

    file: str
    key: str
    sha256: str
    size: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Line:
    """One record. ``author`` is shown; ``signed`` names the school as well and travels on."""

    at: datetime
    area: str
    kind: str
    text: str
    author: str
    role: str
    signed: str
    picture: Picture | None

    @property
    def area_title(self) -> str:
        """The area in words."""
        return AREAS.get(self.area, "")

    @property
    def kind_title(self) -> str:
        """The ready sentence, where it says more than the text."""
        words = KIND_TEXTS.get(self.kind, "")
        return words if words != self.text else ""


@dataclass(frozen=True, slots=True)
class Book:
    """One child's take-away, oldest record first."""

    school: str
    school_mark: str
    name: str
    sex: int
    birthday: date | None
    guardians: list[tuple[str, str]]
    stays: list[Stay]
    terms: list[TermDays]
    lines: list[Line]

    @property
    def call(self) -> str:
        """What the family calls the child."""
        return given_name(self.name)

    @property
    def sex_title(self) -> str:
        """男, 女 or nothing."""
        return SEXES.get(self.sex, "")

    @property
    def pictures(self) -> list[Picture]:
        """Each photo once, in the order of the book."""
        found = {line.picture.file: line.picture for line in self.lines if line.picture}
        return list(found.values())

    @property
    def areas(self) -> list[tuple[str, str, int]]:
        """(area, title, how many records): never a score."""
        counts = [line.area for line in self.lines]
        return [(key, title, counts.count(key)) for key, title in AREAS.items()]


def gather(pupil_id: int, *, health: bool = True) -> Book:
    """The book of one pupil of the entered school. Raises NotFound.

    Without ``health`` (a guardian who may not know of it) days of illness are days of leave.
    """
    session = db.session()
    pupil = session.scalar(
        select(Pupil).where(Pupil.school_id == db.school_id(), Pupil.id == pupil_id)
    )
    if pupil is None:
        raise NotFound
    school = session.get_one(School, db.school_id())
    return Book(
        school=school.name,
        school_mark=school.short_name[:1],
        name=pupil.name,
        sex=pupil.sex,
        birthday=pupil.birthday,
        guardians=_guardians(pupil_id),
        stays=list(_stays(pupil_id)),
        terms=list(_terms(pupil_id, health)),
        lines=list(_lines(pupil_id, school.name)),
    )


def _guardians(pupil_id: int) -> list[tuple[str, str]]:
    """(relation, name); phones stay with the school: another parent's is nobody else's."""
    rows = db.rows(
        select(Guardianship.relation, Guardian.name)
        .join(Guardian, _same(Guardian, Guardianship, "guardian_id"))
        .where(
            Guardianship.school_id == db.school_id(),
            Guardianship.pupil_id == pupil_id,
            Guardianship.ended_at.is_(None),
        )
        .order_by(Guardianship.contact_order, Guardian.id)
    )
    return [(row[0], row[1]) for row in rows]


def _same(target: Any, source: Any, column: str) -> Any:
    return and_(target.school_id == source.school_id, target.id == getattr(source, column))


def _stays(pupil_id: int) -> Iterable[Stay]:
    rows = db.rows(
        select(
            HomeroomClass.entry_year,
            HomeroomClass.number,
            Enrollment.seat_no,
            Enrollment.starts_on,
            Enrollment.ends_on,
        )
        .join(HomeroomClass, _same(HomeroomClass, Enrollment, "class_id"))
        .where(Enrollment.school_id == db.school_id(), Enrollment.pupil_id == pupil_id)
        .order_by(Enrollment.starts_on, Enrollment.id)
    )
    for year, number, seat_no, starts_on, ends_on in rows:
        label = naming.entry_label(year, number)
        yield Stay(year, number, label, seat_no, starts_on, ends_on)


def _terms(pupil_id: int, health: bool) -> Iterable[TermDays]:
    counted = [func.count().filter(AttendanceMark.state == state) for state in STATES]
    rows = db.rows(
        select(Term.name, Term.starts_on, Term.ends_on, func.count(), *counted)
        .join(
            AttendanceSheet,
            and_(
                AttendanceSheet.school_id == Term.school_id,
                AttendanceSheet.day.between(Term.starts_on, Term.ends_on),
            ),
        )
        .join(
            Enrollment,
            and_(
                Enrollment.school_id == Term.school_id,
                Enrollment.class_id == AttendanceSheet.class_id,
                Enrollment.pupil_id == pupil_id,
                Enrollment.starts_on <= AttendanceSheet.day,
                or_(Enrollment.ends_on.is_(None), Enrollment.ends_on >= AttendanceSheet.day),
            ),
        )
        .outerjoin(
            AttendanceMark,
            and_(
                AttendanceMark.school_id == AttendanceSheet.school_id,
                AttendanceMark.sheet_id == AttendanceSheet.id,
                AttendanceMark.pupil_id == pupil_id,
            ),
        )
        .where(Term.school_id == db.school_id())
        .group_by(Term.id, Term.name, Term.starts_on, Term.ends_on)
        .order_by(Term.starts_on)
    )
    for name, starts_on, ends_on, taken, *counts in rows:
        states = dict(zip(STATES, counts, strict=True))
        if not health:
            states["leave"] += states.pop("sick")
        yield TermDays(name, starts_on, ends_on, taken, states)


def _lines(pupil_id: int, school: str) -> Iterable[Line]:
    rows = db.rows(
        select(GrowthRecord, Staff.name, Staff.title, Photo)
        .outerjoin(Staff, _same(Staff, GrowthRecord, "staff_id"))
        .outerjoin(Photo, _same(Photo, GrowthRecord, "photo_id"))
        .where(
            GrowthRecord.school_id == db.school_id(),
            GrowthRecord.pupil_id == pupil_id,
            GrowthRecord.withdrawn_at.is_(None),
        )
        .with_only_columns(
            GrowthRecord.happened_at,
            GrowthRecord.area,
            GrowthRecord.kind,
            GrowthRecord.text,
            GrowthRecord.origin,
            Staff.name.label("staff"),
            Staff.title.label("role"),
            Photo.id.label("photo_id"),
            Photo.key,
            Photo.sha256,
            Photo.size,
            Photo.width,
            Photo.height,
            Photo.removed_at,
        )
        .order_by(GrowthRecord.happened_at, GrowthRecord.seq)
    )
    files: dict[int, str] = {}
    for row in rows:
        author = row.origin or (polite(row.staff) if row.staff else "老师")
        signed = row.origin or f"{school} {author}"
        yield Line(
            row.happened_at,
            row.area,
            row.kind,
            row.text,
            author,
            row.role or "",
            signed,
            _picture(row, files),
        )


def _picture(row: Any, files: dict[int, str]) -> Picture | None:
    if row.photo_id is None or row.removed_at is not None:
        return None
    file = files.setdefault(row.photo_id, f"photos/{len(files) + 1:04d}.jpg")
    return Picture(file, row.key, row.sha256.hex(), row.size, row.width, row.height)
