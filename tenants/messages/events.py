"""What messages make of what happens in class: a family hears that its own child was praised."""

from __future__ import annotations

from tenants.classes.areas import AREAS
from tenants.classes.events import (
    PraiseAwarded,
    PraiseRetracted,
    praise_awarded,
    praise_retracted,
)
from tenants.messages.actions import News, notify, withdraw
from tenants.people.queries import given_name

PRAISE = "praise"
GROWTH = "growth"


def listen() -> None:
    """Connect to the class's events; connecting twice changes nothing."""
    praise_awarded.connect(on_praise)
    praise_retracted.connect(on_praise_retracted)


def on_praise(_: object, *, event: PraiseAwarded) -> None:
    """Each family reads its own child's name and no other's."""
    notify(
        [
            News(
                account,
                f"{event.teacher}表扬了{given_name(pupil.name)}",
                f"{AREAS[event.area]}：{event.text}",
                pupil.id,
            )
            for pupil in event.pupils
            for account in pupil.families
        ],
        kind=GROWTH,
        source_kind=PRAISE,
        source_id=event.praise_id,
        class_id=event.class_id,
        at=event.at,
    )


def on_praise_retracted(_: object, *, event: PraiseRetracted) -> None:
    """What was taken back leaves the inboxes."""
    withdraw(source_kind=PRAISE, source_id=event.praise_id)
