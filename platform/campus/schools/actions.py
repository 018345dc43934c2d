"""Opening a school and giving roles in it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Text,
    bindparam,
    func,
    literal,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from campus import audit, db
from campus.actor import Actor
from campus.errors import InvalidInput, NotFound
from campus.identity.actions import register_accounts
from campus.permissions import Platform, Role
from campus.realtime import revoke
from campus.schools.models import OPEN, PREPARING, Membership, School

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
    prepare: bool = False,
) -> School:
    """Register a school, optionally with its first administrator; the school is entered.

    It is open at once unless ``prepare``: then it opens itself by its go-live list.

    Raises InvalidInput when the slug is taken.
    """
    actor.check(Platform.SCHOOLS_OPEN)
    session = db.session()
    if session.scalar(select(School.id).where(School.slug == slug)):
        raise InvalidInput({"slug": TAKEN})
    school = School(
        name=name, slug=slug, short_name=short_name, status=PREPARING if prepare else OPEN
    )
    session.add(school)
    session.flush()
    db.enter(school.id)
    audit.record(actor, "schools.open", "school", school.id, prepare=prepare)
    if admin_phone:
        account_id = register_accounts({admin_phone: admin_name})[admin_phone]
        grant_roles(actor, account_ids=[account_id], roles=[Role.ADMIN])
    return school


def grant_roles(actor: Actor, *, account_ids: Iterable[int], roles: Iterable[Role]) -> None:
    """Give roles in the entered school to people, keeping those they have."""
    numbers, names = sorted(set(account_ids)), [str(role) for role in roles]
    if not numbers:
        return
    source = select(
        literal(db.school_id(), BigInteger),
        func.unnest(bindparam("numbers", numbers, type_=ARRAY(BigInteger))),
        literal(names, ARRAY(Text)),
    )
    statement = insert(Membership).from_select(["school_id", "account_id", "roles"], source)
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


def end_membership(actor: Actor, *, account_id: int) -> None:
    """Let a person belong to the entered school no more; their sockets here are cut with it.

    The account and its places in other schools stay. Raises NotFound for who is no member.
    """
    actor.check(Platform.MEMBERS_END)
    ended = db.session().scalar(
        update(Membership)
        .where(
            Membership.school_id == db.school_id(),
            Membership.account_id == account_id,
            Membership.ended_at.is_(None),
        )
        .values(ended_at=func.now())
        .returning(Membership.account_id)
    )
    if ended is None:
        raise NotFound
    audit.record(actor, "schools.end-membership", "membership", account_id)
    revoke(account_ids=[account_id], school_id=db.school_id(), reason="left")
