"""Bringing a pupil in: the zip is kept and previewed, then applied once, or thrown away."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import IO, Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from campus import audit, clock, db, storage
from campus.actor import Actor
from campus.errors import Conflict, InvalidInput, NotFound
from campus.jobs import defer
from tenants.people import scope
from tenants.people.models import HomeroomClass
from tenants.privacy import tasks
from tenants.privacy.box import measured
from tenants.privacy.bring import Parcel
from tenants.privacy.jobs import work
from tenants.privacy.models import (
    ASKED,
    BRING,
    CANCELLED,
    FAILED,
    WAITING,
    TakeawayTask,
)
from tenants.privacy.permissions import Takeaway

MOST_UPLOAD = 256 * 1024 * 1024
KEPT = timedelta(days=1)
AGAIN = "这份成长册已经带入过了，不能再带一次。"


def preview(actor: Actor, *, file: IO[bytes]) -> int:
    """Judge a zip and keep it for a day; the task's id. Nothing of the school changes yet.

    Raises InvalidInput (field ``file``), Conflict for a zip that came before.
    """
    actor.check(Takeaway.BRING)
    size, digest = measured(file)
    if size > MOST_UPLOAD:
        raise InvalidInput({"file": "文件超过 256 MB，请联系平台运维。"})
    held = db.session().scalar(
        select(TakeawayTask).where(
            TakeawayTask.school_id == db.school_id(),
            TakeawayTask.kind == BRING,
            TakeawayTask.sha256 == digest,
            TakeawayTask.state.not_in((CANCELLED, FAILED)),
        )
    )
    if held is not None:
        if held.state != ASKED:
            raise Conflict(AGAIN)
        return held.id
    db.release()
    arrival = Parcel(file).arrival()
    return _keep(actor, file, size, digest, arrival.summary())


def _keep(actor: Actor, file: IO[bytes], size: int, digest: bytes, summary: dict[str, Any]) -> int:
    key = storage.object_key(db.school_id(), uuid.uuid4())
    file.seek(0)
    storage.store().put_stream(db.school_id(), key, file, size, "application/zip")
    kept = {"key": key, "size": size, "sha256": digest, "expires_at": clock.now() + KEPT}
    try:
        task = tasks.add(actor, kind=BRING, state=ASKED, detail=summary, **kept)
    except IntegrityError as error:
        raise Conflict(AGAIN) from error
    audit.record(actor, "takeaway.preview", "takeaway", task.id, records=summary["records"])
    return task.id


def apply(actor: Actor, *, task_id: int, class_id: int) -> None:
    """Let the child into a class; the work goes on in the background. Once, and only once."""
    actor.check(Takeaway.BRING)
    reached = select(HomeroomClass.id).where(
        scope.visible_classes(actor),
        HomeroomClass.id == class_id,
        HomeroomClass.graduated_on.is_(None),
    )
    if db.session().scalar(reached) is None:
        raise InvalidInput({"class_id": "请选择一个班。"})
    task = tasks.held(task_id)
    if task.kind != BRING:
        raise NotFound
    if task.state != ASKED:
        raise Conflict(AGAIN)
    task.state, task.asked_by = WAITING, actor.account_id
    task.detail = task.detail | {"class_id": class_id}
    defer(work, task_id=task.id)
    audit.record(actor, "takeaway.bring", "class", class_id, task=task.id)


def discard(actor: Actor, *, task_id: int) -> None:
    """Throw a previewed zip away; another try with the same file is possible."""
    actor.check(Takeaway.BRING)
    task = tasks.held(task_id)
    if task.kind != BRING:
        raise NotFound
    tasks.cancel(task)
    task.key, task.detail = None, {}
    audit.record(actor, "takeaway.discard", "takeaway", task.id)
