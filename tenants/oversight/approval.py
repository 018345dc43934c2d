"""Exports with names need a second person: ask, decide, use within a day.

For whoever makes such an export:

    wait = asked_first(g.actor, Asked("roster", "class=12", "三年级（2）班名册", request.full_path))
    if wait is not None:
        return redirect(wait)         # to the page that asks for a reason, or says it is asked
    ...and in the action itself:      require_approval(actor, "roster", "class=12")

儿童个人信息网络保护规定 art. 15: access by staff is approved and recorded.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import timedelta

from flask import current_app, request, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import func, select, update

from campus import audit, clock, db
from campus.actor import Actor
from campus.errors import Conflict, Forbidden, InvalidInput, NotFound
from campus.identity.models import Account
from campus.permissions import Role
from campus.schools.models import Membership
from tenants.oversight.models import Approval
from tenants.oversight.permissions import Access

LASTS = timedelta(hours=24)
LINK_SECONDS = 3600
NEEDED = "导出带姓名的资料，要另一位管理员先同意。请先提出申请。"
OWN = "不能批准自己的申请，请另一位管理员决定。"
HEAD_ONLY_ALONE = "学校还有别的管理员，请由管理员决定。"
NOBODY = (
    "学校现在只有您一个人能审批，没有第二个人可以同意。请先在“教职工”里给校长或另一位同事安排"
    "“校长”或“管理员”职务，请对方设好密码、登录一次，再回来申请。"
)
TOO_LATE = "这个申请已经有人处理过，或已过期。"
STALE_LINK = "这个链接已过期，请回到原来的页面再点一次导出。"


class ApprovalNeeded(Forbidden):
    """Nobody has agreed yet, or the agreement has run out."""

    code = "approval-needed"
    title = "先要另一位管理员同意"
    message = NEEDED


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to take out: kind and fingerprint in code, ``what`` in words."""

    kind: str
    fingerprint: str
    what: str
    back: str


def require_approval(actor: Actor, kind: str, fingerprint: str) -> int | None:
    """The approval that lets the actor take this out now. Raises ApprovalNeeded.

    The platform itself (commands on the server) needs none: None.
    """
    if actor.trusted:
        return None
    found = db.session().scalar(
        select(Approval.id)
        .where(
            Approval.school_id == db.school_id(),
            Approval.requested_by == actor.account_id,
            Approval.kind == kind,
            Approval.fingerprint == fingerprint,
            Approval.granted.is_(True),
            Approval.expires_at > clock.now(),
        )
        .order_by(Approval.id.desc())
        .limit(1)
    )
    if found is None:
        raise ApprovalNeeded
    return found


def asked_first(actor: Actor, asked: Asked) -> str | None:
    """Where to send the actor to ask first; None when somebody has agreed already."""
    try:
        require_approval(actor, asked.kind, asked.fingerprint)
    except ApprovalNeeded:
        # Addresses inside the school: the page of questions puts the school in front.
        inside = replace(asked, back=asked.back.removeprefix(request.script_root))
        return url_for("oversight.ask", token=_signer().dumps(asdict(inside)))
    return None


def unsigned(token: str) -> Asked:
    """What a link made by `asked_first` asks for. Raises InvalidInput for any other."""
    try:
        return Asked(**_signer().loads(token, max_age=LINK_SECONDS))
    except (BadSignature, TypeError) as error:
        raise InvalidInput({"token": STALE_LINK}) from error


def _signer() -> URLSafeTimedSerializer:
    """The words the decider reads are the server's own, not what a link was changed to say."""
    return URLSafeTimedSerializer(current_app.config["CAMPUS"].secret_key, salt="approval")


def request_approval(actor: Actor, *, asked: Asked, reason: str) -> int:
    """Ask; the same question still open is not asked twice. Returns its number.

    Raises Conflict where nobody but the actor could answer.
    """
    actor.check(Access.APPROVE)
    if not others(Role.ADMIN, actor.account_id) and not others(Role.HEAD, actor.account_id):
        raise Conflict(NOBODY)
    open_already = db.session().scalar(
        select(Approval.id).where(
            Approval.school_id == db.school_id(),
            Approval.requested_by == actor.account_id,
            Approval.kind == asked.kind,
            Approval.fingerprint == asked.fingerprint,
            Approval.decided_by.is_(None),
            Approval.expires_at > clock.now(),
        )
    )
    if open_already is not None:
        return open_already
    made = Approval(
        **asdict(asked),
        reason=reason,
        requested_by=actor.account_id,
        expires_at=clock.now() + LASTS,
    )
    db.session().add(made)
    db.session().flush()
    audit.record(actor, "access.ask", "approval", made.id, kind=asked.kind)
    return made.id


def decide(actor: Actor, *, approval_id: int, granted: bool) -> None:
    """Agree or refuse; a day to use it begins now. Raises NotFound, Forbidden or Conflict."""
    actor.check(Access.APPROVE)
    found = db.session().scalar(
        select(Approval)
        .where(Approval.school_id == db.school_id(), Approval.id == approval_id)
        .with_for_update()
    )
    if found is None:
        raise NotFound
    _check_second_person(actor, found.requested_by)
    if found.decided_by is not None or found.expires_at <= clock.now():
        raise Conflict(TOO_LATE)
    found.decided_by, found.decided_at, found.granted = actor.account_id, clock.now(), granted
    found.expires_at = clock.now() + LASTS
    audit.record(actor, "access.decide", "approval", approval_id, granted=granted)


def may_decide(actor: Actor, requested_by: int) -> bool:
    """Whether the actor is the second person for this one's question."""
    try:
        _check_second_person(actor, requested_by)
    except Forbidden:
        return False
    return True


def _check_second_person(actor: Actor, requested_by: int) -> None:
    """Another administrator; the head where the one who asks is the only one."""
    if actor.account_id == requested_by:
        raise Forbidden(OWN)
    if Role.ADMIN in actor.roles:
        return
    if others(Role.ADMIN, requested_by):
        raise Forbidden(HEAD_ONLY_ALONE)


def others(role: Role, but: int | None) -> int:
    """How many besides account ``but`` hold a role here and can sign in to use it."""
    found = db.session().scalar(
        select(func.count())
        .select_from(Membership)
        .join(Account, Account.id == Membership.account_id)
        .where(
            Membership.school_id == db.school_id(),
            Membership.ended_at.is_(None),
            Membership.roles.contains([role.value]),
            Membership.account_id != but,
            Account.disabled_at.is_(None),
            Account.password_hash.is_not(None),
        )
    )
    return found or 0


def note_use(actor: Actor, approval_id: int | None, **counts: int) -> None:
    """Log that something was taken out; after the download's transaction, which only reads, and
    before the file is sent."""

    def write() -> None:
        with db.transaction(school_id=actor.school_id) as session:
            session.execute(
                update(Approval)
                .where(Approval.school_id == db.school_id(), Approval.id == approval_id)
                .values(used_at=func.coalesce(Approval.used_at, func.now()))
            )
            audit.record(actor, "access.export", "approval", approval_id, **counts)

    db.when_over(write)
