"""Finding the living invitation behind a token, a ticket or a typed short code, within limits.

Whatever is wrong with a code (never made, used, revoked, expired, of another school, tried too
often) is answered alike: `Dead`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Update, func, select, update

from campus import clock, db
from campus.errors import CampusError, InvalidInput, NotFound, TooMany
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


@contextmanager
def counted(school_id: int, invitation_id: int) -> Iterator[None]:
    """Count a try with a code before it is made, and take it back unless it was wrong.

    Wrong is what the block says by raising InvalidInput. Raises Dead when the code was tried too
    often. The open transaction is released; a count stands although the answer is an error.
    """
    db.release()
    with db.transaction(school_id=school_id) as session:
        counted = session.scalar(_tried(school_id, invitation_id, 1).returning(Invitation.id))
    if counted is None:
        raise Dead
    try:
        yield
    except InvalidInput:
        raise
    except CampusError:
        _take_back(school_id, invitation_id)
        raise
    _take_back(school_id, invitation_id)


def _take_back(school_id: int, invitation_id: int) -> None:
    db.release()
    with db.transaction(school_id=school_id) as session:
        session.execute(_tried(school_id, invitation_id, -1))


def _tried(school_id: int, invitation_id: int, step: int) -> Update:
    return (
        update(Invitation)
        .where(
            Invitation.school_id == school_id,
            Invitation.id == invitation_id,
            Invitation.tries < MOST_TRIES + (step < 0),
        )
        .values(tries=Invitation.tries + step)
    )


def ticket_for(typed: str, *, ip: str, secret: str) -> str:
    """A ticket for the invitation with this short code. Raises Dead or TooMany.

    Wrong codes are counted by address; right ones never are, so a hall full of parents behind one
    address is not held up by those who type well.
    """
    school_id = db.school_id()
    db.release()
    with guessing(school_id, ip) as guess:
        wanted = codes.short_hash(secret, school_id, codes.bare(typed))
        try:
            offer = _offer(Invitation.code_hash == wanted)
        except Dead:
            guess.miss()
            offer = None
    if offer is None:
        raise Dead
    return codes.ticket(secret, school_id, offer.invitation_id)


class Guess:
    """One look at whether a code is right, while nobody else at this address looks."""

    def __init__(self, ip: str) -> None:
        self._ip = ip

    def miss(self) -> None:
        """It was wrong: counted with the transaction, whatever the answer will be."""
        db.session().add(InvitationMiss(ip=self._ip))


@contextmanager
def guessing(school_id: int, ip: str) -> Iterator[Guess]:
    """A transaction of its own in which one code is looked up. Raises TooMany.

    Those at one address take turns, so that the count is read after all earlier misses; once there
    are too many nobody waits for a turn.
    """
    with db.transaction(school_id=school_id) as session:
        _check_misses(ip)
        key = func.hashtextextended(f"misses|{school_id}|{ip}", 0)
        session.execute(select(func.pg_advisory_xact_lock(key)))
        _check_misses(ip)
        yield Guess(ip)


def _check_misses(ip: str) -> None:
    recent = db.rows(
        select(func.count()).where(
            InvitationMiss.school_id == db.school_id(),
            InvitationMiss.ip == ip,
            InvitationMiss.at > func.clock_timestamp() - MISS_WINDOW,
        )
    )
    if recent[0][0] >= MISSES:
        raise TooMany(TOO_MANY, retry_after=int(MISS_WINDOW.total_seconds()))
