"""School and Membership: the platform's only knowledge of who belongs where."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, SmallInteger, Text, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from campus.db import Base

PREPARING = "preparing"
OPEN = "open"
SUSPENDED = "suspended"
STATUS_TITLES = {PREPARING: "准备中", OPEN: "使用中", SUSPENDED: "已暂停"}


class School(Base):
    """One school. ``slug`` is its place in every address and never changes.

    ``status`` begins with preparing where a school opens itself step by step: until its go-live
    list is green only its staff come in. ``accent`` names a colour of the house (empty: bamboo),
    ``logo_key`` a picture in the store, ``icp`` the filing number in the foot of public pages.
    ``class_naming`` says how its classes are called, ``first_grade`` and ``last_grade`` which it
    has (1 to 9, counted from primary school): every page needs them, so they are read on entering.
    """

    __tablename__ = "school"
    __table_args__ = (
        CheckConstraint("class_naming IN ('long', 'short', 'entry')", name="class_naming"),
        CheckConstraint("1 <= first_grade AND first_grade <= last_grade", name="grades"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    slug: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    short_name: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, server_default=OPEN)
    accent: Mapped[str] = mapped_column(Text, server_default="")
    logo_key: Mapped[str | None] = mapped_column(Text)
    icp: Mapped[str] = mapped_column(Text, server_default="")
    class_naming: Mapped[str] = mapped_column(Text, server_default="long")
    first_grade: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    last_grade: Mapped[int] = mapped_column(SmallInteger, server_default="6")
    opened_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Membership(Base):
    """An account's roles in one school. Read before a school is entered, so it has no policy."""

    __tablename__ = "membership"

    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, index=True)
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[datetime | None]
