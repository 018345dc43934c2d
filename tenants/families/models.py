"""Invitations, misses of short codes, reset codes. Codes themselves are never stored."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    false,
    func,
)
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.orm import Mapped, mapped_column

from campus.db import SchoolRow, within_school


class Invitation(SchoolRow):
    """One code for one place: a child, and a guardian the school knows or another parent (none).

    Alive while unused, not revoked, before ``expires_at`` and under the number of ``tries``.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        within_school("pupil_id", "pupil"),
        within_school("guardian_id", "guardian"),
        UniqueConstraint("school_id", "token_hash"),
        UniqueConstraint("school_id", "code_hash"),
        Index("ix_invitation_pupil", "school_id", "pupil_id"),
    )

    pupil_id: Mapped[int]
    guardian_id: Mapped[int | None]
    relation: Mapped[str] = mapped_column(Text)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    tries: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    created_by: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    used_by: Mapped[int | None]
    revoked_at: Mapped[datetime | None]


class InvitationMiss(SchoolRow):
    """A short code (or reset code) typed wrong from an address, kept to slow guessing down."""

    __tablename__ = "invitation_miss"
    __table_args__ = (Index("ix_invitation_miss_ip", "school_id", "ip", "at"),)

    ip: Mapped[str] = mapped_column(INET)
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class ResetCode(SchoolRow):
    """A code for a new password, handed over in person: once, within a day.

    The class teacher hands it to a guardian; ``for_staff``: the administrator to a colleague.
    """

    __tablename__ = "reset_code"
    __table_args__ = (Index("ix_reset_code_account", "school_id", "account_id"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    for_staff: Mapped[bool] = mapped_column(server_default=false())
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    tries: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    created_by: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
