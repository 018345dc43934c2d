"""A task's states: made, moved on, told of. Each has a transaction of its own, so it is seen.

The work releases its own before it says something about itself, which is hinted to whoever asked.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, update

from campus import clock, db, outbox
from campus.actor import Actor
from campus.errors import Conflict, NotFound, TooMany
from tenants.privacy.models import (
    ASKED,
    CANCELLED,
    FAILED,
    OPEN,
    RUNNING,
    WAITING,
    TakeawayTask,
)

CHANGED = "takeaway.changed"
KEPT = timedelta(days=7)
MOST_AN_HOUR = 5
TELL_SECONDS = 0.5
WORKER = "worker"


class Cancelled(Exception):
    """Whoever asked does not want it any more."""


def the_task(task_id: int) -> ColumnElement[bool]:
    """The condition for one task of the entered school."""
    return and_(TakeawayTask.school_id == db.school_id(), TakeawayTask.id == task_id)


def add(actor: Actor, *, kind: str, state: str, **columns: Any) -> TakeawayTask:
    """Make a task. Raises TooMany beyond five an hour of one person (reliability.md §6)."""
    session = db.session()
    recent = session.scalar(
        select(func.count())
        .select_from(TakeawayTask)
        .where(
            TakeawayTask.school_id == db.school_id(),
            TakeawayTask.asked_by == actor.account_id,
            TakeawayTask.asked_at > clock.now() - timedelta(hours=1),
        )
    )
    if actor.account_id is not None and (recent or 0) >= MOST_AN_HOUR:
        raise TooMany("一小时内最多五次，请过一会儿再来。", retry_after=3600)
    task = TakeawayTask(kind=kind, state=state, asked_by=actor.account_id, **columns)
    session.add(task)
    session.flush()
    return task


def held(task_id: int, *states: str) -> TakeawayTask:
    """The task, locked, in one of ``states``. Raises NotFound, Conflict."""
    task = db.session().scalar(select(TakeawayTask).where(the_task(task_id)).with_for_update())
    if task is None:
        raise NotFound
    if states and task.state not in states:
        raise Conflict
    return task


def cancel(task: TakeawayTask) -> None:
    """Stop a task that is not finished; work under way notices within a photo."""
    if task.state not in OPEN:
        raise Conflict("这件事已经结束，不能再取消。")
    task.state, task.finished_at = CANCELLED, clock.now()
    tell(task)


def tell(task: TakeawayTask) -> None:
    """Hint to whoever asked that the page has news."""
    if task.asked_by is not None:
        outbox.publish(CHANGED, to=[task.asked_by], data={"id": task.id})


def begin(school_id: int, task_id: int) -> TakeawayTask | None:
    """The worker takes the task; None when there is nothing to do (any more).

    A task that is RUNNING was left by a killed worker and is done again.
    """
    with db.transaction(school_id=school_id, role=WORKER):
        task = db.session().scalar(select(TakeawayTask).where(the_task(task_id)).with_for_update())
        if task is None or task.state not in (WAITING, RUNNING):
            return None
        task.state, task.done, task.total = RUNNING, 0, 0
        tell(task)
        return task


def end(school_id: int, task_id: int, **columns: Any) -> None:
    """Write how it ended, unless it was cancelled meanwhile (then raise Cancelled)."""
    with db.transaction(school_id=school_id, role=WORKER):
        task = held(task_id)
        if task.state != RUNNING:
            raise Cancelled
        for name, value in columns.items():
            setattr(task, name, value)
        task.finished_at = clock.now()
        tell(task)


def fail(school_id: int, task_id: int, problem: str) -> None:
    """Say in one sentence why it did not work."""
    with db.transaction(school_id=school_id, role=WORKER):
        task = held(task_id)
        if task.state in OPEN and task.state != ASKED:
            task.state, task.problem, task.finished_at = FAILED, problem, clock.now()
            tell(task)


class Progress:
    """``progress(done, total)``, while nothing is held: written at most twice a second.

    Raises Cancelled.
    """

    def __init__(self, school_id: int, task_id: int) -> None:
        self._school_id, self._task_id = school_id, task_id
        self._told = 0.0

    def __call__(self, done: int, total: int) -> None:
        if done < total and time.monotonic() - self._told < TELL_SECONDS:
            return
        self._told = time.monotonic()
        with db.transaction(school_id=self._school_id, role=WORKER) as session:
            asked_by = session.scalar(
                update(TakeawayTask)
                .where(the_task(self._task_id), TakeawayTask.state == RUNNING)
                .values(done=done, total=total)
                .returning(func.coalesce(TakeawayTask.asked_by, 0))
            )
            if asked_by is None:
                raise Cancelled
            if asked_by:
                outbox.publish(CHANGED, to=[asked_by], data={"id": self._task_id})


def silent(done: int, total: int) -> None:
    """Progress nobody watches: a command."""
