"""Photo: one re-encoded picture in the object store."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer, LargeBinary, SmallInteger, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from campus.db import SchoolRow


class Photo(SchoolRow):
    """A picture as we store it: JPEG of our own making. ``sha256`` and ``size`` let a sweep
    compare the store with the truth."""

    __tablename__ = "photo"

    key: Mapped[str] = mapped_column(Text)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    size: Mapped[int] = mapped_column(Integer)
    width: Mapped[int] = mapped_column(SmallInteger)
    height: Mapped[int] = mapped_column(SmallInteger)
    account_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    removed_at: Mapped[datetime | None]
