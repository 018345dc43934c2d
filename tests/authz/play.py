"""One cell of the table, played: ask as the actor and name the answer as the table does."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from campus import db
from campus.identity.entry import authenticate_socket
from tests import factories
from tests.authz import table
from tests.authz.table import Row
from tests.factories import Person, Seed
from tests.support.client import PageClient

EXTRA = ("school_id", "role", "roles", "id", "account_id", "operator", "is_admin", "created_by")


def client(app: Flask, seed: Seed, actor: str, *, own_session: bool = False) -> PageClient:
    """The actor's browser; with ``own_session`` one that may be ended."""
    person = seed.people[actor]
    if own_session and actor not in ("anonymous", "disabled", "disabled_b"):
        person = factories.sign_in(_copy(person), device=f"own-{actor}")
    return PageClient(app, seed, person)


def _copy(person: Person) -> Person:
    return Person(person.name, person.school, person.account_id, phone=person.phone)


def spare_session(seed: Seed, owner: str) -> int:
    """A session of ``owner`` that nobody uses."""
    return factories.sign_in(_copy(seed.people[owner]), device="spare").session_id


def ask(
    row: Row,
    browser: PageClient,
    school: str,
    values: dict[str, Any],
    extra: dict[str, Any] | None = None,
) -> TestResponse:
    """Send the row's request in ``school``; every page rule and canary is checked on the way."""
    seed = browser.seed
    base = "" if row.platform else f"/s/{seed.schools[school].slug}"
    path = row.path(values)
    if row.method == "GET":
        return browser.get(path, None, at=base)
    if row.raw is not None:
        return browser.open(
            "POST", path, None, at=base, data=row.raw, content_type="application/csp-report"
        )
    return browser.post(path, row.form(seed, school) | (extra or {}), None, at=base)


def named(response: TestResponse) -> int | str:
    """The answer in the table's words."""
    if response.status_code == 302:
        return "login" if "/login" in response.headers["Location"] else "away"
    return response.status_code


def row_problems(app: Flask, seed: Seed, row: Row, school: str) -> list[str]:
    """Play one row for all actors in one school; the cells that differ."""
    found = []
    for actor, expected in row.expect.items():
        who = actor if school == "a" else table.mirrored(actor)
        values = row.values(seed, school)
        if "session_id" in values:
            values["session_id"] = spare_session(
                seed, "guardian" if school == "a" else "guardian_b"
            )
        try:
            answer = named(
                ask(row, client(app, seed, who, own_session=row.own_session), school, values)
            )
        except AssertionError as error:  # a bad page, or a canary in it
            answer = str(error)
        if answer != expected:
            found.append(f"{row.name} of school {school} as {who}: {answer} instead of {expected}")
    return found


def handshake(seed: Seed, actor: str, school: str) -> int:
    """What the gate of the sockets says to this actor's cookie in that school."""
    environ = {
        "campus.school": seed.schools[school].slug,
        "HTTP_COOKIE": f"sid={seed.people[actor].token}",
    }
    found = authenticate_socket(environ)
    assert db.current_unit() is None, "the handshake left a transaction open"
    if found is None:
        return 401
    assert found.school_id == seed.schools[school].id
    return 200
