"""One cell of the table, played: ask as the actor and name the answer as the table does."""

from __future__ import annotations

from typing import Any

from flask import Flask
from sqlalchemy import delete, func, select, update
from werkzeug.test import TestResponse

from campus import clock, db
from campus.audit import AuditEntry
from campus.identity import totp
from campus.identity.entry import authenticate_socket
from campus.identity.factor_models import SecondFactor
from campus.identity.models import AccountEvent, AccountSession, LoginFailure
from campus.schools.models import School
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


def stale(app: Flask, seed: Seed, actor: str) -> PageClient:
    """The actor's browser, signed in longer ago than a grave act allows."""
    person = factories.sign_in(_copy(seed.people[actor]), device=f"stale-{actor}")
    with db.transaction() as session:
        session.execute(
            update(AccountSession)
            .where(AccountSession.id == person.session_id)
            .values(confirmed_at=clock.now() - totp.STEPPED_UP)
        )
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
    **options: Any,
) -> TestResponse:
    """Send the row's request in ``school``; every page rule and canary is checked on the way."""
    seed = browser.seed
    base = "" if row.platform else f"/s/{seed.schools[school].slug}"
    path = row.path(values)
    if row.method == "GET":
        return browser.get(path, None, at=base, **options)
    if row.raw is not None:
        return browser.open(
            "POST", path, None, at=base, data=row.raw, content_type="application/csp-report"
        )
    return browser.post(path, row.form(seed, school) | (extra or {}), None, at=base, **options)


def named(response: TestResponse) -> int | str:
    """The answer in the table's words."""
    if response.status_code == 302:
        return "login" if "/login" in response.headers["Location"] else "away"
    return response.status_code


def step_up_problems(app: Flask, seed: Seed, row: Row, school: str) -> list[str]:
    """Play one row of a grave act for those who may, proved too long ago; what let them pass."""
    found = []
    for actor in row.allowed() + [who for who, answer in row.expect.items() if answer == "away"]:
        who = actor if school == "a" else table.mirrored(actor)
        browser, values = stale(app, seed, who), row.values(seed, school)
        before = written(seed)
        page = ask(row, browser, school, values)
        asked = page.status_code == 403 and "确认是您本人" in page.get_data(as_text=True)
        sent = page.status_code == 302 and "/me/confirm" in page.headers["Location"]
        if not (sent if row.method == "GET" else asked):
            found.append(f"{row.name} of school {school} let {who} pass: {page.status_code}")
        told = ask(row, browser, school, values, headers={"Accept": "application/json"})
        if told.status_code != 403 or told.get_json()["type"] != "urn:campus:confirm-needed":
            found.append(f"{row.name} told {who}'s program {told.status_code}")
        if written(seed) != before:
            found.append(f"{row.name} of school {school} changed something for {who}")
    return found


def written(seed: Seed) -> list[int | None]:
    """What every change leaves a line in: both schools' logs, the accounts' log, the registry."""
    found = []
    for one in seed.schools.values():
        with db.transaction(school_id=one.id, read_only=True) as session:
            found += [
                session.scalar(select(func.count()).select_from(model))
                for model in (AuditEntry, AccountEvent, SecondFactor, School)
            ]
    return found


def row_problems(app: Flask, seed: Seed, row: Row, school: str) -> list[str]:
    """Play one row for all actors in one school; the cells that differ."""
    found = []
    with db.transaction() as session:
        session.execute(delete(LoginFailure))  # wrong proofs of other rows are not this one's
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
