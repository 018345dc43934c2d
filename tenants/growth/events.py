"""What growth makes of what happens in class: praise becomes evidence in each child's book."""

from __future__ import annotations

from tenants.classes.events import (
    PraiseAwarded,
    PraiseRetracted,
    praise_awarded,
    praise_retracted,
)
from tenants.growth.actions import add_records, withdraw_records

PRAISE = "praise"


def listen() -> None:
    """Connect to the class's events; connecting twice changes nothing."""
    praise_awarded.connect(on_praise)
    praise_retracted.connect(on_praise_retracted)


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
