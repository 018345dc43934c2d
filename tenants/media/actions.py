"""Storing and removing pictures."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import asdict, dataclass

from sqlalchemy import func, update

from campus import db, storage
from campus.actor import Actor
from campus.errors import Unavailable
from campus.pictures.redraw import Picture, redrawn
from tenants.media.models import Photo

STORE_DOWN = "照片暂时存不上，去掉照片可以先发出点评；写好的内容都还在。"
JPEG = "image/jpeg"


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture of one school as the store has it, not yet in the database."""

    key: str
    sha256: bytes
    size: int
    width: int
    height: int


def named(school_id: int, picture: Picture) -> Kept:
    """The key and the measures under which a picture is stored."""
    return Kept(
        storage.object_key(school_id, uuid.uuid4()),
        hashlib.sha256(picture.data).digest(),
        len(picture.data),
        picture.width,
        picture.height,
    )


def keep_picture(data: bytes) -> Kept:
    """Redraw a stranger's picture and store it in the entered school, while nothing is held.

    Raises InvalidInput for what is no picture, Unavailable when the object store is down. Whoever
    calls has checked the permission of what the picture belongs to; one that no row names in the
    end is swept.
    """
    school = db.school_id()
    picture = redrawn(data)
    kept = named(school, picture)
    try:
        storage.store().put(school, kept.key, picture.data, JPEG)
    except storage.StorageUnavailable as error:
        raise Unavailable(STORE_DOWN, retry_after=30) from error
    return kept


def add_photo(actor: Actor, kept: Kept) -> int:
    """Write a stored picture down and return its id."""
    photo = Photo(**asdict(kept), account_id=actor.account_id)
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
