"""The account behind a phone number: entered by its password, or made.

Without SMS a number proves nothing. An account with a password is entered by it alone. One without
(made by the office) may be taken over only as the very family it was invited as: never one of
staff, never by a number the school did not write on this invitation.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update

from campus import clock, db
from campus.errors import Conflict, InvalidInput
from campus.identity import actions as identity
from campus.identity import passwords, throttle
from campus.identity.models import Account
from campus.permissions import STAFF, Role
from campus.schools.models import Membership

NEEDS_OFFICE = "这个手机号已有账号，但还没有设密码。请联系学校管理员设好密码，再来加入。"


@dataclass(frozen=True, slots=True)
class Person:
    """Who is joining, as typed. ``name`` only where the school does not know it yet."""

    attempt: throttle.Attempt
    password: str
    name: str
    user_agent: str
    secret: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the platform holds of a phone number."""

    account_id: int | None
    has_password: bool
    office: bool


def known(phone: str) -> Known:
    """Look a phone number up."""
    with db.joined(read_only=True) as session:
        row = session.execute(
            select(Account.id, Account.password_hash, Account.operator, Account.disabled_at).where(
                Account.phone == phone
            )
        ).one_or_none()
        if row is None:
            return Known(None, has_password=False, office=False)
        roles = session.scalars(select(Membership.roles).where(Membership.account_id == row.id))
        office = any(Role(role) in STAFF for held in roles for role in held)
        closed = row.operator or row.disabled_at is not None
        return Known(row.id, bool(row.password_hash), office or closed)


def enter(person: Person) -> identity.SignedIn:
    """Sign in to an account that has a password. Raises InvalidInput or TooMany."""
    return identity.sign_in(
        person.attempt,
        password=person.password,
        user_agent=person.user_agent,
        secret=person.secret,
    )


def check_new(person: Person, school_name: str) -> None:
    """Raise InvalidInput with what is wrong with a new password."""
    weak = passwords.weakness(person.password, (person.attempt.phone, person.name, school_name))
    if weak:
        raise InvalidInput({"password": weak})


def make(person: Person, held: Known, password_hash: str, *, name: str, invited: bool) -> int:
    """A new account, or the unclaimed one of a person the school invited by this very number.

    Raises InvalidInput for an unclaimed account of staff, or one of another number's invitation;
    Conflict when the number was taken a moment ago.
    """
    if held.account_id is not None and (held.office or not invited):
        raise InvalidInput({"phone": NEEDS_OFFICE})
    phone = person.attempt.phone
    account_id = identity.register_accounts({phone: name})[phone]
    claimed = db.session().scalar(
        update(Account)
        .where(Account.id == account_id, Account.password_hash.is_(None))
        .values(password_hash=password_hash, password_changed_at=clock.now())
        .returning(Account.id)
    )
    if claimed is None:
        raise Conflict("这个手机号刚刚注册过，请用它的密码登录加入。")
    return account_id
