"""Questions to a second person as their page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from campus import clock, db
from campus.actor import Actor
from campus.identity.models import Account
from campus.permissions import Role
from tenants.oversight.approval import may_decide, others
from tenants.oversight.models import Approval
from tenants.people.scope import ACCOUNT

SHOWN = timedelta(days=30)
MOST = 60
OPEN, GRANTED, REFUSED, EXPIRED = "等待决定", "已同意", "未同意", "已过期"

# Questions others have asked that nobody has answered, for the menu's badge.
WAITING = (
    select(func.count())
    .select_from(Approval)
    .where(
        Approval.school_id == db.SCHOOL,
        Approval.decided_by.is_(None),
        Approval.expires_at > func.now(),
        Approval.requested_by != ACCOUNT,
    )
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class ApprovalLine:
    """One question, and what this person can do about it."""

    id: int
    what: str
    reason: str
    asked_by: str
    asked_at: datetime
    decided_by: str
    state: str
    own: bool
    can_decide: bool
    use: str


def approvals(actor: Actor) -> list[ApprovalLine]:
    """What was asked within a month, open questions first, then the newest."""
    asker, decider = aliased(Account), aliased(Account)
    rows = db.session().execute(
        select(Approval, asker.name, decider.name)
        .join(asker, asker.id == Approval.requested_by)
        .outerjoin(decider, decider.id == Approval.decided_by)
        .where(
            Approval.school_id == db.school_id(),
            or_(Approval.requested_at > clock.now() - SHOWN, Approval.decided_by.is_(None)),
        )
        .order_by(Approval.decided_by.is_(None).desc(), Approval.id.desc())
        .limit(MOST)
    )
    return [_line(actor, *row) for row in rows]


def _line(actor: Actor, one: Approval, asked_by: str, decided_by: str | None) -> ApprovalLine:
    state, own = state_of(one), one.requested_by == actor.account_id
    can = state == OPEN and may_decide(actor, one.requested_by)
    use = one.back if own and state == GRANTED else ""
    return ApprovalLine(
        id=one.id,
        what=one.what,
        reason=one.reason,
        asked_by=asked_by,
        asked_at=one.requested_at,
        decided_by=decided_by or "",
        state=state,
        own=own,
        can_decide=can,
        use=use,
    )


def state_of(one: Approval) -> str:
    """Where a question stands, in the words of the page."""
    if one.granted is False:
        return REFUSED
    if one.expires_at <= clock.now():
        return EXPIRED
    return GRANTED if one.granted else OPEN


def who_decides(actor: Actor) -> str:
    """Who can agree to a question of the actor's, in words; empty when there is nobody."""
    if others(Role.ADMIN, actor.account_id):
        return "另一位管理员"
    return "校长" if others(Role.HEAD, actor.account_id) else ""
