"""The worker's part of an erasure: the rows and files, then the certificate, in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from campus import audit, clock, db
from campus.actor import Actor
from campus.errors import Conflict
from campus.schools.models import School
from tenants.onboarding.takeaway import certificate, tasks
from tenants.onboarding.takeaway.erase import erase_guardian, erase_optional, erase_pupil
from tenants.onboarding.takeaway.models import (
    DONE,
    ERASE_GUARDIAN,
    ERASE_OPTIONAL,
    ERASE_PUPIL,
    RUNNING,
    TakeawayTask,
)

ERASE: dict[str, Callable[[int], Counter[str]]] = {
    ERASE_OPTIONAL: erase_optional,
    ERASE_PUPIL: erase_pupil,
    ERASE_GUARDIAN: erase_guardian,
}


def remove(school_id: int, task: TakeawayTask) -> None:
    """Erase whom the task names; all of it, or (store down, killed) nothing but some files."""
    if task.approved_by is None and (task.due_at is None or task.due_at > clock.now()):
        raise Conflict("还没有第二个人确认，也没有等满七天。")
    subject = task.subject_id or 0
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
