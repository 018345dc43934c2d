"""Which schools there are and which of them a person belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for
from sqlalchemy import func, select

from campus import db
from campus.permissions import ROLE_TITLES, STAFF, Role
from campus.schools.models import STATUS_TITLES, SUSPENDED, Membership, School


@dataclass(frozen=True, slots=True)
class SchoolPlaceOf:
    """One door a person may enter: a school, and as whom."""

    school_name: str
    role_title: str
    url: str
    mark: str
    roles: frozenset[Role]


def places_of(account_id: int | None) -> list[SchoolPlaceOf]:
    """Every (school, side) of a person: the office side and the family side apart.

    An error page asks it after its own transaction is over.
    """
    with db.joined(read_only=True) as session:
        rows = session.execute(
            select(School, Membership.roles)
            .join(Membership, Membership.school_id == School.id)
            .where(
                Membership.account_id == account_id,
                Membership.ended_at.is_(None),
                School.status != SUSPENDED,
            )
            .order_by(School.id)
        ).all()
    return [place for school, roles in rows for place in _sides(school, roles)]


def _sides(school: School, names: Sequence[str]) -> list[SchoolPlaceOf]:
    roles = frozenset(Role(name) for name in names)
    found = []
    for side in (roles & STAFF, roles - STAFF):
        if side:
            title = "、".join(ROLE_TITLES[role] for role in Role if role in side)
            tail = "home" if Role.GUARDIAN in side else ""
            found.append(
                SchoolPlaceOf(
                    school.name, title, f"/s/{school.slug}/{tail}", school.short_name[:1], side
                )
            )
    return found


@dataclass(frozen=True, slots=True)
class SchoolLine:
    """One school as the operator's list shows it."""

    name: str
    slug: str
    url: str
    status_title: str
    members: int
    suspended: bool = False


def all_schools() -> list[SchoolLine]:
    """Every school of the platform with its number of members: for operators only."""
    totals = dict(
        db.session()
        .execute(
            select(Membership.school_id, func.count())
            .where(Membership.ended_at.is_(None))
            .group_by(Membership.school_id)
        )
        .all()
    )
    schools = db.session().scalars(select(School).order_by(School.id))
    return [
        SchoolLine(
            school.name,
            school.slug,
            f"/s/{school.slug}/",
            STATUS_TITLES[school.status],
            totals.get(school.id, 0),
            school.status == SUSPENDED,
        )
        for school in schools
    ]


def home_url(account_id: int) -> str:
    """Where a person lands after signing in: their one door, or the choice of doors."""
    places = places_of(account_id)
    return places[0].url if len(places) == 1 else url_for("identity.choose")


def open_schools() -> list[int]:
    """Ids of the schools in use or preparing; what a nightly job fans out over."""
    return list(db.session().scalars(select(School.id).where(School.status != SUSPENDED)))
