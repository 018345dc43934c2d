"""Opening a school and giving roles in it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, literal_column, select
from sqlalchemy.dialects.postgresql import insert

from campus import audit, db
from campus.actor import Actor
from campus.errors import InvalidInput
from campus.identity.actions import register_accounts
from campus.permissions import Platform, Role
from campus.schools.models import Membership, School

# The roles held and the roles given, each once.
BOTH: ColumnElement[list[str]] = literal_column(
    "ARRAY(SELECT DISTINCT unnest(membership.roles || excluded.roles))"
)
TAKEN = "这个网址已经有学校在用，请换一个。"


def open_school(
    actor: Actor,
    *,
    name: str,
    slug: str,
    short_name: str,
    admin_name: str = "",
    admin_phone: str = "",
) -> School:
    """Register a school, optionally with its first administrator; the school is entered.

    Raises InvalidInput when the slug is taken.
    """
    actor.check(Platform.SCHOOLS_OPEN)
    session = db.session()
    if session.scalar(select(School.id).where(School.slug == slug)):
        raise InvalidInput({"slug": TAKEN})
    school = School(name=name, slug=slug, short_name=short_name)
    session.add(school)
    session.flush()
    db.enter(school.id)
    audit.record(actor, "schools.open", "school", school.id)
    if admin_phone:
        account_id = register_accounts({admin_phone: admin_name})[admin_phone]
        grant_roles(actor, account_ids=[account_id], roles=[Role.ADMIN])
    return school


def grant_roles(actor: Actor, *, account_ids: Iterable[int], roles: Iterable[Role]) -> None:
    """Give roles in the entered school to people, keeping those they have."""
    numbers, names = sorted(set(account_ids)), [str(role) for role in roles]
    if not numbers:
        return
    rows = [
        {"school_id": db.school_id(), "account_id": number, "roles": names} for number in numbers
    ]
    statement = insert(Membership).values(rows)
    db.session().execute(
        statement.on_conflict_do_update(
            index_elements=[Membership.school_id, Membership.account_id],
            set_={
                "roles": BOTH,
                "ended_at": None,
            },
        )
    )
    audit.record(actor, "schools.grant", "membership", None, people=len(numbers), roles=names)
