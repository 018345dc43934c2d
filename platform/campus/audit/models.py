"""The log, what of it waits to be chained, the chain, and its end."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, Text, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from campus import db


class AuditEntry(db.SchoolRow):
    """One line of a school's audit log."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_object", "school_id", "object_kind", "object_id", "at"),
        Index("ix_audit_entry_at", "school_id", "at"),
        Index("ix_audit_entry_account", "school_id", "account_id", "at"),
    )

    at: Mapped[datetime] = mapped_column(server_default=func.now())
    account_id: Mapped[int | None]
    action: Mapped[str] = mapped_column(Text)
    object_kind: Mapped[str] = mapped_column(Text)
    object_id: Mapped[int | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    request_id: Mapped[str] = mapped_column(Text)


class AuditPending(db.Base):
    """A line not chained yet; written by a trigger. Two numbers only, so no row is private."""

    __tablename__ = "audit_pending"

    school_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class AuditSeal(db.SchoolScoped):
    """One link of the chain: ``seq`` counts a school's lines from 1 without a gap."""

    __tablename__ = "audit_seal"
    __table_args__ = (UniqueConstraint("school_id", "entry_id"),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry_id: Mapped[int]
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class AuditHead(db.SchoolScoped):
    """The end of a school's chain, signed, so that cutting it off shows."""

    __tablename__ = "audit_head"

    seq: Mapped[int]
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    mark: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_at: Mapped[datetime] = mapped_column(server_default=func.now())
