"""A question to a second person, and the answer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from campus.db import SchoolRow


class Approval(SchoolRow):
    """May this person take exactly this out? Nobody answers their own question.

    ``fingerprint`` says what in code (kind of list, its filters) and is compared; ``what`` says it
    in words without names; ``back`` is the address inside the school to go on with.
    """

    __tablename__ = "approval"
    __table_args__ = (
        CheckConstraint("decided_by <> requested_by", name="two_people"),
        CheckConstraint(
            "(decided_by IS NULL) = (decided_at IS NULL) "
            "AND (decided_by IS NULL) = (granted IS NULL)",
            name="decided_whole",
        ),
        Index("ix_approval_asked", "school_id", "requested_by", "kind", "fingerprint"),
        Index("ix_approval_time", "school_id", "requested_at"),
    )

    kind: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[str] = mapped_column(Text)
    what: Mapped[str] = mapped_column(Text)
    back: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    requested_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    requested_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    granted: Mapped[bool | None]
    used_at: Mapped[datetime | None]
