"""Signing in and out, ending sessions, changing the password, registering accounts."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ARRAY, Text, bindparam, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from campus import clock, db
from campus.actor import Actor
from campus.errors import InvalidInput, NotFound
from campus.identity import numbers, passwords, throttle, totp
from campus.identity.entry import token_hash
from campus.identity.models import Account, AccountEvent, AccountSession
from campus.permissions import STAFF, Platform, Role
from campus.realtime import revoke
from campus.schools.models import Membership

WRONG = "手机号或密码不对。忘记密码请联系班主任。"
MOVED = "这个号码已经换掉了，请用新号码（尾号 {tail}）和原来的密码登录。"
KEPT = "这个手机号最近换过主人，暂时不能用来开账号。请换一个号码，或联系学校管理员。"
STAFF_IDLE, STAFF_LONGEST = timedelta(minutes=30), timedelta(hours=12)
FAMILY_IDLE, FAMILY_LONGEST = timedelta(days=14), timedelta(days=90)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: the token goes into the cookie and nowhere else."""

    token: str
    account_id: int
    longest: timedelta


class SecondStep(Exception):
    """The password was right; this account asks for a code as well."""

    def __init__(self, account_id: int) -> None:
        super().__init__("a code is needed")
        self.account_id = account_id


def sign_in(attempt: throttle.Attempt, *, password: str, user_agent: str, secret: str) -> SignedIn:
    """Check the password and make a session row. Raises InvalidInput, TooMany or SecondStep.

    Short transactions of its own, so that none is held open while argon2id computes and a wrong
    try is counted although the answer is an error.
    """
    with throttle.counted(attempt, secret):
        account = _account_of(attempt.phone, password)
    fresh = (
        passwords.hashed(password)
        if account.password_hash and passwords.stale(account.password_hash)
        else None
    )
    with db.transaction():
        if fresh:
            _set_hash(account.id, fresh)
        if not totp.enrolled(account.id):
            return _start(account, attempt, user_agent)
    raise SecondStep(account.id)


def _account_of(phone: str, password: str) -> Account:
    """The account of a phone and its password. Who gives a number changed lately and the right
    password is told to use the new one, and comes in no more by the old."""
    with db.transaction(read_only=True) as session:
        account = session.scalar(select(Account).where(Account.phone == phone))
        moved = numbers.former_owner(phone) if account is None else None
    held = account or moved
    right = passwords.matches(held.password_hash if held else None, password)
    if held is not None and held is account and right and held.disabled_at is None:
        return held
    if moved is not None and right and moved.disabled_at is None:
        raise InvalidInput({"account": MOVED.format(tail=moved.phone[-4:])})
    raise InvalidInput({"password": WRONG})


def start_session(
    account: Account,
    attempt: throttle.Attempt,
    user_agent: str,
    by: Mapping[str, int] | None = None,
) -> SignedIn:
    """Make the session of somebody who has given password and code, or what ``by`` names."""
    with db.transaction():
        return _start(account, attempt, user_agent, by)


def _start(
    account: Account,
    attempt: throttle.Attempt,
    user_agent: str,
    by: Mapping[str, int] | None = None,
) -> SignedIn:
    session = db.session()
    roles = session.scalars(
        select(func.unnest(Membership.roles)).where(
            Membership.account_id == account.id, Membership.ended_at.is_(None)
        )
    )
    office = account.operator or any(Role(role) in STAFF for role in roles)
    idle, longest = (STAFF_IDLE, STAFF_LONGEST) if office else (FAMILY_IDLE, FAMILY_LONGEST)
    token, now = secrets.token_urlsafe(32), clock.now()
    session.add(
        AccountSession(
            account_id=account.id,
            token_hash=token_hash(token),
            device_key=attempt.device_key,
            user_agent=user_agent[:300],
            ip=attempt.ip,
            idle_minutes=int(idle.total_seconds() // 60),
            idle_at=now + idle,
            expires_at=now + longest,
        )
    )
    event = AccountEvent(account_id=account.id, kind="sign-in", ip=attempt.ip)
    event.detail = dict(by or {})
    session.add(event)
    return SignedIn(token, account.id, longest)


def end_session(actor: Actor, *, session_id: int) -> None:
    """End one of the actor's own sessions and cut its socket. Raises NotFound for any other."""
    ended = _end(AccountSession.id == session_id, actor)
    if not ended:
        raise NotFound


def end_all_sessions(actor: Actor, *, keep_current: bool = True) -> int:
    """End the actor's other sessions (or all) and return how many there were."""
    others = AccountSession.id != (actor.session_id if keep_current else 0)
    return len(_end(others, actor))


def _end(which: object, actor: Actor) -> list[int]:
    session = db.session()
    ended = list(
        session.scalars(
            update(AccountSession)
            .where(
                which,  # type: ignore[arg-type]
                AccountSession.account_id == actor.account_id,
                AccountSession.ended_at.is_(None),
            )
            .values(ended_at=func.now())
            .returning(AccountSession.id)
        )
    )
    if ended:
        session.add(
            AccountEvent(account_id=actor.account_id, kind="sign-out", detail={"ended": len(ended)})
        )
        revoke(session_ids=ended, reason="signed-out")
    return ended


def disable_account(actor: Actor, *, account_id: int) -> None:
    """Let nobody sign in to an account any more, end its sessions and cut its sockets everywhere.

    Nothing of the person's is removed. Twice is once. Raises NotFound.
    """
    actor.check(Platform.ACCOUNTS_DISABLE)
    account = db.session().get(Account, account_id)
    if account is None:
        raise NotFound
    if account.disabled_at is not None:
        return
    account.disabled_at = clock.now()
    db.session().execute(
        update(AccountSession)
        .where(AccountSession.account_id == account_id, AccountSession.ended_at.is_(None))
        .values(ended_at=func.now())
    )
    by = {"by": actor.account_id}
    db.session().add(AccountEvent(account_id=account_id, kind="disabled", detail=by))
    revoke(account_ids=[account_id], reason="signed-out")


def change_password(
    actor: Actor, *, current: str, new: str, secret: str, school_names: Iterable[str] = ()
) -> None:
    """Set a new password and end every other session. Raises InvalidInput by field, or TooMany."""
    attempt = prove(actor, current, secret)
    weak = passwords.weakness(new, (attempt.phone, actor.name, *school_names))
    if weak:
        raise InvalidInput({"new": weak})
    fresh = passwords.hashed(new)
    _set_hash(_number(actor), fresh)
    db.session().add(AccountEvent(account_id=actor.account_id, kind="password"))
    end_all_sessions(actor)


def prove(actor: Actor, password: str, secret: str) -> throttle.Attempt:
    """Check the password of somebody signed in; the try, for more that is to be counted with it.

    The open transaction is released. Raises InvalidInput or TooMany.
    """
    attempt = attempt_of(actor)
    with throttle.counted(attempt, secret):
        if not is_password(actor, password):
            raise InvalidInput({"current": "现在的密码不对。"})
    return attempt


def attempt_of(actor: Actor) -> throttle.Attempt:
    """A try of somebody signed in to prove who they are.

    Wrong ones are counted with those of signing in, by the device the session began on, so that
    a browser somebody left open is no place to guess either, whatever cookies it sends.
    """
    with db.joined(read_only=True) as session:
        account = session.get_one(Account, actor.account_id)
        here = session.get_one(AccountSession, actor.session_id)
        return throttle.Attempt(account.phone, here.device_key, str(here.ip))


def is_password(actor: Actor, typed: str) -> bool:
    """Whether this is the actor's password; for `throttle.counted`."""
    with db.transaction(read_only=True) as session:
        account = session.get_one(Account, actor.account_id)
    return passwords.matches(account.password_hash, typed)


def _number(actor: Actor) -> int:
    assert actor.account_id is not None, "only a person has a password"
    return actor.account_id


def _set_hash(account_id: int, password_hash: str) -> None:
    db.session().execute(
        update(Account)
        .where(Account.id == account_id)
        .values(password_hash=password_hash, password_changed_at=func.now())
    )


def register_accounts(
    people: Mapping[str, str], *, password_hash: str | None = None
) -> dict[str, int]:
    """Make the accounts that do not exist yet; ``people`` maps phone to name.

    Returns the account id of every phone. An existing account is left exactly as it is. Raises
    InvalidInput for a number that is kept for whoever changed it lately.
    """
    if not people:
        return {}
    if numbers.kept(people):
        raise InvalidInput({"phone": KEPT})
    session, phones = db.session(), list(people)
    source = select(
        func.unnest(bindparam("phones", phones, type_=ARRAY(Text))),
        func.unnest(bindparam("names", list(people.values()), type_=ARRAY(Text))),
        literal(password_hash, Text),
    )
    columns = ["phone", "name", "password_hash"]
    session.execute(insert(Account).from_select(columns, source).on_conflict_do_nothing())
    found = session.execute(
        select(Account.phone, Account.id).where(Account.phone == func.any(phones))
    )
    return dict(found.all())
