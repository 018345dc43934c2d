"""Who is at the school: years, classes, pupils, guardians, staff, and how they belong together."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
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


class CalendarDay(SchoolScoped):
    """A day unlike others of its weekday: without lessons (放假), or with lessons all the same.

    ``weekday`` (1 is Monday) says whose timetable a make-up day (调休补课) follows; a day off has
    none. A day is one or the other, so the two can never contradict each other.
    """

    __tablename__ = "calendar_day"
    __table_args__ = (CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    weekday: Mapped[int | None] = mapped_column(SmallInteger)


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


class Departure(SchoolRow):
    """A pupil who left, for good (``transfer``) or for a while (``suspension``); records stay.

    ``last_day`` is the last day here; ``back_on`` the day a suspended pupil is in class again.
    """

    __tablename__ = "departure"
    __table_args__ = (
        within_school("pupil_id", "pupil"),
        Index("ix_departure_pupil", "school_id", "pupil_id"),
    )

    pupil_id: Mapped[int]
    kind: Mapped[str] = mapped_column(Text)
    last_day: Mapped[date]
    reason: Mapped[str] = mapped_column(Text)
    next_school: Mapped[str] = mapped_column(Text, server_default="")
    back_on: Mapped[date | None]


class Guardian(SchoolRow):
    """A parent or grandparent as this school knows them; ``account_id`` once they have joined.

    ``wrong_number_at``: a teacher found the number is not theirs. ``previous_phone`` is the way
    back from a slip.
    """

    __tablename__ = "guardian"
    __table_args__ = (
        UniqueConstraint("school_id", "phone"),
        Index(
            "ix_guardian_account",
            "school_id",
            "account_id",
            postgresql_where="account_id IS NOT NULL",
        ),
    )

    name: Mapped[str] = mapped_column(Text)
    phone: Mapped[str] = mapped_column(Text)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    wrong_number_at: Mapped[datetime | None]
    previous_phone: Mapped[str | None] = mapped_column(Text)


class FormerPhone(SchoolRow):
    """A number this school knew a guardian or a member of staff by: old lists still hold it."""

    __tablename__ = "former_phone"
    __table_args__ = (
        within_school("guardian_id", "guardian"),
        within_school("staff_id", "staff"),
        CheckConstraint("(guardian_id IS NULL) <> (staff_id IS NULL)", name="one_person"),
        Index("ix_former_phone_guardian", "school_id", "guardian_id"),
        Index("ix_former_phone_staff", "school_id", "staff_id"),
    )

    guardian_id: Mapped[int | None]
    staff_id: Mapped[int | None]
    phone: Mapped[str] = mapped_column(Text)
    left_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Guardianship(SchoolScoped):
    """Whose guardian, as what (妈妈, 爸爸, 奶奶 …), called in which order.

    ``limited``: sees the child's growth and the notices, but no health, address or other guardian
    (custody.py). ``ended_at``: no longer this child's guardian here; the row stays as history.
    ``previous`` holds the details before the last change, for undo.
    """

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
    may_pick_up: Mapped[bool] = mapped_column(Boolean, server_default="true")
    may_see_health: Mapped[bool] = mapped_column(Boolean, server_default="true")
    limited: Mapped[bool] = mapped_column(Boolean, server_default="false")
    ended_at: Mapped[datetime | None]
    previous: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


class StaffDuty(SchoolRow):
    """An office held from day to day (教导主任, 年级组长 …), or standing in for a colleague.

    ``scope_kind`` is school, or grade with the entry year as ``scope_id``. What a person teaches
    is an Assignment. ``role`` is ``deputy`` exactly when ``deputy_of`` names whose work is done.
    """

    __tablename__ = "duty"
    __table_args__ = (
        within_school("staff_id", "staff"),
        within_school("deputy_of", "staff"),
        CheckConstraint("deputy_of <> staff_id", name="deputy_of_another"),
        CheckConstraint("(role = 'deputy') = (deputy_of IS NOT NULL)", name="deputy_of_somebody"),
        Index("ix_duty_staff", "school_id", "staff_id"),
        Index("ix_duty_deputy", "school_id", "deputy_of"),
    )

    staff_id: Mapped[int]
    role: Mapped[str] = mapped_column(Text)
    scope_kind: Mapped[str] = mapped_column(Text, server_default="school")
    scope_id: Mapped[int | None]
    deputy_of: Mapped[int | None]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
