"""A lost password, or a colleague's first: a code handed over in person, once, within a day.

The class teacher knows the parent, the administrator the colleague, the server neither; so the code
is the proof, and what it can open is kept small. A teacher's opens families alone. An
administrator's opens colleagues, but nobody whose word counts as a second person's (管理员, 校长):
one administrator could then agree with themselves. Neither opens an account that also belongs to
another school. All sessions end, so the owner notices if it was somebody else.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update

from campus import audit, clock, db
from campus.actor import Actor
from campus.errors import Conflict, InvalidInput
from campus.identity import passwords
from campus.identity.cli import set_password_hash
from campus.identity.models import Account
from campus.permissions import STAFF, Role
from campus.schools.models import Membership
from tenants.families import codes, look
from tenants.families.models import ResetCode
from tenants.families.permissions import Families
from tenants.families.reach import reach_tie
from tenants.people.models import Guardian
from tenants.people.permissions import People
from tenants.people.roles import reach_staff

VALID = timedelta(hours=24)
MOST_TRIES = 10
NOT_JOINED = "这位家长还没有加入，请发入校单。"
NOT_HERE = (
    "这个账号同时是老师账号，或在别的学校也有身份，不能在这里重设，请联系学校管理员转平台处理。"
)
NOT_OURS = (
    "管理员、校长和在别的学校也有身份的账号，不能在学校里重设，请联系平台运维。已离职的也不能。"
)
WRONG = "手机号或重设码不对，或重设码已过期。请核对后再试，或请给您码的老师重新给一个。"
SECOND_PERSONS = frozenset({Role.ADMIN, Role.HEAD})


def issue_reset(
    actor: Actor, *, pupil_id: int, guardian_id: int, secret: str
) -> tuple[str, datetime]:
    """A new reset code and until when it works; an earlier one ends.

    Raises NotFound for a child out of reach, Conflict for an account that must not be reset here.
    """
    actor.check(Families.INVITE)
    reach_tie(actor, pupil_id, guardian_id)
    account_id = db.session().scalar(
        select(Guardian.account_id).where(
            Guardian.school_id == db.school_id(), Guardian.id == guardian_id
        )
    )
    if account_id is None:
        raise Conflict(NOT_JOINED)
    if reaches_further(account_id):
        raise Conflict(NOT_HERE)
    audit.record(actor, "families.reset-code", "guardian", guardian_id)
    return _new_code(actor, account_id, secret, for_staff=False)


def issue_for_staff(actor: Actor, *, staff_id: int, secret: str) -> tuple[str, datetime]:
    """A code for a colleague's first or forgotten password, and until when it works.

    Raises NotFound for nobody of this school, Conflict for an account that must not be reset here.
    """
    actor.check(People.OFFICES)
    account_id = reach_staff(staff_id).account_id
    if account_id is None or not only_a_colleague(account_id):
        raise Conflict(NOT_OURS)
    audit.record(actor, "staff.reset-code", "staff", staff_id)
    return _new_code(actor, account_id, secret, for_staff=True)


def _new_code(
    actor: Actor, account_id: int, secret: str, *, for_staff: bool
) -> tuple[str, datetime]:
    _end_codes(account_id)
    short, until = codes.new_short(), clock.now() + VALID
    db.session().add(
        ResetCode(
            account_id=account_id,
            for_staff=for_staff,
            code_hash=hash_of(secret, short),
            created_by=actor.account_id,
            expires_at=until,
        )
    )
    return short, until


def hash_of(secret: str, short: str) -> bytes:
    """What is kept of a code of the entered school; no other kind of code has the same."""
    return codes.short_hash(secret, db.school_id(), f"reset{short}")


def reaches_further(account_id: int) -> bool:
    """Whether the account opens more than this school's own children."""
    here, beyond = _standing(account_id)
    return beyond or not here.isdisjoint(STAFF)


def only_a_colleague(account_id: int) -> bool:
    """Whether the account is staff of this school alone, and nobody who agrees as second person."""
    here, beyond = _standing(account_id)
    return not beyond and not here.isdisjoint(STAFF) and here.isdisjoint(SECOND_PERSONS)


def _standing(account_id: int) -> tuple[frozenset[Role], bool]:
    """The account's roles in this school, and whether it opens anything beyond it."""
    session = db.session()
    account = session.get_one(Account, account_id)
    held = session.execute(
        select(Membership.school_id, Membership.roles).where(
            Membership.account_id == account_id, Membership.ended_at.is_(None)
        )
    ).all()
    elsewhere = any(school_id != db.school_id() for school_id, _ in held)
    here = frozenset(
        Role(role) for school_id, roles in held if school_id == db.school_id() for role in roles
    )
    return here, account.operator or elsewhere


def _end_codes(account_id: int) -> None:
    db.session().execute(
        update(ResetCode)
        .where(ResetCode.school_id == db.school_id(), ResetCode.account_id == account_id, *alive())
        .values(revoked_at=func.now())
    )


def alive() -> tuple[Any, ...]:
    """The conditions under which a code still opens something."""
    return (
        ResetCode.used_at.is_(None),
        ResetCode.revoked_at.is_(None),
        ResetCode.expires_at > func.now(),
        ResetCode.tries < MOST_TRIES,
    )


def reset_password(
    *, school_id: int, phone: str, typed: str, new: str, ip: str, secret: str
) -> None:
    """Set a new password by a reset code and end every session. Raises InvalidInput or TooMany.

    In transactions of its own: a wrong try is counted although the answer is an error, and the
    new password is hashed between them, for a right code alone.
    """
    weak = passwords.weakness(new, (phone,))
    if weak:
        raise InvalidInput({"new": weak})
    db.release()
    wanted = codes.short_hash(secret, school_id, f"reset{codes.bare(typed)}")
    with look.guessing(school_id, ip) as guess:
        right = _right(phone, wanted) is not None
        if not right:
            guess.miss()
    if not right:
        raise InvalidInput({"code": WRONG})
    password_hash = passwords.hashed(new)
    with db.transaction(school_id=school_id):
        held = _right(phone, wanted)
        if held is not None:
            _use(held, password_hash)
    if held is None:  # somebody else used it meanwhile
        raise InvalidInput({"code": WRONG})


def _opens(code: ResetCode) -> bool:
    """Whether the account still is what the code was made for."""
    if code.for_staff:
        first = code.expires_at - code.created_at > VALID  # a slip, made for a first password
        return only_a_colleague(code.account_id) and not (first and _has_password(code.account_id))
    return not reaches_further(code.account_id)


def _has_password(account_id: int) -> bool:
    return db.session().get_one(Account, account_id).password_hash is not None


def _right(phone: str, wanted: bytes) -> ResetCode | None:
    """The living code of this phone, locked, when it is the one typed; a wrong try is counted."""
    held = db.session().scalar(
        select(ResetCode)
        .join(Account, Account.id == ResetCode.account_id)
        .where(
            ResetCode.school_id == db.school_id(),
            Account.phone == phone,
            Account.disabled_at.is_(None),
            *alive(),
        )
        .with_for_update(of=ResetCode)
    )
    if held is None:
        return None
    if held.code_hash != wanted or not _opens(held):
        held.tries += 1
        return None
    return held


def _use(held: ResetCode, password_hash: str) -> None:
    held.used_at = clock.now()
    set_password_hash(held.account_id, password_hash)
    actor = Actor(held.account_id, "", db.school_id(), frozenset())
    audit.record(actor, "families.reset", "account", held.account_id)
