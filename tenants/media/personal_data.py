"""What media keeps of people: photos, each a row and an object of the store."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from campus import db
from campus.erasure import Attachment
from campus.personal_data import Kept, PersonalData, Rule, StoredFile
from tenants.media.models import Photo


def _standing() -> Iterable[StoredFile]:
    """The photos of the school that are not removed."""
    rows = db.rows(
        select(Photo.id, Photo.key)
        .where(Photo.school_id == db.school_id(), Photo.removed_at.is_(None))
        .order_by(Photo.id)
    )
    return [StoredFile(f"photos/{number}.jpg", key) for number, key in rows]


PERSONAL_DATA = PersonalData(
    tables={"photo": Rule(Kept.CONSENT, "照片")},
    attachment=Attachment("photo", "key"),
    school_files=_standing,
)
