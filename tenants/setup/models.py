"""The steps of a school's opening, and the rules of privacy as they were published."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from campus.db import SchoolScoped


class SetupStep(SchoolScoped):
    """One step: what was answered, an unfinished draft, and a version that rises with each save.

    ``answers`` holds what has no table of its own; ``draft`` what was typed and kept unchecked.
    """

    __tablename__ = "setup_step"

    step: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int] = mapped_column(server_default="0")
    answers: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    draft: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    done_at: Mapped[datetime | None]
    saved_at: Mapped[datetime | None]
    saved_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class PrivacyRules(SchoolScoped):
    """儿童个人信息保护规则 as families were told them; a version never changes."""

    __tablename__ = "privacy_rules"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    published_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    published_at: Mapped[datetime] = mapped_column(server_default=func.now())
