"""Issuing codes and taking them back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update

from campus import audit, clock, db
from campus.actor import Actor
from campus.errors import NotFound
from tenants.families import codes, reach
from tenants.families.models import Invitation
from tenants.families.permissions import Families
from tenants.people import scope
from tenants.people.bulk import insert_rows
from tenants.people.models import Enrollment, Guardian, Guardianship, Pupil

VALID = timedelta(days=7)
MOST_ALIVE = 5  # of one child; a sixth ends the oldest
OTHER_PARENT = "另一位家长"


@dataclass(frozen=True, slots=True)
class Place:
    """Whom a code is for: a guardian the school knows, or (None) another parent of the child."""

    pupil_id: int
    guardian_id: int | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """A code that was just made; token and short code exist here and on the paper alone."""

    invitation_id: int
    place: Place
    relation: str
    token: str
    short: str
    expires_at: datetime


def alive(invitation: type[Invitation] = Invitation) -> tuple[Any, ...]:
    """The conditions under which a code still opens."""
    return (
        invitation.used_at.is_(None),
        invitation.revoked_at.is_(None),
        invitation.expires_at > func.now(),
    )


def issue_codes(actor: Actor, *, places: Sequence[Place], secret: str) -> list[Issued]:
    """Make one code per place, in order; beyond five alive of a child the oldest end.

    Raises NotFound for a child out of reach or a guardian who is not (or no longer) that child's.
    """
    actor.check(Families.INVITE)
    if not places:
        return []
    relations = _relations(actor, places)
    made = _insert(actor, places, relations, secret)
    pupil_ids = sorted({place.pupil_id for place in places})
    _end_oldest(pupil_ids)
    audit.record(
        actor, "families.invite", "invitation", None, codes=len(made), pupils=len(pupil_ids)
    )
    return made


def _relations(actor: Actor, places: Sequence[Place]) -> list[str]:
    """Lock the children (two issuers must not both count to five) and name the places."""
    wanted = {place.pupil_id for place in places}
    session = db.session()
    held = session.scalars(
        select(Pupil.id)
        .where(
            Pupil.school_id == db.school_id(),
            Pupil.id.in_(reach.pupils_of(actor).where(Enrollment.pupil_id.in_(wanted))),
        )
        .order_by(Pupil.id)
        .with_for_update()
    ).all()
    ties = {
        (pupil_id, guardian_id): relation
        for pupil_id, guardian_id, relation in session.execute(
            select(Guardianship.pupil_id, Guardianship.guardian_id, Guardianship.relation).where(
                Guardianship.school_id == db.school_id(),
                Guardianship.pupil_id.in_(held),
                Guardianship.ended_at.is_(None),
            )
        )
    }
    if wanted - set(held):
        raise NotFound
    try:
        return [
            OTHER_PARENT if one.guardian_id is None else ties[one.pupil_id, one.guardian_id]
            for one in places
        ]
    except KeyError:
        raise NotFound from None


def _insert(
    actor: Actor, places: Sequence[Place], relations: Sequence[str], secret: str
) -> list[Issued]:
    school, until = db.school_id(), clock.now() + VALID
    tokens = [codes.new_token() for _ in places]
    shorts = [codes.new_short() for _ in places]
    ids = insert_rows(
        Invitation,
        {
            "pupil_id": [place.pupil_id for place in places],
            "guardian_id": [place.guardian_id for place in places],
            "relation": list(relations),
            "token_hash": [codes.token_hash(token) for token in tokens],
            "code_hash": [codes.short_hash(secret, school, short) for short in shorts],
            "created_by": [actor.account_id for _ in places],
            "expires_at": [until for _ in places],
        },
    )
    return [Issued(*one, until) for one in zip(ids, places, relations, tokens, shorts, strict=True)]


def _end_oldest(pupil_ids: Sequence[int]) -> None:
    place = (
        func.row_number()
        .over(partition_by=Invitation.pupil_id, order_by=Invitation.id.desc())
        .label("place")
    )
    ranked = (
        select(Invitation.id, place)
        .where(
            Invitation.school_id == db.school_id(),
            Invitation.pupil_id.in_(pupil_ids),
            *alive(),
        )
        .subquery()
    )
    db.session().execute(
        update(Invitation)
        .where(
            Invitation.school_id == db.school_id(),
            Invitation.id.in_(select(ranked.c.id).where(ranked.c.place > MOST_ALIVE)),
        )
        .values(revoked_at=func.now())
        .execution_options(synchronize_session=False)
    )


def revoke_code(actor: Actor, *, invitation_id: int) -> int:
    """Take a code back and return its child; twice changes nothing. Raises NotFound."""
    actor.check(Families.INVITE)
    invitation = db.session().scalar(
        select(Invitation).where(
            Invitation.school_id == db.school_id(),
            Invitation.id == invitation_id,
            Invitation.pupil_id.in_(reach.pupils_of(actor)),
        )
    )
    if invitation is None:
        raise NotFound
    if invitation.revoked_at is None and invitation.used_at is None:
        invitation.revoked_at = clock.now()
        audit.record(actor, "families.invite-revoke", "invitation", invitation_id)
    return invitation.pupil_id


def end_codes_of(*, guardian_id: int, pupil_id: int | None = None) -> None:
    """End every living code of a guardian's place: it is taken, or it is no place any more."""
    where = [
        Invitation.school_id == db.school_id(),
        Invitation.guardian_id == guardian_id,
        *alive(),
    ]
    if pupil_id is not None:
        where.append(Invitation.pupil_id == pupil_id)
    db.session().execute(
        update(Invitation)
        .where(*where)
        .values(revoked_at=func.now())
        .execution_options(synchronize_session=False)
    )


def missing_places(actor: Actor, *, class_id: int, one_each: bool = False) -> list[Place]:
    """The places of a class that have no account yet, in the order of seats.

    A child of whom the school knows no guardian has the place of another parent. ``one_each``
    gives every child one place whoever has joined: the first missing one, else another parent.
    Raises NotFound for a class out of reach.
    """
    reach.reach_class(actor, class_id)
    rows = db.rows(
        select(Enrollment.pupil_id, Guardianship.guardian_id, Guardian.account_id)
        .outerjoin(
            Guardianship,
            (Guardianship.school_id == Enrollment.school_id)
            & (Guardianship.pupil_id == Enrollment.pupil_id)
            & Guardianship.ended_at.is_(None),
        )
        .outerjoin(
            Guardian,
            (Guardian.school_id == Guardianship.school_id)
            & (Guardian.id == Guardianship.guardian_id),
        )
        .where(
            Enrollment.school_id == db.school_id(),
            Enrollment.class_id == class_id,
            scope.current(Enrollment),
        )
        .order_by(Enrollment.seat_no, Enrollment.pupil_id, Guardianship.contact_order)
    )
    children: dict[int, list[int | None]] = {}
    for pupil_id, guardian_id, account_id in rows:
        places = children.setdefault(pupil_id, [])
        if guardian_id is None or account_id is None:
            places.append(guardian_id)
    if one_each:
        children = {pupil_id: places[:1] or [None] for pupil_id, places in children.items()}
    return [Place(pupil_id, one) for pupil_id, places in children.items() for one in places]
