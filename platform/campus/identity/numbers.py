"""Whose a phone number is: an account's, kept for whoever had it lately, or free.

A number that was changed stays its owner's for KEPT: nobody else can open an account with it, and
the owner can go back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, exists, func, select

from campus import db
from campus.identity.models import Account
from campus.identity.phone_models import PhoneChange

KEPT = timedelta(days=30)
NOT_FREE = (
    "这个号码不能用：可能已有账号，或者登记在别人名下。"
    "如果确实是您的号码，请联系班主任或学校管理员。"
)


def _living() -> tuple[Any, ...]:
    return (PhoneChange.undone_at.is_(None), PhoneChange.changed_at > func.now() - KEPT)


def free(phone: str, account_id: int) -> bool:
    """Whether an account may take a number: nobody else has it, nor had it within KEPT."""
    used = exists().where(Account.phone == phone, Account.id != account_id)
    kept = exists().where(
        PhoneChange.old_phone == phone, PhoneChange.account_id != account_id, *_living()
    )
    return not db.session().scalar(select(used | kept))


def kept(phones: Iterable[str]) -> set[str]:
    """Those of ``phones`` that no new account can be opened with yet."""
    return set(
        db.session().scalars(
            select(PhoneChange.old_phone).where(
                PhoneChange.old_phone == func.any(list(phones)),
                ~exists().where(Account.phone == PhoneChange.old_phone),
                *_living(),
            )
        )
    )


def former_owner(phone: str) -> Account | None:
    """Who signed in with a number until lately."""
    return db.session().scalar(
        select(Account)
        .join(PhoneChange, PhoneChange.account_id == Account.id)
        .where(PhoneChange.old_phone == phone, *_living())
        .order_by(PhoneChange.id.desc())
        .limit(1)
    )


def last_change(account_id: int | None) -> PhoneChange | None:
    """The newest change of an account that can still be undone."""
    return db.session().scalar(
        select(PhoneChange)
        .where(PhoneChange.account_id == account_id, *_living())
        .order_by(PhoneChange.id.desc())
        .limit(1)
    )


def forget_old() -> None:
    """Remove changes nobody can undo any more: they hold numbers."""
    db.session().execute(
        delete(PhoneChange)
        .where(PhoneChange.changed_at <= func.now() - KEPT)
        .execution_options(synchronize_session=False)
    )
