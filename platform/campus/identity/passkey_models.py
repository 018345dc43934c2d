"""Passkeys of accounts, and the questions they answer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Identity, Index, LargeBinary, Text, func
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.orm import Mapped, mapped_column

from campus.db import Base


class Passkey(Base):
    """One credential: what proves the private key that never leaves the person's device.

    ``user_handle`` is what authenticators know the account by, the same for all of one account.
    ``suspect_at``: a signature of it came with a counter that had been used: it may be copied.
    """

    __tablename__ = "passkey"
    __table_args__ = (Index("ix_passkey_account_id", "account_id"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    user_handle: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    used_at: Mapped[datetime | None]
    suspect_at: Mapped[datetime | None]


class PasskeyChallenge(Base):
    """A question put to one browser. A newer one takes its place; an answer, right or not, ends it.

    ``holder`` is the session that adds a passkey or the device that signs in with one.
    """

    __tablename__ = "passkey_challenge"
    __table_args__ = (
        Index("ix_passkey_challenge_ip", "ip", "expires_at"),
        Index("ix_passkey_challenge_expires_at", "expires_at"),
    )

    holder: Mapped[str] = mapped_column(Text, primary_key=True)
    challenge: Mapped[bytes] = mapped_column(LargeBinary)
    ip: Mapped[str] = mapped_column(INET)
    expires_at: Mapped[datetime]
