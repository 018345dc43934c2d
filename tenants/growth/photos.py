"""Photos leave the books when a guardian withdraws consent (PIPL 47)."""

from __future__ import annotations

from sqlalchemy import and_, func, select, update

from campus import audit, db
from campus.actor import Actor
from tenants.growth.models import PRAISE, GrowthRecord
from tenants.media.actions import remove_photo


def take_photos_down(actor: Actor, *, pupil_id: int, shared: bool) -> int:
    """Take the child's photos out of the books and return how many.

    ``shared`` means those with other children: they leave every book, as every family sees the
    child. Otherwise those of this child alone. The words stay. The pictures are removed from the
    store by the sweep. Whoever calls has checked the right to decide.
    """
    record = GrowthRecord
    books = (
        select(record.source_id, record.photo_id, func.count().label("children"))
        .where(
            record.school_id == db.school_id(),
            record.source_kind == PRAISE,
            record.photo_id.is_not(None),
        )
        .group_by(record.source_id, record.photo_id)
        .subquery()
    )
    found = db.session().execute(
        select(record.source_id, record.photo_id)
        .join(
            books, and_(books.c.source_id == record.source_id, books.c.photo_id == record.photo_id)
        )
        .where(
            record.school_id == db.school_id(),
            record.pupil_id == pupil_id,
            record.source_kind == PRAISE,
            books.c.children > 1 if shared else books.c.children == 1,
        )
    )
    photos = {photo_id for _, photo_id in found if photo_id is not None}
    if photos:
        db.session().execute(
            update(record)
            .where(record.school_id == db.school_id(), record.photo_id.in_(photos))
            .values(photo_id=None)
            .execution_options(synchronize_session=False)
        )
    for photo_id in photos:
        remove_photo(photo_id=photo_id)
    audit.record(actor, "growth.photos-down", "pupil", pupil_id, photos=len(photos), shared=shared)
    return len(photos)
