"""Asking for a take-away, agreeing to one, cancelling it, fetching its file."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from campus import audit, clock, db, storage
from campus.actor import Actor
from campus.errors import InvalidInput, NotFound
from campus.jobs import defer
from tenants.oversight.approval import require_approval
from tenants.people import custody
from tenants.people.models import Pupil
from tenants.privacy import approval, tasks
from tenants.privacy.jobs import work
from tenants.privacy.models import (
    DONE,
    MINE,
    OPEN,
    PUPIL,
    SCHOOL,
    WAITING,
    TakeawayTask,
)
from tenants.privacy.permissions import Takeaway

# Why the office takes a child's file away. A code is kept and logged, never free text.
REASONS = {
    "transfer": "转学、升学，交给下一所学校",
    "family": "家长提出要一份",
    "law": "依法提供",
    "archive": "毕业归档",
}
# A school does not move to another school as a child does.
SCHOOL_REASONS = {
    "archive": "留存、归档",
    "law": "依法提供",
    "leave": "学校不再使用本平台",
}
ZIP = "application/zip"
LINK_SECONDS = 300
OVER = "文件已经过期，请重新整理一份。"
OFFICE = (PUPIL, SCHOOL)
OWN = (MINE,)


def ask_own(actor: Actor, *, pupil_id: int) -> int:
    """A guardian asks for their own child's book; the task's id, the open one if there is one.

    Raises NotFound for another's child, TooMany.
    """
    actor.check(Takeaway.FAMILY)
    custody.sight_of(actor, pupil_id)
    return _ask(actor, MINE, pupil_id, "")


def ask_pupil(actor: Actor, *, pupil_id: int, reason: str) -> int:
    """The office asks for a named pupil's book, with a reason that is logged.

    Raises NotFound, InvalidInput (field ``reason``), TooMany.
    """
    actor.check(Takeaway.PUPIL)
    reach_pupil(pupil_id)
    check_reason(reason, REASONS)
    return _ask(actor, PUPIL, pupil_id, reason)


def reach_pupil(pupil_id: int) -> None:
    """Raise NotFound unless the school has this pupil, now or formerly."""
    found = select(Pupil.id).where(Pupil.school_id == db.school_id(), Pupil.id == pupil_id)
    if db.session().scalar(found) is None:
        raise NotFound


def check_reason(reason: str, known: dict[str, str]) -> None:
    """Raise InvalidInput (field ``reason``) for a code that is not on the list."""
    if reason not in known:
        raise InvalidInput({"reason": "请选择一个理由。"})


def _ask(actor: Actor, kind: str, pupil_id: int, reason: str) -> int:
    session = db.session()
    running = session.scalar(
        select(TakeawayTask.id).where(
            TakeawayTask.school_id == db.school_id(),
            TakeawayTask.kind == kind,
            TakeawayTask.subject_id == pupil_id,
            TakeawayTask.asked_by == actor.account_id,
            TakeawayTask.state.in_(OPEN),
        )
    )
    if running is not None:
        return running
    task = tasks.add(actor, kind=kind, state=WAITING, subject_id=pupil_id, reason=reason)
    defer(work, task_id=task.id)
    audit.record(actor, "takeaway.ask", "pupil", pupil_id, task=task.id, reason=reason)
    return task.id


def ask_school(actor: Actor, *, reason: str) -> int:
    """Everything of the school, once another administrator has agreed to this reason.

    Raises InvalidInput (field ``reason``), ApprovalNeeded, TooMany.
    """
    actor.check(Takeaway.SCHOOL)
    check_reason(reason, SCHOOL_REASONS)
    approval_id = require_approval(actor, approval.KIND, reason)
    task = tasks.add(actor, kind=SCHOOL, state=WAITING, reason=reason)
    defer(work, task_id=task.id)
    audit.record(actor, "takeaway.ask-school", "takeaway", task.id, approval=approval_id)
    return task.id


def cancel_own(actor: Actor, *, task_id: int, kinds: tuple[str, ...]) -> None:
    """Whoever asked stops it. Raises NotFound for another's, Conflict when it is over."""
    task = own(actor, task_id, kinds, lock=True)
    tasks.cancel(task)
    audit.record(actor, "takeaway.cancel", "takeaway", task.id)


def own(actor: Actor, task_id: int, kinds: tuple[str, ...], *, lock: bool = False) -> TakeawayTask:
    """A task of these kinds the actor asked for. Raises NotFound for any other.

    What somebody asked for in an office they no longer hold is not theirs as a parent; what is
    being erased or brought in is stopped on its own page alone.
    """
    actor.check(Takeaway.FAMILY if kinds == OWN else Takeaway.PUPIL)
    query = select(TakeawayTask).where(
        tasks.the_task(task_id),
        TakeawayTask.asked_by == actor.account_id,
        TakeawayTask.kind.in_(kinds),
    )
    task = db.session().scalar(query.with_for_update() if lock else query)
    if task is None:
        raise NotFound
    if task.kind == MINE:
        custody.sight_of(actor, task.subject_id or 0)
    return task


def file_link(actor: Actor, *, task_id: int, kinds: tuple[str, ...]) -> str:
    """A link to the finished file, good for five minutes; each is logged. Raises NotFound.

    What was packed while a guardian might know more than now is not handed out. The page that asks
    only reads, so the line of the log has a transaction of its own.
    """
    task = own(actor, task_id, kinds)
    if task.kind == MINE and not custody.sight_of(actor, task.subject_id or 0).covers(task.detail):
        raise NotFound(OVER)
    if task.state != DONE or task.key is None or _over(task.expires_at):
        raise NotFound(OVER)
    link = storage.store().presigned_get(
        db.school_id(), task.key, ZIP, LINK_SECONDS, filename=_named(task)
    )
    audit.looked_at(actor, "takeaway", task.id, action="takeaway.fetch")
    return link


def _over(expires_at: datetime | None) -> bool:
    return expires_at is None or expires_at <= clock.now()


def _named(task: TakeawayTask) -> str:
    """What the file is called on a disk: a kind and a day, never a child's name."""
    day = (task.finished_at or clock.now()).astimezone(clock.SHANGHAI).strftime("%Y%m%d")
    return f"{'全校资料' if task.kind == SCHOOL else '成长册'}-{day}.zip"
