"""Changing the number a person signs in with.

Nobody can receive a message here, so a number cannot be proved; the password is, and the number
must be nobody else's. Whoever is refused is not told whose it is, and such tries are counted like
wrong passwords. The change reaches every school the person belongs to, in one transaction; every
other session ends, and for numbers.KEPT the person can go back.
"""

from __future__ import annotations

from dataclasses import replace

import psycopg
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from campus import audit, clock, db
from campus.actor import Actor
from campus.errors import Conflict, InvalidInput
from campus.identity import actions, numbers, throttle
from campus.identity.events import PhoneChanged, phone_changed
from campus.identity.models import Account, AccountEvent
from campus.identity.phone_models import PhoneChange
from campus.schools.models import Membership

SAME = "这就是现在的号码。"
NOTHING_TO_UNDO = "现在没有可以改回去的号码。"


def change_phone(actor: Actor, *, current: str, new: str, secret: str) -> None:
    """Sign in with another number from now on; ``current`` is the password.

    Raises InvalidInput by field, or TooMany. Transactions of its own, so that none is open while
    the password is checked and a try is counted although the answer is an error.
    """
    attempt = actions.prove(actor, current, secret)
    if new == attempt.phone:
        raise InvalidInput({"phone": SAME})
    try:
        with throttle.counted(attempt, secret), db.transaction():
            _change_everywhere(actor, new)
    except InvalidInput as error:
        raise InvalidInput({"phone": numbers.NOT_FREE}) from error


def undo_change(actor: Actor, *, current: str, secret: str) -> None:
    """Go back to the number before the last change. Raises Conflict when there is none."""
    with db.joined(read_only=True):
        change = numbers.last_change(actor.account_id)
    if change is None:
        raise Conflict(NOTHING_TO_UNDO)
    change_phone(actor, current=current, new=change.old_phone, secret=secret)


def _change_everywhere(actor: Actor, new: str) -> None:
    session = db.session()
    account = session.get_one(Account, actor.account_id, with_for_update=True)
    old = account.phone
    move(account, new, by=actor)
    actions.end_all_sessions(actor)
    schools = select(Membership.school_id).where(Membership.account_id == account.id)
    for school_id in session.scalars(schools.order_by(Membership.school_id)).all():
        session.flush()  # what belongs to the school before is written while it is entered
        db.enter(school_id)
        there = replace(actor, school_id=school_id)
        audit.record(there, "identity.phone", "account", account.id)
        phone_changed.send(None, event=PhoneChanged(there, account.id, old, new))


def move(account: Account, new: str, *, by: Actor) -> None:
    """Give a locked account another number, in the open transaction; sessions are the caller's.

    Raises InvalidInput when the number is somebody else's, or was lately.
    """
    if not numbers.free(new, account.id):
        raise InvalidInput({"phone": numbers.NOT_FREE})
    numbers.forget_old()
    session, old = db.session(), account.phone
    last = numbers.last_change(account.id)
    _write(account, new)
    if last is not None and (last.old_phone, last.new_phone) == (new, old):
        last.undone_at = clock.now()
    else:
        change = PhoneChange(account_id=account.id, old_phone=old, new_phone=new)
        change.changed_by = by.account_id
        session.add(change)
    session.add(AccountEvent(account_id=account.id, kind="phone", detail={"by": by.account_id}))


def _write(account: Account, new: str) -> None:
    """Two who take one number at the same moment: the second is refused like any other."""
    try:
        with db.savepoint() as session:
            session.execute(update(Account).where(Account.id == account.id).values(phone=new))
    except (IntegrityError, psycopg.IntegrityError) as error:
        raise InvalidInput({"phone": numbers.NOT_FREE}) from error
