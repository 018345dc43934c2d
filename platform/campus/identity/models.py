"""Accounts, their sessions, and the traces of signing in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Identity, Index, LargeBinary, Text, func
from sqlalchemy.dialects.postgresql import INET, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from campus.db import Base


class Account(Base):
    """One person. ``phone`` is the sign-in name; without a password hash nobody can sign in."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    phone: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str | None] = mapped_column(Text)
    password_changed_at: Mapped[datetime | None]
    operator: Mapped[bool] = mapped_column(Boolean, server_default="false")
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class AccountSession(Base):
    """One signed-in device. Only the token's SHA-256 is stored.

    ``idle_at`` moves forward with use, ``expires_at`` never does.
    """

    __tablename__ = "account_session"
    __table_args__ = (Index("ix_account_session_account_id", "account_id", "ended_at"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    device_key: Mapped[str] = mapped_column(Text)
    user_agent: Mapped[str] = mapped_column(Text)
    ip: Mapped[str] = mapped_column(INET)
    idle_minutes: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
    idle_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    confirmed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[datetime | None]


class LoginFailure(Base):
    """One wrong sign-in, kept for the lockout window. ``phone_hash`` is keyed: no phone."""

    __tablename__ = "login_failure"
    __table_args__ = (
        Index("ix_login_failure_phone_hash", "phone_hash", "at"),
        Index("ix_login_failure_ip", "ip", "at"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    phone_hash: Mapped[str] = mapped_column(Text)
    device_key: Mapped[str] = mapped_column(Text)
    ip: Mapped[str] = mapped_column(INET)
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class AccountEvent(Base):
    """What happened to an account as such (sign-in, password): it belongs to no school."""

    __tablename__ = "account_event"
    __table_args__ = (Index("ix_account_event_account_id", "account_id", "at"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[str] = mapped_column(Text)
    ip: Mapped[str | None] = mapped_column(INET)
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    at: Mapped[datetime] = mapped_column(server_default=func.now())
