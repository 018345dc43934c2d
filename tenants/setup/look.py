"""The school's logo and its colour: one of the house, so that every text stays readable."""

from __future__ import annotations

from sqlalchemy import select

from campus import db
from campus.actor import Actor
from campus.errors import InvalidInput
from campus.pictures.redraw import squared
from campus.schools.models import School
from tenants.media.actions import add_photo, keep_picture, remove_photo
from tenants.media.models import Photo
from tenants.setup.actions import claim, finish, set_school

SIDE = 192  # pixels; the largest mark of a page is 64 points on a screen of density three


def set_look(
    actor: Actor,
    *,
    version: int,
    accent: str,
    remove_logo: bool = False,
    logo: bytes | None = None,
) -> None:
    """Set the colour, and the logo if one came; both are on every page at once.

    Raises InvalidInput (field ``logo``) for what is no picture, Unavailable with a dead store.
    """
    if logo:
        db.release()
        kept = keep_picture(_square(logo))
    row = claim(actor, "look", version)
    school = db.session().execute(select(School).where(School.id == db.school_id())).scalar_one()
    key = school.logo_key
    if logo or remove_logo:
        _retire(key)
        key = kept.key if logo else None
        if logo:
            add_photo(actor, kept)
    set_school(accent=accent, logo_key=key)
    finish(actor, row, {"accent": accent, "logo": key is not None})


def _retire(key: str | None) -> None:
    """The old picture goes the way of all pictures: the sweep deletes it an hour later."""
    old = db.session().scalar(
        select(Photo.id).where(Photo.school_id == db.school_id(), Photo.key == key)
    )
    if old is not None:
        remove_photo(photo_id=old)


def _square(data: bytes) -> bytes:
    try:
        return squared(data, SIDE)
    except InvalidInput as error:
        reason = next(iter(error.fields.values()))
        raise InvalidInput({"logo": f"「标志」{reason}"}) from error
