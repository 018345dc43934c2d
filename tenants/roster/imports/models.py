"""An import on its way, what was decided in it, and what the last one left behind."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, SmallInteger, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from campus.db import SchoolRow, SchoolScoped, within_school


class ImportRun(SchoolRow):
    """One file from upload to done.

    ``state``: columns → working → ready → working → done; or cancelled, failed. ``key`` is the raw
    file in the object store until it is done, at most seven days. ``sheets`` holds guess and
    sample, ``chosen`` what a person made of it, ``takes`` the answers to conflicts and questions,
    ``account`` what became of every sheet and line.
    """

    __tablename__ = "import_run"
    __table_args__ = (Index("ix_import_run_created", "school_id", "created_at"),)

    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    state: Mapped[str] = mapped_column(Text)
    step: Mapped[str] = mapped_column(Text, server_default="")
    progress: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    key: Mapped[str | None] = mapped_column(Text)
    size: Mapped[int] = mapped_column(Integer)
    sheets: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    chosen: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    takes: Mapped[dict[str, str]] = mapped_column(JSONB, server_default="{}")
    counts: Mapped[dict[str, int] | None] = mapped_column(JSONB)
    account: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    message: Mapped[str] = mapped_column(Text, server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]


class ImportLine(SchoolScoped):
    """One row of a preview, kept while its run is open. ``detail`` has changes and problems."""

    __tablename__ = "import_line"
    __table_args__ = (
        within_school("run_id", "import_run"),
        Index("ix_import_line_outcome", "school_id", "run_id", "outcome", "line"),
    )

    run_id: Mapped[int] = mapped_column(primary_key=True)
    line: Mapped[int] = mapped_column(Integer, primary_key=True)
    sheet: Mapped[str] = mapped_column(Text)
    row: Mapped[int] = mapped_column(Integer)
    outcome: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    group: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text)


class ImportHabit(SchoolScoped):
    """What a column of a shape of headings holds at this school; empty: not imported.

    ``title`` names the shape and the column's place in it (layouts.habit_key): what was chosen
    once holds for files made alike, not for the same heading in another list.
    """

    __tablename__ = "import_habit"

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    title: Mapped[str] = mapped_column(Text, primary_key=True)
    field: Mapped[str] = mapped_column(Text)


class ImportMemory(SchoolScoped):
    """What the last import left in a person's fields, so that later changes by hand are known.

    ``kind`` is pupil or staff; ``known`` is written by memory.py.
    """

    __tablename__ = "import_memory"

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    object_id: Mapped[int] = mapped_column(primary_key=True)
    known: Mapped[str] = mapped_column(Text)


class PupilNumber(SchoolScoped):
    """A pupil's ID number or 学籍号, closed (campus.crypto); ``blind`` finds equal ones."""

    __tablename__ = "pupil_number"
    __table_args__ = (
        within_school("pupil_id", "pupil"),
        Index("ix_pupil_number_blind", "school_id", "kind", "blind"),
    )

    pupil_id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    blind: Mapped[bytes] = mapped_column(LargeBinary)
    tail: Mapped[str] = mapped_column(Text)


class PupilMerge(SchoolRow):
    """Two rows that were one child: ``gone`` became ``kept``. ``moved`` is the way back."""

    __tablename__ = "pupil_merge"
    __table_args__ = (
        within_school("kept_id", "pupil"),
        within_school("gone_id", "pupil"),
    )

    kept_id: Mapped[int]
    gone_id: Mapped[int]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    moved: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    undone_at: Mapped[datetime | None]
