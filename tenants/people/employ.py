"""Bulk writes about the people who work here: accounts, roles, subjects, classes taught."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import exists, func, select

from campus import audit, db
from campus.actor import Actor
from campus.errors import InvalidInput
from campus.identity.actions import register_accounts
from campus.identity.models import Account
from campus.permissions import STAFF, Role
from campus.schools.actions import grant_roles
from campus.schools.models import Membership
from tenants.people.bulk import add_rows, insert_rows, update_rows
from tenants.people.models import Assignment, Staff, Subject
from tenants.people.permissions import People


@dataclass(frozen=True, slots=True)
class NewStaff:
    """A person who works here; ``title`` is shown beside the name, empty for plain teachers.

    ``roles`` are added to those held.
    """

    name: str
    phone: str
    roles: frozenset[Role]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Duty:
    """A teacher in a class: for a subject, or as its 班主任 (then without one)."""

    staff_id: int
    class_id: int
    subject_id: int | None = None

    @property
    def homeroom(self) -> bool:
        """Whether this is the class teacher's duty."""
        return self.subject_id is None


def open_subjects(actor: Actor, names: Iterable[str]) -> dict[str, int]:
    """Make the subjects that are missing, after those there are; ids of all by name."""
    actor.check(People.IMPORT)
    rows = db.session().execute(
        select(Subject.name, Subject.id).where(Subject.school_id == db.school_id())
    )
    known = dict(rows.all())
    missing = [name for name in dict.fromkeys(names) if name not in known]
    if not missing:
        return known
    last = db.session().scalar(
        select(func.coalesce(func.max(Subject.position), 0)).where(
            Subject.school_id == db.school_id()
        )
    )
    places = [(last or 0) + place for place in range(1, len(missing) + 1)]
    made = insert_rows(Subject, {"name": missing, "position": places})
    audit.record(actor, "people.open-subjects", "subject", None, subjects=len(made))
    return known | dict(zip(missing, made, strict=True))


UNMET = "这个手机号已有人注册使用。请当面核对是本人，再在「教职工」里添加并勾选“已核对”。"


def unmet_phones(phones: Iterable[str]) -> set[str]:
    """Those of ``phones`` whose account somebody opened who never worked at any school.

    No message proves a number here, so a parent may have joined with a number that is not theirs;
    an office given to that number would be given to them.
    """
    works = exists().where(
        Membership.account_id == Account.id,
        Membership.ended_at.is_(None),
        Membership.roles.overlap(sorted(STAFF)),
    )
    return set(
        db.session().scalars(
            select(Account.phone).where(
                Account.phone == func.any(list(phones)),
                Account.password_hash.is_not(None),
                ~works,
            )
        )
    )


def employ_staff(
    actor: Actor, staff: Sequence[NewStaff], *, password_hash: str | None = None, met: bool = False
) -> dict[str, int]:
    """Make accounts (without a password unless given), rows and roles; staff ids by phone.

    A person who is here already gets the new name and title and keeps the roles held. Raises
    InvalidInput for a number somebody else may have opened, unless the person was ``met``.
    """
    actor.check(People.IMPORT)
    if not staff:
        return {}
    if not met and unmet_phones(person.phone for person in staff):
        raise InvalidInput({"phone": UNMET})
    accounts = register_accounts(
        {person.phone: person.name for person in staff}, password_hash=password_hash
    )
    ids = _staff_rows(staff, accounts)
    _grant(actor, staff, accounts)
    audit.record(actor, "people.employ", "staff", None, people=len(ids))
    return ids


def _staff_rows(staff: Sequence[NewStaff], accounts: dict[str, int]) -> dict[str, int]:
    rows = db.session().execute(
        select(Staff.account_id, Staff.id).where(Staff.school_id == db.school_id())
    )
    known = dict(rows.all())
    here = [person for person in staff if accounts[person.phone] in known]
    update_rows(Staff, [known[accounts[person.phone]] for person in here], _names(here))
    new = [person for person in staff if accounts[person.phone] not in known]
    account_ids = [accounts[person.phone] for person in new]
    columns: dict[str, list[Any]] = {"account_id": account_ids, **_names(new)}
    made = insert_rows(Staff, columns)
    return {person.phone: known[accounts[person.phone]] for person in here} | {
        person.phone: staff_id for person, staff_id in zip(new, made, strict=True)
    }


def _names(staff: Sequence[NewStaff]) -> dict[str, list[str]]:
    return {
        "name": [person.name for person in staff],
        "title": [person.title for person in staff],
    }


def _grant(actor: Actor, staff: Sequence[NewStaff], accounts: dict[str, int]) -> None:
    def roles(person: NewStaff) -> list[Role]:
        return sorted(person.roles)

    given = [person for person in staff if person.roles]
    for names, people in groupby(sorted(given, key=roles), key=roles):
        grant_roles(actor, account_ids=[accounts[one.phone] for one in people], roles=names)


def assign_staff(actor: Actor, duties: Sequence[Duty], *, starts_on: date) -> None:
    """Put teachers into classes from ``starts_on`` on; pass only duties not held yet."""
    actor.check(People.IMPORT)
    if not duties:
        return
    add_rows(
        Assignment,
        {
            "staff_id": [duty.staff_id for duty in duties],
            "class_id": [duty.class_id for duty in duties],
            "subject_id": [duty.subject_id for duty in duties],
            "homeroom": [duty.homeroom for duty in duties],
            "starts_on": [starts_on for _ in duties],
        },
    )
    audit.record(actor, "people.assign", "staff", None, duties=len(duties))
