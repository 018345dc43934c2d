"""What stays of a school that was erased: a certificate, and who did what, without names.

Neither table belongs to a school any more. Only the owner's command (`school erase`) writes them;
the nightly job removes lines past ``keep_until``. See docs/retention.md.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Identity, Index, LargeBinary, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from campus.db import Base


class ErasureCertificate(Base):
    """How many rows of which table went, when, asked by whom; ``sha256`` is over ``body``."""

    __tablename__ = "erasure_certificate"

    number: Mapped[str] = mapped_column(Text, primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())


class SealedLine(Base):
    """One line of an erased school's log. ``who`` is a mark whose key was thrown away."""

    __tablename__ = "sealed_line"
    __table_args__ = (Index("ix_sealed_line_keep_until", "keep_until"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    certificate: Mapped[str] = mapped_column(ForeignKey("erasure_certificate.number"))
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    object_kind: Mapped[str] = mapped_column(Text)
    keep_until: Mapped[datetime]
