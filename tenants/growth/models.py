"""The growth book of a child: a gap-free sequence of dated records with their source."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from campus.db import SchoolRow, SchoolScoped, within_school

PRAISE = "praise"  # the source_kind of what was praised in class


class GrowthBook(SchoolScoped):
    """A child's counter, raised under its row lock: the one safe cursor of the timeline."""

    __tablename__ = "growth_book"
    __table_args__ = (within_school("pupil_id", "pupil"),)

    pupil_id: Mapped[int] = mapped_column(primary_key=True)
    last_seq: Mapped[int] = mapped_column(server_default="0")


class GrowthRecord(SchoolRow):
    """One piece of evidence. ``seq`` is its last change (made or withdrawn) in the child's book.

    ``origin`` names the author of a record brought from another school ("枫溪小学 王老师").
    """

    __tablename__ = "growth_record"
    __table_args__ = (
        UniqueConstraint("school_id", "pupil_id", "seq"),
        UniqueConstraint("school_id", "pupil_id", "source_kind", "source_id"),
        within_school("pupil_id", "pupil"),
        within_school("staff_id", "staff"),
        within_school("photo_id", "photo"),
        Index("ix_growth_record_time", "school_id", "pupil_id", "happened_at"),
        Index("ix_growth_record_source", "school_id", "source_kind", "source_id"),
    )

    pupil_id: Mapped[int]
    seq: Mapped[int]
    area: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    source_kind: Mapped[str] = mapped_column(Text)
    source_id: Mapped[int]
    staff_id: Mapped[int | None]
    photo_id: Mapped[int | None]
    origin: Mapped[str | None] = mapped_column(Text)
    happened_at: Mapped[datetime] = mapped_column(server_default=func.now())
    withdrawn_at: Mapped[datetime | None]
