"""What happens to families and concerns files that lie ready for them."""

from __future__ import annotations

from sqlalchemy import select

from campus import db, storage
from tenants.people.events import CustodyChanged, custody_changed
from tenants.privacy.models import EXPIRED, MINE, TakeawayTask


def listen() -> None:
    """Connect to what is told below; connecting twice changes nothing."""
    custody_changed.connect(on_custody_changed)


def on_custody_changed(_: object, *, event: CustodyChanged) -> None:
    """A book packed for a guardian who may know less now is gone, with links handed out already.

    Who may know more asks for a new one. The sweep deletes what the store does not give up now.
    """
    school = db.school_id()
    ready = db.session().scalars(
        select(TakeawayTask)
        .where(
            TakeawayTask.school_id == school,
            TakeawayTask.kind == MINE,
            TakeawayTask.asked_by == event.account_id,
            TakeawayTask.subject_id == event.pupil_id,
            TakeawayTask.key.is_not(None),
        )
        .with_for_update()
    )
    keys = []
    for task in ready.all():
        keys.append(task.key or "")
        task.key, task.state = None, EXPIRED

    def drop() -> None:
        try:
            storage.store().delete_many(school, keys)
        except storage.StorageUnavailable:
            return

    if keys:
        db.after_commit(drop)
