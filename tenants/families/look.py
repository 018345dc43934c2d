"""Finding the living invitation behind a token, a ticket or a typed short code, within limits.

Whatever is wrong with a code (never made, used, revoked, expired, of another school, tried too
often) is answered alike: `Dead`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select, update

from campus import clock, db
from campus.errors import NotFound, TooMany
from tenants.families import codes
from tenants.families.invite import alive
from tenants.families.models import Invitation, InvitationMiss
from tenants.people.models import Pupil
from tenants.people.naming import class_label
from tenants.people.queries import place_of

MOST_TRIES = 10  # of one code: a wrong password counts
MISSES, MISS_WINDOW = 10, timedelta(hours=1)  # short codes typed wrong at one address
TOO_MANY = "这里输错的次数太多了，请一小时后再试。扫二维码不受影响。"


class Dead(NotFound):
    """A code that opens nothing, for whichever reason."""

    title = "这张入校单用不了了"
    message = "它可能已经用过、过期，或者换了新的。请找孩子的班主任重新要一张，一分钟就好。"


@dataclass(frozen=True, slots=True)
class Offer:
    """What somebody with a living code is shown before joining: never the child's full name."""

    invitation_id: int
    pupil_id: int
    masked_name: str
    class_label: str
    relation: str
    other_parent: bool


def masked_name(name: str) -> str:
    """``李小明`` → ``李＊明``, ``李明`` → ``李＊``: enough to know one's own child by."""
    if len(name) < 3:
        return f"{name[:1]}＊"
    return f"{name[0]}{'＊' * min(len(name) - 2, 3)}{name[-1]}"


def find(given: str, *, secret: str) -> Offer:
    """The offer behind a token or a ticket in the entered school. Raises Dead."""
    if given.startswith(codes.TICKET_MARK):
        number = codes.ticket_id(secret, db.school_id(), given)
        return _offer(Invitation.id == (number or 0))
    return _offer(Invitation.token_hash == codes.token_hash(given))


def _offer(which: ColumnElement[bool]) -> Offer:
    rows = db.rows(
        select(
            Invitation.id,
            Invitation.pupil_id,
            Invitation.relation,
            Invitation.guardian_id,
            Pupil.name,
        )
        .join(Pupil, db.on(Invitation, Pupil, "pupil_id"))
        .where(Invitation.school_id == db.school_id(), which, *usable())
    )
    if not rows:
        raise Dead
    number, pupil_id, relation, guardian_id, name = rows[0]
    return Offer(
        number, pupil_id, masked_name(name), _class_of(pupil_id), relation, guardian_id is None
    )


def _class_of(pupil_id: int) -> str:
    place = place_of(pupil_id)
    return class_label(place.entry_year, place.number, clock.today()) if place else ""


def usable() -> tuple[Any, ...]:
    """Alive, and not tried too often."""
    return (*alive(), Invitation.tries < MOST_TRIES)


def lock(invitation_id: int) -> Invitation:
    """The invitation, locked: of two people who use it at once the second finds it used."""
    found = db.session().scalar(
        select(Invitation)
        .where(Invitation.school_id == db.school_id(), Invitation.id == invitation_id, *usable())
        .with_for_update()
    )
    if found is None:
        raise Dead
    return found


def count_try(school_id: int, invitation_id: int) -> None:
    """Note a failed try with a code, in a transaction of its own."""
    with db.transaction(school_id=school_id) as session:
        session.execute(
            update(Invitation)
            .where(Invitation.school_id == school_id, Invitation.id == invitation_id)
            .values(tries=Invitation.tries + 1)
        )


def ticket_for(typed: str, *, ip: str, secret: str) -> str:
    """A ticket for the invitation with this short code. Raises Dead or TooMany.

    Wrong codes are counted by address, in a transaction of their own; right ones never are, so a
    hall full of parents behind one address is not held up by those who type well.
    """
    school_id = db.school_id()
    check_misses(ip)
    wanted = codes.short_hash(secret, school_id, codes.bare(typed))
    try:
        offer = _offer(Invitation.code_hash == wanted)
    except Dead:
        count_miss(school_id, ip)
        raise
    return codes.ticket(secret, school_id, offer.invitation_id)


def check_misses(ip: str) -> None:
    """Raise TooMany when too many codes were typed wrong at this address within the hour."""
    recent = db.rows(
        select(func.count()).where(
            InvitationMiss.school_id == db.school_id(),
            InvitationMiss.ip == ip,
            InvitationMiss.at > func.now() - MISS_WINDOW,
        )
    )
    if recent[0][0] >= MISSES:
        raise TooMany(TOO_MANY, retry_after=int(MISS_WINDOW.total_seconds()))


def count_miss(school_id: int, ip: str) -> None:
    """Note a code typed wrong, in a transaction of its own."""
    with db.transaction(school_id=school_id) as session:
        session.add(InvitationMiss(school_id=school_id, ip=ip))
