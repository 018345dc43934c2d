"""Links to pictures."""

from __future__ import annotations

from campus import db, storage

LINK_SECONDS = 300


def photo_url(key: str) -> str:
    """A link to one picture of the entered school; it works for five minutes."""
    return storage.store().presigned_get(db.school_id(), key, "image/jpeg", LINK_SECONDS)
