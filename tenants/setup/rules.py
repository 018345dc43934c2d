"""Who answers for children's information, the filings, and the rules families can read.

儿童个人信息网络保护规定 art. 8–10: rules of their own, a named officer, purposes, retention, how to
correct and delete, where to complain. What is published is kept word for word, version by version.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from campus import db
from campus.actor import Actor
from tenants.setup import presets
from tenants.setup.actions import claim, finish, set_school
from tenants.setup.models import PrivacyRules

FILING_WORDS = {
    "icp": "网站备案。对互联网开放的网站都要有，写在每页的最下面。平台统一部署的，向平台运维要。",
    "security": "网络安全等级保护备案证明上的编号。和 ICP 备案一起，是教育移动应用备案的前提。",
    "provider": "教育移动应用的提供者备案，由平台方办，一省备案全国有效。自己部署的学校自己办。",
    "user": "教育移动应用的使用者备案，由学校办，选用以后向主管教育部门备案。",
}
FILING_SOURCE = "教技厅〔2019〕3 号：提供者备案、使用者备案；ICP 备案和等保备案是前提"


def set_privacy(actor: Actor, *, version: int, **said: str) -> None:
    """Name the officer and the filings; families read the new rules at once, as a new version."""
    row = claim(actor, "privacy", version)
    finish(actor, row, said)
    set_school(icp=said["icp"])
    content = written(said)
    if content != newest():
        _publish(actor, content)


def written(said: dict[str, str]) -> dict[str, Any]:
    """The rules as they are published: the platform's part and the school's."""
    own = {name: said[name] for name in ("officer", "officer_phone", "officer_email", "complaint")}
    return {**asdict(presets.rules()), "purpose": _purposes(), **own}


def _purposes() -> list[dict[str, Any]]:
    return [asdict(purpose) for purpose in presets.rules().purpose]


def newest() -> dict[str, Any] | None:
    """What the last version says, or None."""
    return db.session().scalar(
        select(PrivacyRules.content)
        .where(PrivacyRules.school_id == db.school_id())
        .order_by(PrivacyRules.version.desc())
        .limit(1)
    )


def _publish(actor: Actor, content: dict[str, Any]) -> None:
    last = db.session().scalar(
        select(func.max(PrivacyRules.version)).where(PrivacyRules.school_id == db.school_id())
    )
    db.session().add(
        PrivacyRules(version=(last or 0) + 1, content=content, published_by=actor.account_id)
    )
    db.session().flush()


@dataclass(frozen=True, slots=True)
class Published:
    """One version for the public page, and which others there are."""

    version: int
    at: datetime
    content: dict[str, Any]
    versions: tuple[int, ...]


def published(school_id: int, version: int | None = None) -> Published | None:
    """The rules of a school, the newest unless ``version`` names another; None before the first.

    They are for everybody, so this enters the school by itself, in a transaction of its own that
    reads this one table.
    """
    with db.transaction(school_id=school_id, read_only=True) as session:
        rows = session.scalars(
            select(PrivacyRules)
            .where(PrivacyRules.school_id == school_id)
            .order_by(PrivacyRules.version.desc())
        ).all()
    wanted = next((row for row in rows if version in (None, row.version)), None)
    if wanted is None:
        return None
    numbers = tuple(row.version for row in rows)
    return Published(wanted.version, wanted.published_at, wanted.content, numbers)
