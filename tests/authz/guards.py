"""Guards that ask the running application: forged forms, unlogged changes, pools that remember."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from sqlalchemy import func, select

from campus import db, storage, wire
from campus.audit import AuditEntry
from campus.embedded.postgres import Postgres
from campus.identity import entry
from tenants.people.models import Pupil
from tests.authz import play, table
from tests.factories import Seed

# Reading one's own inbox changes nothing anybody else may ask about.
UNAUDITED = {
    "POST /messages/read",
    "POST /messages/<int:seq>/read",
    "POST /takeaway/mine",  # the seed's book is still being made: asking again changes nothing
}
OWN_ACCOUNT = ("POST /me", "POST /logout", "POST /login", "POST /csp-reports")


def csrf_problems(app: Flask, seed: Seed) -> list[str]:
    """Every form without its token, with another's, or from another site is refused."""
    found = []
    for row in table.routes():
        if row.method != "POST" or row.raw is not None:
            continue
        # Nobody's own token is not a stranger's: somebody signed in asks, also at an open door.
        actor = next((one for one in row.allowed() if one != "anonymous"), "guardian")
        browser = play.client(app, seed, actor)
        stranger = play.client(app, seed, "anonymous").token()
        path = row.path(row.values(seed, "a"))
        base = "" if row.platform else browser.base or "/s/jiaxiao"
        tries = {
            "without a token": ({}, {}),
            "with a stranger's token": ({"csrf_token": stranger}, {}),
            "from another site": (
                {"csrf_token": browser.token()},
                {"Origin": "https://evil.example"},
            ),
            "from nowhere": ({"csrf_token": browser.token()}, {"Origin": "null"}),
        }
        for how, (data, headers) in tries.items():
            body = row.form(seed, "a") | data
            if (
                browser.open("POST", path, None, at=base, data=body, headers=headers).status_code
                != 403
            ):
                found.append(f"{row.name} as {actor} {how} was taken")
    return found


def audit_problems(app: Flask, seed: Seed) -> list[str]:
    """Every change of a school's things leaves a line of who did what."""
    found = []
    for row in table.routes():
        if row.method != "POST" or row.platform or row.name in UNAUDITED:
            continue
        if row.name.startswith(OWN_ACCOUNT) or not row.allowed():
            continue
        before = _audited(seed)
        response = play.ask(
            row, play.client(app, seed, row.allowed()[0]), "a", row.values(seed, "a")
        )
        if response.status_code == 303 and _audited(seed) == before:
            found.append(f"{row.name} left no line in the audit log")
    return found


def _audited(seed: Seed) -> int:
    with db.transaction(school_id=seed.schools["a"].id) as session:
        return session.scalars(select(func.count()).select_from(AuditEntry)).one()


def pool_problems(server: Postgres, database: str, seed: Seed, rounds: int = 40) -> list[str]:
    """One connection, many schools in turn: nobody finds the one before (reliability.md §4.7)."""
    db.connect(server.url("web", database), pool_size=1)
    schools = [one.id for one in seed.schools.values()]
    steps: list[Callable[[], list[str]]] = [
        lambda: _sees(schools[0], schools[0]),
        lambda: _sees(None, None),
        lambda: _broken(schools[1]),
        lambda: _sees(None, None),
        lambda: _visit(seed, schools[0]),
        lambda: _sees(None, None),
    ]
    return [
        problem
        for number in range(rounds)
        for problem in [*steps[number % len(steps)](), *_left_over()]
    ]


def _left_over() -> list[str]:
    """What the next user of the connection would find before entering anywhere."""
    with db.engine().connect() as connection:
        raw = connection.connection.driver_connection
        asked = wire.Ask(b"SELECT current_setting('campus.school', true)")
        [[(found,)]] = wire.trip(raw, (asked,))
    return [f"the pool remembers school {found}"] if found else []


def _sees(entered: int | None, expected: int | None) -> list[str]:
    with db.transaction(school_id=entered) as session:
        found = set(session.scalars(select(Pupil.school_id).distinct()))
    return [] if found == ({expected} - {None}) else [f"entered {entered}, saw schools {found}"]


def _broken(school: int) -> list[str]:
    try:
        with db.transaction(school_id=school) as session:
            session.execute(select(func.pg_sleep("no number")))
    except Exception:
        return []
    return ["a broken statement was no error"]


def _visit(seed: Seed, school: int) -> list[str]:
    person = seed.people["class_teacher"]
    unit = db.begin(entry=entry.statement(seed.schools["a"].slug, person.token), read_only=True)
    db.finish(unit, commit=False)
    return [] if unit.entered[0] == school else ["the entry statement found another school"]


def presign_problems(seed: Seed) -> list[str]:
    """A link is only made for a key of the school entered, of the shape we make."""
    a, b = seed.schools["a"], seed.schools["b"]
    hexes = "0" * 32
    foreign = (
        b.files[0],
        f"s/{a.id}/../{b.id}/{hexes}",
        f"s/{a.id}/{hexes}/x",
        f"S/{a.id}/{hexes}",
        "x",
    )
    found = []
    for key in foreign:
        try:
            storage.store().presigned_get(a.id, key, "image/jpeg")
        except ValueError:  # ForeignKeyRefused, or the SDK's own refusal of ".."
            continue
        found.append(f"a link was made for {key}")
    return found
