"""The demo's families say what may be done with their children's data: mostly yes."""

from __future__ import annotations

from random import Random

from sqlalchemy import select

from campus import db
from campus.actor import Actor
from tenants.people.consents import CLASS_PHOTO, VERSIONS, Answer, record_answers
from tenants.people.models import Guardian, Guardianship

REFUSES = 0.04  # of the guardians, and only pictures with classmates


def agree(random: Random) -> int:
    """Record an answer of every guardian who joined the entered school; how many answers."""
    ties = (
        db.session()
        .execute(
            select(Guardianship.guardian_id, Guardianship.pupil_id)
            .join(Guardian, db.on(Guardianship, Guardian, "guardian_id"))
            .where(Guardianship.school_id == db.school_id(), Guardian.account_id.is_not(None))
            .order_by(Guardianship.guardian_id, Guardianship.pupil_id)
        )
        .all()
    )
    answers = [
        Answer(guardian_id, pupil_id, purpose, purpose != CLASS_PHOTO or random.random() >= REFUSES)
        for guardian_id, pupil_id in ties
        for purpose in VERSIONS
    ]
    record_answers(Actor.system(db.school_id()), answers, channel="joining")
    return len(answers)
