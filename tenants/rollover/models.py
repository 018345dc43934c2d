"""What a turn did, row by row, so that it can be taken back; and the plan before it is done."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, SmallInteger, Text, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from campus.db import SchoolRow, within_school


class Turn(SchoolRow):
    """One thing done as a whole: a new school year, a merge, a split, one pupil's move.

    ``title`` holds classes and years, never a name: the pupil's is read from the pupil.
    """

    __tablename__ = "turn"
    __table_args__ = (
        within_school("pupil_id", "pupil"),
        Index("ix_turn_made_at", "school_id", "made_at"),
        Index(
            "uq_turn_year",
            "school_id",
            "year",
            unique=True,
            postgresql_where="kind = 'year' AND undone_at IS NULL",
        ),
    )

    kind: Mapped[str] = mapped_column(Text)
    year: Mapped[int | None] = mapped_column(SmallInteger)
    pupil_id: Mapped[int | None]
    title: Mapped[str] = mapped_column(Text)
    effective_on: Mapped[date]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    undone_at: Mapped[datetime | None]


class TurnChange(SchoolRow):
    """One row a turn made (``before`` is null) or changed: the whole row, both times."""

    __tablename__ = "turn_change"
    __table_args__ = (
        within_school("turn_id", "turn"),
        Index("ix_turn_change_turn", "school_id", "turn_id"),
    )

    turn_id: Mapped[int]
    table_name: Mapped[str] = mapped_column(Text)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any]] = mapped_column(JSONB)


class TurnPlan(SchoolRow):
    """The next school year while it is being planned; ``newcomers`` are [class, name, sex]."""

    __tablename__ = "turn_plan"
    __table_args__ = (UniqueConstraint("school_id", "year"),)

    year: Mapped[int] = mapped_column(SmallInteger)
    new_classes: Mapped[int] = mapped_column(SmallInteger)
    effective_on: Mapped[date]
    first_starts_on: Mapped[date]
    first_ends_on: Mapped[date]
    second_starts_on: Mapped[date]
    second_ends_on: Mapped[date]
    newcomers: Mapped[list[list[Any]]] = mapped_column(JSONB, server_default="[]")
    saved_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    saved_at: Mapped[datetime] = mapped_column(server_default=func.now())


class TurnChoice(SchoolRow):
    """One exception to the rule that everybody goes on as they are, made on one class's page.

    ``repeat``: pupil ``object_id`` of the class stays down, into class ``target`` of the next
    entry year. ``drop``: assignment ``object_id`` ends. ``homeroom``: staff ``object_id`` becomes
    the class's 班主任.
    """

    __tablename__ = "turn_choice"
    __table_args__ = (
        within_school("plan_id", "turn_plan"),
        Index("ix_turn_choice_plan", "school_id", "plan_id"),
    )

    plan_id: Mapped[int]
    kind: Mapped[str] = mapped_column(Text)
    entry_year: Mapped[int] = mapped_column(SmallInteger)
    number: Mapped[int] = mapped_column(SmallInteger)
    object_id: Mapped[int]
    target: Mapped[int | None] = mapped_column(SmallInteger)
