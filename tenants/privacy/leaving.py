"""Erasing in two steps: asked for with a reason, then a second person or seven days, then done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from campus import audit, clock, db
from campus.actor import Actor
from campus.errors import Conflict, InvalidInput, NotFound
from campus.jobs import defer
from tenants.people.models import Guardian
from tenants.privacy import approval, tasks
from tenants.privacy.actions import check_reason, reach_pupil
from tenants.privacy.jobs import work
from tenants.privacy.models import (
    ASKED,
    DONE,
    ERASE_GUARDIAN,
    ERASE_PUPIL,
    ERASE_SCHOOL,
    ERASURES,
    OPEN,
    WAITING,
    TakeawayTask,
)
from tenants.privacy.permissions import Takeaway
from tenants.privacy.removal import STILL_HERE, in_class

WAITS = timedelta(days=7)
# Why something is erased; PIPL 47 names the first three.
REASONS = {
    "withdrawn": "监护人撤回同意",
    "request": "监护人或本人要求删除",
    "purpose": "目的已达到，不再需要",
    "mistake": "录错了",
    "contract": "学校不再使用本平台",
}


def ask(
    actor: Actor,
    *,
    kind: str,
    reason: str,
    pupil_id: int | None = None,
    guardian_id: int | None = None,
) -> int:
    """Ask for an erasure; the task's id. Nothing is erased yet.

    Raises NotFound for whom the school does not have, InvalidInput by field, Conflict when the
    same is asked already.
    """
    actor.check(Takeaway.ERASE)
    check_reason(reason, REASONS)
    subject = _subject(kind, pupil_id, guardian_id)
    twin = select(TakeawayTask.id).where(
        TakeawayTask.school_id == db.school_id(),
        TakeawayTask.kind == kind,
        TakeawayTask.subject_id.is_not_distinct_from(subject),
        TakeawayTask.state.in_(OPEN),
    )
    if db.session().scalar(twin) is not None:
        raise Conflict("同样的删除已经在办理，请看办理中的列表。")
    due = None if kind == ERASE_SCHOOL else clock.now() + WAITS
    task = tasks.add(actor, kind=kind, state=ASKED, subject_id=subject, reason=reason, due_at=due)
    audit.record(actor, "takeaway.ask-erase", kind, subject, task=task.id, reason=reason)
    return task.id


def _subject(kind: str, pupil_id: int | None, guardian_id: int | None) -> int | None:
    if kind == ERASE_SCHOOL:
        return None
    if kind == ERASE_GUARDIAN:
        if guardian_id is None:
            raise InvalidInput({"guardian_id": "请选择一位监护人。"})
        found = select(Guardian.id).where(
            Guardian.school_id == db.school_id(), Guardian.id == guardian_id
        )
        if db.session().scalar(found) is None:
            raise NotFound
        return guardian_id
    if pupil_id is None:
        raise InvalidInput({"pupil_id": "请选择一名学生。"})
    reach_pupil(pupil_id)
    if kind == ERASE_PUPIL and in_class(pupil_id):
        raise InvalidInput({"kind": STILL_HERE})
    return pupil_id


def confirm(actor: Actor, *, task_id: int) -> None:
    """The second person agrees; a school's erasure then waits for the operator.

    Raises Forbidden for the one who asked, Conflict when it is over.
    """
    actor.check(Takeaway.ERASE)
    task = _held(task_id, ASKED)
    if task.kind == ERASE_PUPIL and in_class(task.subject_id or 0):
        raise Conflict(STILL_HERE)
    approval.confirm(actor, task)
    task.state = WAITING
    if task.kind != ERASE_SCHOOL:
        defer(work, task_id=task.id)
    audit.record(actor, "takeaway.confirm-erase", task.kind, task.subject_id, task=task.id)
    tasks.tell(task)


def cancel(actor: Actor, *, task_id: int) -> None:
    """Any administrator stops an erasure that has not begun."""
    actor.check(Takeaway.ERASE)
    task = _held(task_id, ASKED, WAITING)
    tasks.cancel(task)
    audit.record(actor, "takeaway.cancel-erase", task.kind, task.subject_id, task=task.id)


def _held(task_id: int, *states: str) -> TakeawayTask:
    task = tasks.held(task_id)
    if task.kind not in ERASURES:
        raise NotFound
    if task.state not in states:
        raise Conflict("这件事已经开始或结束，不能再改。")
    return task


def the_certificate(actor: Actor, task_id: int) -> dict[str, Any]:
    """The certificate of a finished erasure, with its hash. Raises NotFound."""
    actor.check(Takeaway.ERASE)
    task = db.session().scalar(
        select(TakeawayTask).where(
            tasks.the_task(task_id), TakeawayTask.kind.in_(ERASURES), TakeawayTask.state == DONE
        )
    )
    if task is None:
        raise NotFound
    return task.detail
