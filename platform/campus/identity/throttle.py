"""Lockout that suits a school: a whole building shares one address.

Counted in 15 minutes: five wrong tries of one phone from one device lock that pair; twenty of one
phone from anywhere lock it for devices that never signed in to it (the owner's own phone still
may); three hundred from one address slow the address. reliability.md §6.

A try is counted before it is made: its row is durable before the rows are counted, so of any number
of tries at once the sixth sees the five others. A right one takes its row away again.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, exists, func, select

from campus import db
from campus.errors import CampusError, InvalidInput, TooMany
from campus.identity.models import Account, AccountSession, LoginFailure

WINDOW = timedelta(minutes=15)
PAIR, PHONE, ADDRESS = 5, 20, 300


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to sign in: whose phone, from which device (a long-lived cookie), from where."""

    phone: str
    device_key: str
    ip: str

    def phone_hash(self, secret: str) -> str:
        """The phone as the failure log knows it: keyed, so the log holds no phone."""
        return hmac.new(secret.encode(), self.phone.encode(), hashlib.sha256).hexdigest()


@contextmanager
def counted(attempt: Attempt, secret: str) -> Iterator[None]:
    """Count a try, let it be made, and take it back unless it was wrong.

    Wrong is what the block says by raising InvalidInput. Raises TooMany before the block when the
    try may not be made now. Transactions of its own: the open one is released, so that a password
    can be hashed inside the block and the count stays although the answer is an error.
    """
    db.release()
    with db.transaction() as session:
        row = LoginFailure(
            phone_hash=attempt.phone_hash(secret), device_key=attempt.device_key, ip=attempt.ip
        )
        session.add(row)
        session.flush()
    try:
        with db.transaction(read_only=True):
            _check(attempt, row.phone_hash)
        yield
    except InvalidInput:
        raise
    except CampusError:
        _take_back(row.id)
        raise
    _take_back(row.id)


def _take_back(row_id: int) -> None:
    db.release()
    with db.transaction() as session:
        session.execute(delete(LoginFailure).where(LoginFailure.id == row_id))


def _check(attempt: Attempt, mark: str) -> None:
    """Raise TooMany when this try, which is counted already, is one too many."""
    recent = LoginFailure.at > func.now() - WINDOW
    of_phone = (LoginFailure.phone_hash == mark) & recent
    pair = select(func.count()).where(of_phone, LoginFailure.device_key == attempt.device_key)
    phone = select(func.count()).where(of_phone)
    address = select(func.count()).where(LoginFailure.ip == attempt.ip, recent)
    known = exists().where(
        AccountSession.account_id == Account.id,
        Account.phone == attempt.phone,
        AccountSession.device_key == attempt.device_key,
    )
    row = (
        db.session()
        .execute(
            select(
                pair.scalar_subquery(), phone.scalar_subquery(), address.scalar_subquery(), known
            )
        )
        .one()
    )
    if row[0] > PAIR:
        raise TooMany("密码试错太多次，请 15 分钟后再试，或请班主任帮您重设密码。", retry_after=900)
    if row[1] > PHONE and not row[3]:
        raise TooMany("这个手机号试错太多次，请 15 分钟后在常用的手机上再试。", retry_after=900)
    if row[2] > ADDRESS:
        raise TooMany("这里的网络登录太频繁了，请几分钟后再试。", retry_after=300)
