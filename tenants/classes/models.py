"""The class's day: attendance, praise, timetable."""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import Index, SmallInteger, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from campus.db import SchoolRow, SchoolScoped, within_school


class AttendanceSheet(SchoolRow):
    """Attendance of one class for one half day was taken. Only exceptions have a mark."""

    __tablename__ = "attendance_sheet"
    __table_args__ = (
        UniqueConstraint("school_id", "class_id", "day", "half"),
        within_school("class_id", "homeroom_class"),
    )

    class_id: Mapped[int]
    day: Mapped[date]
    half: Mapped[str] = mapped_column(Text)
    taken_by: Mapped[int | None]
    taken_at: Mapped[datetime] = mapped_column(server_default=func.now())


class AttendanceMark(SchoolScoped):
    """A pupil who was late, on leave, ill or absent in one half day."""

    __tablename__ = "attendance_mark"
    __table_args__ = (
        within_school("sheet_id", "attendance_sheet"),
        within_school("pupil_id", "pupil"),
        Index("ix_attendance_mark_pupil", "school_id", "pupil_id"),
    )

    sheet_id: Mapped[int] = mapped_column(primary_key=True)
    pupil_id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(Text)
    marked_by: Mapped[int | None]
    marked_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Praise(SchoolRow):
    """What a teacher saw one or several children do; ``kind`` is a key of areas.KINDS or empty."""

    __tablename__ = "praise"
    __table_args__ = (
        within_school("class_id", "homeroom_class"),
        within_school("staff_id", "staff"),
        within_school("photo_id", "photo"),
        Index("ix_praise_class", "school_id", "class_id", "created_at"),
    )

    class_id: Mapped[int]
    staff_id: Mapped[int]
    area: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    photo_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    retracted_at: Mapped[datetime | None]


class PraisePupil(SchoolScoped):
    """A child the praise is about."""

    __tablename__ = "praise_pupil"
    __table_args__ = (
        within_school("praise_id", "praise"),
        within_school("pupil_id", "pupil"),
        Index("ix_praise_pupil_pupil", "school_id", "pupil_id"),
    )

    praise_id: Mapped[int] = mapped_column(primary_key=True)
    pupil_id: Mapped[int] = mapped_column(primary_key=True)


class Period(SchoolScoped):
    """One row of the bell schedule."""

    __tablename__ = "period"

    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    starts_at: Mapped[time]
    ends_at: Mapped[time]


class TimetableSlot(SchoolRow):
    """One lesson of a class's week in a term; weekday 1 is Monday."""

    __tablename__ = "timetable_slot"
    __table_args__ = (
        UniqueConstraint("school_id", "term_id", "class_id", "weekday", "period"),
        within_school("term_id", "term"),
        within_school("class_id", "homeroom_class"),
        within_school("subject_id", "subject"),
        within_school("staff_id", "staff"),
        within_school("period", "period", "number"),
        Index("ix_timetable_slot_staff", "school_id", "staff_id", "term_id", "weekday"),
    )

    term_id: Mapped[int]
    class_id: Mapped[int]
    weekday: Mapped[int] = mapped_column(SmallInteger)
    period: Mapped[int] = mapped_column(SmallInteger)
    subject_id: Mapped[int]
    staff_id: Mapped[int | None]
