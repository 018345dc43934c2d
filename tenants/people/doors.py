"""A family's door into the school: shut when its last child has left, open when one comes back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, Protocol

from sqlalchemy import BigInteger, ColumnElement, Text, and_, any_, case, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, array

from campus import db, realtime
from campus.permissions import Role
from campus.schools.models import Membership
from tenants.people import scope
from tenants.people.models import Guardian, Guardianship


class Journal(Protocol):
    """Keeps what is done: whole rows, before and after."""

    def noted(self, model: type[db.Base], condition: ColumnElement[bool]) -> None:
        """Keep rows that have just been made."""

    def changed(
        self, model: type[db.Base], condition: ColumnElement[bool], values: dict[str, Any]
    ) -> int:
        """Set ``values`` and keep the rows; how many there were."""


def among(ids: Collection[int]) -> Any:
    """``column == among(ids)``: one parameter, however many ids."""
    return any_(literal(list(ids), ARRAY(BigInteger)))


def _accounts_of(condition: ColumnElement[bool]) -> Any:
    """Accounts of guardians of the children ``condition`` on Guardianship keeps."""
    tied = db.on(Guardianship, Guardian, "guardian_id")
    return (
        select(Guardian.account_id)
        .join(Guardianship, tied)
        .where(
            Guardianship.school_id == db.school_id(),
            Guardianship.ended_at.is_(None),
            Guardian.account_id.is_not(None),
            condition,
        )
    )


def close_doors(journal: Journal, *, pupil_id: int, day: date) -> int:
    """End the family role of guardians all of whose children had left before ``day``.

    Their sockets are cut within a second of the commit. Returns how many guardians it was; what
    was done already is done no second time.
    """
    family = literal(str(Role.GUARDIAN))
    others = func.array_remove(Membership.roles, family)
    gone = scope.departed(Guardianship.pupil_id, day)
    condition = and_(
        Membership.account_id.in_(_accounts_of(and_(Guardianship.pupil_id == pupil_id, gone))),
        Membership.account_id.not_in(_accounts_of(~gone)),
        Membership.ended_at.is_(None),
        family == any_(Membership.roles),
    )
    found = select(Membership.account_id).where(Membership.school_id == db.school_id(), condition)
    accounts = list(db.session().scalars(found))
    if accounts:
        left = case((func.cardinality(others) == 0, func.now()), else_=Membership.ended_at)
        theirs = Membership.account_id == among(accounts)
        journal.changed(Membership, theirs, {"roles": others, "ended_at": left})
        realtime.revoke(account_ids=accounts, school_id=db.school_id(), reason="left")
    return len(accounts)


def open_doors(journal: Journal, *, pupil_id: int) -> None:
    """Give guardians of a pupil who comes back their family role again, and no other role."""
    family = literal(str(Role.GUARDIAN))
    ended = Membership.ended_at.is_not(None)
    shut = or_(ended, ~(family == any_(Membership.roles)))
    theirs = Membership.account_id.in_(_accounts_of(Guardianship.pupil_id == pupil_id))
    held = func.array_append(Membership.roles, family)
    roles = case((ended, array([str(Role.GUARDIAN)], type_=Text)), else_=held)
    journal.changed(Membership, and_(theirs, shut), {"roles": roles, "ended_at": None})
