"""Suspending a school and letting it go on: nothing is lost, nobody gets in, nothing runs.

People who sign in read a friendly page, open sockets are cut within a second, its jobs are put off
for an hour each until it goes on. Undone by `resume_school`, to the state it was in.
"""

from __future__ import annotations

from sqlalchemy import select

from campus import audit, db, realtime
from campus.actor import Actor
from campus.audit import AuditEntry
from campus.errors import NotFound
from campus.permissions import Platform
from campus.schools.models import OPEN, SUSPENDED, School

SUSPEND, RESUME = "schools.suspend", "schools.resume"


def suspend_school(actor: Actor, *, slug: str) -> School:
    """Stop a school; twice is once. Raises NotFound."""
    school = _locked(actor, slug)
    if school.status != SUSPENDED:
        audit.record(actor, SUSPEND, "school", school.id, was=school.status)
        school.status = SUSPENDED
        realtime.revoke(school_id=school.id, reason="suspended")
    return school


def resume_school(actor: Actor, *, slug: str) -> School:
    """Let a school go on as it was before; twice is once. Raises NotFound."""
    school = _locked(actor, slug)
    if school.status == SUSPENDED:
        school.status = _before(school.id)
        audit.record(actor, RESUME, "school", school.id, now=school.status)
    return school


def _locked(actor: Actor, slug: str) -> School:
    actor.check(Platform.SCHOOLS_OPEN)
    school = db.session().scalar(select(School).where(School.slug == slug).with_for_update())
    if school is None:
        raise NotFound(f"没有网址为 {slug} 的学校。")
    db.enter(school.id)
    return school


def _before(school_id: int) -> str:
    """What the school was when it was stopped; a school stopped by hand was open."""
    detail = db.session().scalar(
        select(AuditEntry.detail)
        .where(AuditEntry.school_id == school_id, AuditEntry.action == SUSPEND)
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )
    return str((detail or {}).get("was", OPEN))


def suspended(school_id: int) -> bool:
    """Whether this school stands still now."""
    found = db.session().scalar(select(School.status).where(School.id == school_id))
    return found == SUSPENDED
