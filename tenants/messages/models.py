"""A person's inbox in one school: a gap-free sequence of notifications."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from campus.db import SchoolScoped, within_school


class Inbox(SchoolScoped):
    """A person's counter, raised under its row lock: the inbox's cursor."""

    __tablename__ = "inbox"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    last_seq: Mapped[int] = mapped_column(server_default="0")


class Notification(SchoolScoped):
    """One piece of news for one person. ``kind`` is ``notice`` or what caused it."""

    __tablename__ = "notification"
    __table_args__ = (
        within_school("pupil_id", "pupil"),
        within_school("class_id", "homeroom_class"),
        Index(
            "ix_notification_unread",
            "school_id",
            "account_id",
            postgresql_where="read_at IS NULL AND withdrawn_at IS NULL",
        ),
        Index("ix_notification_source", "school_id", "source_kind", "source_id"),
    )

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    pupil_id: Mapped[int | None]
    class_id: Mapped[int | None]
    source_kind: Mapped[str] = mapped_column(Text)
    source_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    read_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
