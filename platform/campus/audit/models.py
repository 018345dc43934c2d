"""Who did what to what, in one school: append-only, written with the change itself.

Names, phones and ID numbers never enter ``detail``; ids and counts do. A trigger refuses UPDATE
and DELETE, whoever asks.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from campus import db
from campus.actor import Actor
from campus.logs import request_id


class AuditEntry(db.SchoolRow):
    """One line of a school's audit log."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_object", "school_id", "object_kind", "object_id", "at"),
        Index("ix_audit_entry_at", "school_id", "at"),
    )

    at: Mapped[datetime] = mapped_column(server_default=func.now())
    account_id: Mapped[int | None]
    action: Mapped[str] = mapped_column(Text)
    object_kind: Mapped[str] = mapped_column(Text)
    object_id: Mapped[int | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    request_id: Mapped[str] = mapped_column(Text)


def record(
    actor: Actor, action: str, object_kind: str, object_id: int | None = None, **detail: Any
) -> None:
    """Write one line into the open transaction."""
    db.session().execute(
        AuditEntry.__table__.insert().values(  # type: ignore[attr-defined]
            school_id=db.school_id(),
            account_id=actor.account_id,
            action=action,
            object_kind=object_kind,
            object_id=object_id,
            detail=detail,
            request_id=request_id(),
        )
    )


def looked_at(actor: Actor, object_kind: str, object_id: int) -> None:
    """Log that somebody opened a pupil's file; its own transaction, since pages only read.

    儿童个人信息网络保护规定 art. 15: access by staff is recorded.
    """
    with db.transaction(school_id=actor.school_id):
        record(actor, "look", object_kind, object_id)
