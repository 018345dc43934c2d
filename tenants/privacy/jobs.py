"""The work behind the pages: gather, pack, store; forget files after a week."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable

from sqlalchemy import case, delete, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB

from campus import audit, clock, db, storage
from campus.actor import Actor
from campus.errors import CampusError
from campus.jobs import defer, each_school, job
from campus.personal_data import Reader
from campus.schools.erased import SealedLine
from campus.schools.queries import open_schools
from tenants.people import custody
from tenants.privacy import book, school, tasks
from tenants.privacy.box import Box, measured, scrap
from tenants.privacy.collect import gather
from tenants.privacy.models import (
    ASKED,
    BRING,
    CANCELLED,
    DONE,
    EXPIRED,
    MINE,
    PUPIL,
    SCHOOL,
    WAITING,
    TakeawayTask,
)
from tenants.privacy.removal import ERASE, remove
from tenants.privacy.unpack import bring

BROKEN = "整理到一半出了问题，请再试一次；如果还不行，请把这个页面告诉管理员。"
Pack = Callable[[Box, TakeawayTask, tasks.Progress], dict[str, bool]]

log = logging.getLogger(__name__)


@job(name="takeaway.work", queue="takeaway", attempts=1)
def work(*, school_id: int, task_id: int) -> None:
    """Do one task; what goes wrong stands on its page. A second run of a done task does nothing."""
    db.release()  # what follows has transactions of its own, one after another
    task = tasks.begin(school_id, task_id)
    if task is None:
        return
    try:
        WORK[task.kind](school_id, task)
    except tasks.Cancelled:
        log.info("task %s was cancelled", task_id)
    except CampusError as error:
        db.undo()
        tasks.fail(school_id, task_id, error.message)
    except Exception:
        db.undo()
        tasks.fail(school_id, task_id, BROKEN)
        raise


def _pack_own(box: Box, task: TakeawayTask, step: tasks.Progress) -> dict[str, bool]:
    """For a guardian, with what they may know at this moment, whatever it was when they asked."""
    sight = custody.sight_of(Actor(task.asked_by, "", task.school_id), task.subject_id or 0)
    found = gather(task.subject_id or 0, sight.reader())
    db.release()
    book.fill(box, found, school_id=task.school_id, at=clock.now(), step=step)
    return sight.made()


def _pack_pupil(box: Box, task: TakeawayTask, step: tasks.Progress) -> dict[str, bool]:
    found = gather(task.subject_id or 0, Reader())
    db.release()
    book.fill(box, found, school_id=task.school_id, at=clock.now(), step=step)
    return {}


def _pack_school(box: Box, task: TakeawayTask, step: tasks.Progress) -> dict[str, bool]:
    school.fill(box, school_id=task.school_id, at=clock.now(), step=step)
    return {}


def _packed(pack: Pack) -> Callable[[int, TakeawayTask], None]:
    """Pack into a scrap file, store it, note where; a file nobody waits for is taken away again."""

    def run(school_id: int, task: TakeawayTask) -> None:
        with scrap() as file:
            with Box(file, clock.now()) as box:
                made = pack(box, task, tasks.Progress(school_id, task.id))
            size, digest = measured(file)
            key = storage.object_key(school_id, uuid.uuid4())
            storage.store().put_stream(school_id, key, file, size, "application/zip")
        kept = {"key": key, "size": size, "sha256": digest, "expires_at": clock.now() + tasks.KEPT}
        try:
            tasks.end(school_id, task.id, state=DONE, detail=made, **kept)
        except tasks.Cancelled:
            storage.store().delete(school_id, key)
            raise

    return run


@job(name="takeaway.expire", queue="takeaway")
def expire(*, school_id: int) -> None:
    """Forget files past their time; the media sweep then deletes the objects."""
    db.session().execute(
        update(TakeawayTask)
        .where(
            TakeawayTask.school_id == school_id,
            TakeawayTask.key.is_not(None),
            TakeawayTask.expires_at <= clock.now(),
        )
        .values(
            key=None,
            state=case((TakeawayTask.kind == BRING, CANCELLED), else_=EXPIRED),
            detail=case(
                (TakeawayTask.kind == BRING, literal({}, JSONB)), else_=TakeawayTask.detail
            ),
        )
    )


@job(name="takeaway.due", queue="takeaway")
def due(*, school_id: int) -> None:
    """Begin the erasures that have waited their seven days without a second person."""
    waiting = db.session().scalars(
        select(TakeawayTask)
        .where(
            TakeawayTask.school_id == school_id,
            TakeawayTask.state == ASKED,
            TakeawayTask.kind.in_(list(ERASE)),
            TakeawayTask.due_at <= clock.now(),
        )
        .with_for_update(skip_locked=True)
    )
    for task in waiting.all():
        task.state = WAITING
        audit.record(Actor.system(school_id), "takeaway.due", task.kind, task.subject_id)
        defer(work, task_id=task.id)


@job(
    name="takeaway.unseal",
    queue="takeaway",
    cron="11 4 * * *",
    platform="lines of schools that are no more",
)
def unseal() -> None:
    """Remove what has been kept long enough of erased schools' logs."""
    db.session().execute(delete(SealedLine).where(SealedLine.keep_until < clock.now()))


WORK: dict[str, Callable[[int, TakeawayTask], None]] = {
    MINE: _packed(_pack_own),
    PUPIL: _packed(_pack_pupil),
    SCHOOL: _packed(_pack_school),
    BRING: bring,
    **dict.fromkeys(ERASE, remove),
}
JOBS = (
    work,
    expire,
    each_school(expire, cron="41 2 * * *", schools=open_schools),
    due,
    each_school(due, cron="23 * * * *", schools=open_schools),
    unseal,
)
