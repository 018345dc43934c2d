"""Storing and removing pictures."""

from __future__ import annotations

import hashlib
import uuid

from sqlalchemy import func, update

from campus import db, storage
from campus.actor import Actor
from campus.errors import Unavailable
from campus.pictures.redraw import redrawn
from tenants.media.models import Photo

STORE_DOWN = "照片暂时存不上，去掉照片可以先发出点评；写好的内容都还在。"
JPEG = "image/jpeg"


def store_photo(actor: Actor, *, data: bytes) -> int:
    """Redraw a picture, store it and return its id.

    Raises InvalidInput for what is no picture, Unavailable when the object store is down. Whoever
    calls has checked the permission of what the picture belongs to.
    """
    picture = redrawn(data)
    school = db.school_id()
    key = storage.object_key(school, uuid.uuid4())
    try:
        storage.store().put(school, key, picture.data, JPEG)
    except storage.StorageUnavailable as error:
        raise Unavailable(STORE_DOWN, retry_after=30) from error
    photo = Photo(
        key=key,
        sha256=hashlib.sha256(picture.data).digest(),
        size=len(picture.data),
        width=picture.width,
        height=picture.height,
        account_id=actor.account_id,
    )
    db.session().add(photo)
    db.session().flush()
    return photo.id


def remove_photo(*, photo_id: int) -> None:
    """Mark a picture as removed; the sweep deletes the object an hour later."""
    db.session().execute(
        update(Photo)
        .where(Photo.school_id == db.school_id(), Photo.id == photo_id)
        .values(removed_at=func.coalesce(Photo.removed_at, func.now()))
    )
