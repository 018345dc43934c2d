"""The sweep: what the store holds and what the truth says, made equal again.

A picture stored by a request that was then rolled back is an orphan; a removed one lingers for an
hour so that a slip can be undone by hand.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select

from campus import clock, db, personal_data, storage
from campus.jobs import each_school, job
from campus.schools.queries import open_schools
from tenants.media.models import Photo

LINGERS = timedelta(hours=1)


@job(name="media.sweep", queue="media")
def sweep(*, school_id: int) -> None:
    """Delete the objects of one school that nothing standing names and that are an hour old."""
    limit = clock.now() - LINGERS
    standing = set(
        db.session().scalars(
            select(Photo.key).where(
                Photo.school_id == school_id,
                Photo.removed_at.is_(None) | (Photo.removed_at > limit),
            )
        )
    )
    for data in personal_data.DECLARED.values():
        if data.standing_files is not None:
            standing.update(db.session().scalars(data.standing_files()))
    db.release()
    storage.store().delete_many(school_id, _stale(school_id, standing, limit))


def _stale(school_id: int, standing: set[str], limit: datetime) -> Iterable[str]:
    return [
        key
        for key, stored_at in storage.store().keys(school_id)
        if key not in standing and stored_at < limit
    ]


JOBS = (sweep, each_school(sweep, cron="17 3 * * *", schools=open_schools))
