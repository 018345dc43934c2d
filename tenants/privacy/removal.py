"""The worker's part of an erasure: the rows and files, then the certificate, in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from sqlalchemy import select

from campus import audit, clock, db
from campus.actor import Actor
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
ERASE: dict[str, Callable[[int], Counter[str]]] = {
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


def remove(school_id: int, task: TakeawayTask) -> None:
    """Erase whom the task names; all of it, or (store down, killed) nothing but some files."""
    if task.approved_by is None and (task.due_at is None or task.due_at > clock.now()):
        raise Conflict("还没有第二个人确认，也没有等满七天。")
    subject = task.subject_id or 0
    if task.kind == ERASE_PUPIL and in_class(subject):
        raise Conflict(STILL_HERE)  # seven days are long: the child has come back
    counts = ERASE[task.kind](subject)
    actor = Actor(task.asked_by, "", school_id, trusted=True)
    made = certificate.body(
        certificate=certificate.number(),
        kind=task.kind,
        school=db.session().get_one(School, school_id).name,
        subject_id=subject,
        reason=task.reason,
        asked_by=task.asked_by,
        asked_at=task.asked_at,
        confirmed_by=task.approved_by,
        counts=counts,
    )
    audit.record(actor, "takeaway.erase", task.kind, subject, rows=sum(counts.values()))
    held = tasks.held(task.id, RUNNING)
    held.state, held.finished_at = DONE, clock.now()
    held.detail = {**made, "sha256": certificate.digest(made)}
    tasks.tell(held)
