"""What messages make of what happens in class: a family hears that its own child was praised."""

from __future__ import annotations

from sqlalchemy import select

from campus import db
from tenants.classes.areas import AREAS
from tenants.classes.events import (
    PraiseAwarded,
    PraiseRetracted,
    praise_awarded,
    praise_retracted,
)
from tenants.messages.actions import News, notify, withdraw
from tenants.people.models import Pupil
from tenants.people.queries import given_name
from tenants.people.scope import guardian_accounts

PRAISE = "praise"
GROWTH = "growth"


def listen() -> None:
    """Connect to the class's events; connecting twice changes nothing."""
    praise_awarded.connect(on_praise)
    praise_retracted.connect(on_praise_retracted)


def on_praise(_: object, *, event: PraiseAwarded) -> None:
    """Each family reads its own child's name and no other's."""
    session = db.session()
    names = {
        number: given_name(name)
        for number, name in session.execute(
            select(Pupil.id, Pupil.name).where(
                Pupil.school_id == db.school_id(), Pupil.id.in_(event.pupil_ids)
            )
        ).all()
    }
    ties = session.execute(guardian_accounts(list(event.pupil_ids))).all()
    notify(
        [
            News(
                account,
                f"{event.teacher}表扬了{names[pupil_id]}",
                f"{AREAS[event.area]}：{event.text}",
                pupil_id,
            )
            for pupil_id, account in ties
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
