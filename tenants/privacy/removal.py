"""The worker's part of an erasure: the files, then rows and certificate in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from sqlalchemy import select

from campus import audit, clock, db, storage
from campus.actor import Actor
from campus.erasure import Counts
from campus.errors import Conflict
from campus.schools.models import School
from tenants.people import scope
from tenants.people.models import Enrollment
from tenants.privacy import certificate, tasks
from tenants.privacy.erase import erase_guardian, erase_optional, erase_pupil
from tenants.privacy.models import (
    DONE,
    ERASE_GUARDIAN,
    ERASE_OPTIONAL,
    ERASE_PUPIL,
    RUNNING,
    TakeawayTask,
)

STILL_HERE = "孩子还在班里，学籍和考勤要留着。请先办理转出，或者只删除成长记录和照片。"
ERASE: dict[str, Callable[[int], Counts]] = {
    ERASE_OPTIONAL: erase_optional,
    ERASE_PUPIL: erase_pupil,
    ERASE_GUARDIAN: erase_guardian,
}


def in_class(pupil_id: int) -> bool:
    """Whether a child is in a class now, today included: then only the optional may go."""
    found = select(Enrollment.id).where(
        Enrollment.school_id == db.school_id(),
        Enrollment.pupil_id == pupil_id,
        scope.current(Enrollment),
    )
    return bool(db.rows(found))


class _Rehearsed(Exception):
    """The rows were erased once to learn which files they name; now they stand again."""


def remove(school_id: int, task: TakeawayTask) -> None:
    """Erase whom the task names; all of it, or (store down, killed) nothing but some files.

    Which files go is known once the rows are gone, and no connection is held while the store is
    asked: so the rows are erased, put back, the files deleted, and the rows erased for good. What
    came between is named by no row any more and swept.
    """
    if task.approved_by is None and (task.due_at is None or task.due_at > clock.now()):
        raise Conflict("还没有第二个人确认，也没有等满七天。")
    objects: set[str] = set()
    with suppress(_Rehearsed), db.transaction(school_id=school_id, role=tasks.WORKER):
        objects = _rows_of(task).objects
        raise _Rehearsed
    if objects:
        storage.store().delete_many(school_id, objects)
    with db.transaction(school_id=school_id, role=tasks.WORKER):
        _certify(task, _rows_of(task))


def _rows_of(task: TakeawayTask) -> Counts:
    if task.kind == ERASE_PUPIL and in_class(task.subject_id or 0):
        raise Conflict(STILL_HERE)  # seven days are long: the child has come back
    return ERASE[task.kind](task.subject_id or 0)


def _certify(task: TakeawayTask, counts: Counts) -> None:
    actor = Actor(task.asked_by, "", task.school_id, trusted=True)
    made = certificate.body(
        certificate=certificate.number(),
        kind=task.kind,
        school=db.session().get_one(School, task.school_id).name,
        subject_id=task.subject_id or 0,
        reason=task.reason,
        asked_by=task.asked_by,
        asked_at=task.asked_at,
        confirmed_by=task.approved_by,
        counts=counts,
    )
    rows = sum(counts.values())
    audit.record(actor, "takeaway.erase", task.kind, task.subject_id or 0, rows=rows)
    held = tasks.held(task.id, RUNNING)
    held.state, held.finished_at = DONE, clock.now()
    held.detail = {**made, "sha256": certificate.digest(made)}
    tasks.tell(held)
