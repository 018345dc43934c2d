"""One piece of long work about taking away, bringing in or erasing, and where it stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Integer, LargeBinary, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from campus.db import SchoolRow

# What a task is about. MINE is a family's own request, PUPIL the office's for a named pupil.
MINE, PUPIL, SCHOOL, BRING = "mine", "pupil", "school", "bring"
ERASE_OPTIONAL, ERASE_PUPIL, ERASE_GUARDIAN, ERASE_SCHOOL = (
    "erase-optional",
    "erase-pupil",
    "erase-guardian",
    "erase-school",
)
ERASURES = (ERASE_OPTIONAL, ERASE_PUPIL, ERASE_GUARDIAN, ERASE_SCHOOL)

# ASKED waits for a second person; WAITING for the worker; EXPIRED means the file is gone again.
ASKED, WAITING, RUNNING, DONE = "asked", "waiting", "running", "done"
FAILED, CANCELLED, EXPIRED = "failed", "cancelled", "expired"
OPEN = (ASKED, WAITING, RUNNING)
STATE_TITLES = {
    ASKED: "等待另一位管理员同意",
    WAITING: "排队中",
    RUNNING: "进行中",
    DONE: "已完成",
    FAILED: "没有完成",
    CANCELLED: "已取消",
    EXPIRED: "文件已过期",
}


class TakeawayTask(SchoolRow):
    """Asked by whom, why, how far, and what came of it.

    ``subject_id`` is a pupil or guardian without a foreign key: the line of an erasure outlives
    whom it erased. ``reason`` is a code, never free text, so no name can stand in it. ``due_at``
    is when an erasure nobody confirmed begins by itself. ``key`` names the file while it is kept.
    """

    __tablename__ = "takeaway_task"
    __table_args__ = (
        Index("ix_takeaway_task_asked", "school_id", "asked_by", "asked_at"),
        Index("ix_takeaway_task_kind", "school_id", "kind", "asked_at"),
        Index(
            "uq_takeaway_task_brought",
            "school_id",
            "sha256",
            unique=True,
            postgresql_where="kind = 'bring' AND state NOT IN ('cancelled', 'failed')",
        ),
    )

    kind: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[int | None]
    reason: Mapped[str] = mapped_column(Text, server_default="")
    state: Mapped[str] = mapped_column(Text)
    done: Mapped[int] = mapped_column(Integer, server_default="0")
    total: Mapped[int] = mapped_column(Integer, server_default="0")
    asked_by: Mapped[int | None]
    asked_at: Mapped[datetime] = mapped_column(server_default=func.now())
    approved_by: Mapped[int | None]
    approved_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    key: Mapped[str | None] = mapped_column(Text)
    size: Mapped[int | None]
    sha256: Mapped[bytes | None] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    problem: Mapped[str] = mapped_column(Text, server_default="")
