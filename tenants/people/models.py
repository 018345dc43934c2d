"""Who is at the school: years, classes, pupils, guardians, staff, and how they belong together."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Boolean, ForeignKey, Index, SmallInteger, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from campus.db import SchoolRow, SchoolScoped, within_school


class SchoolYear(SchoolRow):
    """A school year; it starts on 1 September."""

    __tablename__ = "school_year"
    __table_args__ = (UniqueConstraint("school_id", "starts_on"),)

    name: Mapped[str] = mapped_column(Text)
    starts_on: Mapped[date]
    ends_on: Mapped[date]


class Term(SchoolRow):
    """上学期 or 下学期. Week 1 is the week (from Monday) that holds ``starts_on``."""

    __tablename__ = "term"
    __table_args__ = (
        UniqueConstraint("school_id", "starts_on"),
        within_school("year_id", "school_year"),
    )

    year_id: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    starts_on: Mapped[date]
    ends_on: Mapped[date]


class Subject(SchoolRow):
    """语文, 数学 …"""

    __tablename__ = "subject"
    __table_args__ = (UniqueConstraint("school_id", "name"),)

    name: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(SmallInteger, server_default="0")


class HomeroomClass(SchoolRow):
    """2024级2班. The grade is derived from the entry year, never renamed by hand (calendar.py)."""

    __tablename__ = "homeroom_class"
    __table_args__ = (UniqueConstraint("school_id", "entry_year", "number"),)

    entry_year: Mapped[int] = mapped_column(SmallInteger)
    number: Mapped[int] = mapped_column(SmallInteger)
    graduated_on: Mapped[date | None]


class Staff(SchoolRow):
    """A person who works here; the name is the school's own, the account is the person's."""

    __tablename__ = "staff"
    __table_args__ = (UniqueConstraint("school_id", "account_id"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text, server_default="")


class Assignment(SchoolRow):
    """A teacher in a class, as 班主任 (no subject needed) or for a subject, from day to day."""

    __tablename__ = "assignment"
    __table_args__ = (
        within_school("staff_id", "staff"),
        within_school("class_id", "homeroom_class"),
        within_school("subject_id", "subject"),
        Index("ix_assignment_staff", "school_id", "staff_id"),
        Index("ix_assignment_class", "school_id", "class_id"),
    )

    staff_id: Mapped[int]
    class_id: Mapped[int]
    subject_id: Mapped[int | None]
    homeroom: Mapped[bool] = mapped_column(Boolean, server_default="false")
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]


class Pupil(SchoolRow):
    """A child. Every row about a pupil is sensitive (PIPL 28). Sex follows GB/T 2261.1."""

    __tablename__ = "pupil"
    __table_args__ = (Index("ix_pupil_name", "school_id", "name"),)

    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(Text)
    sex: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    birthday: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Enrollment(SchoolRow):
    """A pupil in a class from day to day; the history of classes is kept."""

    __tablename__ = "enrollment"
    __table_args__ = (
        within_school("pupil_id", "pupil"),
        within_school("class_id", "homeroom_class"),
        Index("ix_enrollment_class", "school_id", "class_id", "seat_no"),
        Index("ix_enrollment_pupil", "school_id", "pupil_id"),
    )

    pupil_id: Mapped[int]
    class_id: Mapped[int]
    seat_no: Mapped[int | None] = mapped_column(SmallInteger)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]


class Guardian(SchoolRow):
    """A parent or grandparent as this school knows them; ``account_id`` once they have joined."""

    __tablename__ = "guardian"
    __table_args__ = (
        UniqueConstraint("school_id", "phone"),
        Index("ix_guardian_account", "school_id", "account_id"),
    )

    name: Mapped[str] = mapped_column(Text)
    phone: Mapped[str] = mapped_column(Text)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class Guardianship(SchoolScoped):
    """Whose guardian, as what (妈妈, 爸爸, 奶奶 …), called in which order."""

    __tablename__ = "guardianship"
    __table_args__ = (
        within_school("guardian_id", "guardian"),
        within_school("pupil_id", "pupil"),
        Index("ix_guardianship_pupil", "school_id", "pupil_id"),
    )

    guardian_id: Mapped[int] = mapped_column(primary_key=True)
    pupil_id: Mapped[int] = mapped_column(primary_key=True)
    relation: Mapped[str] = mapped_column(Text)
    contact_order: Mapped[int] = mapped_column(SmallInteger, server_default="1")
