"""Changes of the number an account signs in with."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Identity, Index, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from campus.db import Base


class PhoneChange(Base):
    """One change. While it is young the old number is kept for its owner (phones.KEPT).

    ``changed_by`` is the account that did it: the person, or a member of staff. Undone ones keep
    nothing.
    """

    __tablename__ = "phone_change"
    __table_args__ = (
        Index("ix_phone_change_old_phone", "old_phone", "changed_at"),
        Index("ix_phone_change_account_id", "account_id", "changed_at"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    old_phone: Mapped[str] = mapped_column(Text)
    new_phone: Mapped[str] = mapped_column(Text)
    changed_by: Mapped[int | None]
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    undone_at: Mapped[datetime | None]
