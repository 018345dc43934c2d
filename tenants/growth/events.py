"""What growth makes of what is told below: praise becomes evidence, a no takes photos down."""

from __future__ import annotations

from tenants.classes.events import (
    PraiseAwarded,
    PraiseRetracted,
    praise_awarded,
    praise_retracted,
)
from tenants.growth.actions import add_records, withdraw_records
from tenants.growth.models import PRAISE
from tenants.growth.photos import take_photos_down
from tenants.people.consents import CLASS_PHOTO, GROWTH_PHOTO
from tenants.people.events import ConsentChanged, consent_changed


def listen() -> None:
    """Connect to what is told below; connecting twice changes nothing."""
    praise_awarded.connect(on_praise)
    praise_retracted.connect(on_praise_retracted)
    consent_changed.connect(on_consent_changed)


def on_praise(_: object, *, event: PraiseAwarded) -> None:
    """One record for every praised child, from the same words and the same photo."""
    add_records(
        event.actor,
        families={pupil.id: pupil.families for pupil in event.pupils},
        area=event.area,
        kind=event.kind,
        text=event.text,
        source_kind=PRAISE,
        source_id=event.praise_id,
        staff_id=event.staff_id,
        photo_id=event.photo_id,
        at=event.at,
    )


def on_praise_retracted(_: object, *, event: PraiseRetracted) -> None:
    """What was taken back leaves the book and the families' screens."""
    withdraw_records(
        event.actor, source_kind=PRAISE, source_id=event.praise_id, pupil_ids=event.pupil_ids
    )


def on_consent_changed(_: object, *, event: ConsentChanged) -> None:
    """A no takes down at once what it forbids: the child's photos, or those other families see."""
    for purpose, shared in ((GROWTH_PHOTO, False), (CLASS_PHOTO, True)):
        if event.answers.get(purpose) is False:
            take_photos_down(event.actor, pupil_id=event.pupil_id, shared=shared)
