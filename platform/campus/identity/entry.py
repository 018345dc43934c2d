"""From a cookie and a slug to an Actor, in the one statement that also enters the school.

The setting is made only for a member of that school, so a stranger's request sees no school row
even where a check was forgotten.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, cast, func, select

from campus import db
from campus.actor import Actor
from campus.identity.models import Account, AccountSession
from campus.incoming import cookies_of
from campus.permissions import Role
from campus.schools.models import PREPARING, SUSPENDED

ENTER = """
SELECT sc.id, sc.slug, sc.name, sc.short_name, sc.status,
       s.id, a.id, a.name, a.operator, m.roles,
       s.idle_at - now() < make_interval(mins => s.idle_minutes::int) - interval '5 min',
       set_config('campus.school',
                  CASE WHEN m.account_id IS NULL THEN '' ELSE sc.id::text END, true),
       sc.accent, sc.logo_key, sc.icp, sc.class_naming, sc.first_grade, sc.last_grade
FROM (VALUES ($1::text, $2::bytea)) AS asked (slug, token)
LEFT JOIN school sc ON sc.slug = asked.slug
LEFT JOIN account_session s ON s.token_hash = asked.token
     AND s.ended_at IS NULL AND s.idle_at > now() AND s.expires_at > now()
LEFT JOIN account a ON a.id = s.account_id AND a.disabled_at IS NULL
LEFT JOIN membership m ON m.school_id = sc.id AND m.account_id = a.id AND m.ended_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class SchoolPlace:
    """The school of the request, as pages show it."""

    id: int
    slug: str
    name: str
    short_name: str
    suspended: bool
    preparing: bool = False
    accent: str = ""
    logo_key: str = ""
    icp: str = ""
    class_naming: str = "long"
    first_grade: int = 1
    last_grade: int = 6

    @property
    def logo(self) -> str:
        """What the logo's address carries, so that a new logo is a new address; empty without."""
        return self.logo_key[-8:]

    @property
    def mark(self) -> str:
        """The one character of the school's emblem until it has a logo."""
        return self.short_name[:1]


@dataclass(frozen=True, slots=True)
class Entry:
    """What the entering statement found: any part may be missing."""

    school: SchoolPlace | None
    actor: Actor | None
    member: bool
    touch: bool


def cookie_name(secure: bool) -> str:
    """The session cookie: with TLS it carries the prefix that pins it to this very host."""
    return "__Host-sid" if secure else "sid"


def token_hash(token: str) -> bytes:
    """What is stored of a session token."""
    return hashlib.sha256(token.encode()).digest()


def statement(slug: str | None, token: str | None) -> tuple[str, tuple[str | None, bytes | None]]:
    """The entering statement and its arguments, for db.begin."""
    return ENTER, (slug, token_hash(token) if token else None)


def read(row: tuple[Any, ...]) -> Entry:
    """Make an Entry of the entering statement's row."""
    school = _school(row) if row[0] else None
    if row[6] is None:
        return Entry(school, None, member=False, touch=False)
    roles = {Role(name) for name in row[9] or ()}
    if row[8]:
        roles.add(Role.OPERATOR)
    member = row[9] is not None
    actor = Actor(row[6], row[7], row[0] if member else None, frozenset(roles), row[5])
    return Entry(school, actor, member, bool(row[10]))


def _school(row: tuple[Any, ...]) -> SchoolPlace:
    status, (accent, logo_key, icp, *ways) = row[4], row[12:18]
    number, slug, name, short_name = row[:4]
    states = {"suspended": status == SUSPENDED, "preparing": status == PREPARING}
    return SchoolPlace(
        number,
        slug,
        name,
        short_name,
        **states,
        accent=accent,
        logo_key=logo_key or "",
        icp=icp,
        **dict(zip(("class_naming", "first_grade", "last_grade"), ways, strict=True)),
    )


def touch(session_id: int) -> None:
    """Move a session's idle limit forward; at most every five minutes, in its own transaction."""
    with db.transaction() as session:
        session.execute(
            AccountSession.__table__.update()  # type: ignore[attr-defined]
            .where(AccountSession.id == session_id)
            .values(
                seen_at=func.now(),
                idle_at=func.now()
                + func.make_interval(0, 0, 0, 0, 0, cast(AccountSession.idle_minutes, Integer)),
            )
        )


def authenticate_socket(environ: Mapping[str, Any]) -> Actor | None:
    """The member behind a Socket.IO handshake, or None. The school comes from the path alone."""
    slug = environ.get("campus.school")
    cookies = cookies_of(environ)
    held = cookies.get(cookie_name(secure=True)) or cookies.get(cookie_name(secure=False))
    if not slug or held is None:
        return None
    unit = db.begin(entry=statement(slug, held), read_only=True)
    db.finish(unit, commit=True)
    entry = read(unit.entered)
    if entry.school is None or entry.school.suspended or not entry.member:
        return None
    if entry.school.preparing and not (entry.actor and entry.actor.staff):
        return None
    return entry.actor


def valid_sessions(session_ids: Iterable[int]) -> set[int]:
    """Which of these sessions still stand; what the sockets' regular recheck asks."""
    with db.transaction(read_only=True) as session:
        return set(
            session.scalars(
                select(AccountSession.id)
                .join(Account, Account.id == AccountSession.account_id)
                .where(
                    AccountSession.id.in_(list(session_ids)),
                    AccountSession.ended_at.is_(None),
                    AccountSession.idle_at > func.now(),
                    AccountSession.expires_at > func.now(),
                    Account.disabled_at.is_(None),
                )
            )
        )
