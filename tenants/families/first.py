"""The first password of all colleagues at once: a slip with a code for each, handed out in person.

What one code opens is what a reset code opens (reset.py): colleagues of this school alone, nobody
whose word counts as a second person's. It works a week, as the families' slips do, because paper is
handed out at a meeting; it opens only an account that never had a password.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, exists, func, insert, select, update
from sqlalchemy.orm import aliased

from campus import audit, clock, db
from campus.actor import Actor
from campus.identity.models import Account
from campus.permissions import STAFF
from campus.schools.models import Membership
from tenants.families import codes, reset
from tenants.families.models import ResetCode
from tenants.people.models import Staff
from tenants.people.permissions import People
from tenants.people.pinyin import name_key

VALID = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A colleague whose account never had a password."""

    account_id: int
    name: str
    title: str


def newcomers(actor: Actor) -> list[Newcomer]:
    """Who works here and has never set a password, as lists of names are sorted."""
    actor.check(People.OFFICES)
    school, other = db.school_id(), aliased(Membership)
    rows = db.rows(
        select(Account.id, Staff.name, Staff.title)
        .join(Account, Account.id == Staff.account_id)
        .join(Membership, Membership.account_id == Account.id)
        .where(
            Staff.school_id == school,
            Membership.school_id == school,
            Membership.ended_at.is_(None),
            Membership.roles.overlap(sorted(STAFF)),
            ~Membership.roles.overlap(sorted(reset.SECOND_PERSONS)),
            Account.password_hash.is_(None),
            Account.disabled_at.is_(None),
            ~Account.operator,
            ~exists().where(
                and_(
                    other.account_id == Account.id,
                    other.school_id != school,
                    other.ended_at.is_(None),
                )
            ),
        )
    )
    return sorted((Newcomer(*row) for row in rows), key=lambda one: name_key(one.name))


def issue_first_codes(actor: Actor, *, secret: str) -> tuple[list[tuple[Newcomer, str]], datetime]:
    """A code for every newcomer, and until when they work; earlier ones end."""
    found, until = newcomers(actor), clock.now() + VALID
    numbers = [one.account_id for one in found]
    db.session().execute(
        update(ResetCode)
        .where(
            ResetCode.school_id == db.school_id(),
            ResetCode.account_id.in_(numbers),
            *reset.alive(),
        )
        .values(revoked_at=func.now())
        .execution_options(synchronize_session=False)
    )
    made = [(one, codes.new_short()) for one in found]
    rows = [
        {
            "account_id": one.account_id,
            "for_staff": True,
            "code_hash": reset.hash_of(secret, short),
            "created_by": actor.account_id,
            "expires_at": until,
        }
        for one, short in made
    ]
    if rows:
        db.session().execute(insert(ResetCode), rows)
        audit.record(actor, "staff.first-codes", "school", None, staff=len(rows))
    return made, until
