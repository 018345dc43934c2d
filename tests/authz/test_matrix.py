"""The table played: roles in both directions, cross-school twins, mass assignment, tricks."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.authz import play, table
from tests.authz.table import Row
from tests.factories import Seed
from tests.support.client import PageClient

DIRECTIONS = ("a", "b")
ROWS = table.routes()
TWINNED = [row for row in ROWS if row.numbered]
FORMS = [row for row in ROWS if row.body is not None]
GRAVE = [row for row in ROWS if row.step_up]
CHANGING = re.compile(r'nonce="[^"]*"|[0-9a-f]{56}|[0-9A-F]{10}|\d{5,}')


def name_of(row: Row) -> str:
    return row.name


@pytest.mark.parametrize("school", DIRECTIONS)
@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_roles(row: Row, school: str, app: Flask, seed: Seed, database: str) -> None:
    """Every actor gets exactly the answer of the table, in A and mirrored in B."""
    assert play.row_problems(app, seed, row, school) == []


@pytest.mark.parametrize("school", DIRECTIONS)
@pytest.mark.parametrize("row", GRAVE, ids=name_of)
def test_step_ups(row: Row, school: str, app: Flask, seed: Seed, database: str) -> None:
    """A grave act waits for a fresh proof, on the page and for a program, and changes nothing."""
    assert play.step_up_problems(app, seed, row, school) == []


@pytest.mark.parametrize("school", DIRECTIONS)
@pytest.mark.parametrize("row", table.events(), ids=name_of)
def test_handshakes(row: Row, school: str, seed: Seed, database: str) -> None:
    """Who has no page in a school has no socket there either."""
    for actor, expected in row.expect.items():
        who = actor if school == "a" else table.mirrored(actor)
        assert play.handshake(seed, who, school) == expected, f"{who} in {school}"


def shown(response: TestResponse, *ids: int) -> tuple[int, str]:
    """Status and body without what differs between any two answers: nonce, token, the asked id."""
    body = CHANGING.sub("", response.get_data(as_text=True))
    for one in ids:
        body = re.sub(rf"(?<=/){one}(?=[/\"])", "ID", body)
    return response.status_code, body


@pytest.mark.parametrize("row", TWINNED, ids=name_of)
def test_twins(row: Row, app: Flask, seed: Seed, database: str) -> None:
    """The other school's id and one that never was answer alike, at every position."""
    for actor in row.allowed():
        browser = play.client(app, seed, actor)
        for name in row.numbered:
            own, foreign = row.values(seed, "a"), row.values(seed, "b")
            if name == "session_id":
                foreign[name] = play.spare_session(seed, "guardian_b")
            answers = [
                shown(play.ask(row, browser, "a", own | {name: number}), number)
                for number in (foreign[name], table.MISSING_ID)
            ]
            assert answers[0] == answers[1], (
                f"{row.name} as {actor}: {name} tells foreign from missing"
            )
            # A pupil of another class is told apart by no more than a refused field.
            assert answers[0][0] in (404, 422), f"{row.name} as {actor}: {answers[0][0]}"


@pytest.mark.parametrize("row", [row for row in FORMS if row.allowed()], ids=name_of)
def test_foreign_ids_in_forms(row: Row, app: Flask, seed: Seed, database: str) -> None:
    """An id of B in a form of A is refused like one that never was, alone and beside own ids."""
    names = [name for name in row.body or {} if name.endswith("_id")]
    for name in names:
        own, foreign = row.form(seed, "a")[name], row.form(seed, "b")[name]
        browser = play.client(app, seed, row.allowed()[-1])
        for mixed in (lambda one: one, lambda one, own=own: [own, one]):
            answers = [
                shown(
                    play.ask(row, browser, "a", row.values(seed, "a"), {name: mixed(number)}),
                    number,
                )
                for number in (foreign, table.MISSING_ID)
            ]
            assert answers[0] == answers[1]
            assert answers[0][0] in (404, 422), f"{row.name}: {name} of B was taken"


@pytest.mark.parametrize("row", FORMS, ids=name_of)
def test_mass_assignment(row: Row, app: Flask, seed: Seed, database: str) -> None:
    """Nobody writes a school, a role, an id or an author by adding a field to a form."""
    browser = play.client(app, seed, (row.allowed() or ["guardian"])[0])
    for extra in play.EXTRA:
        response = play.ask(row, browser, "a", row.values(seed, "a"), {extra: "1"})
        assert response.status_code == 422, f"{row.name} took {extra}: {response.status_code}"


TRICKS = {
    "host": {"Host": "yixiao.example"},
    "forwarded host": {"X-Forwarded-Host": "yixiao.example", "Forwarded": "host=yixiao.example"},
    "prefix": {"X-Forwarded-Prefix": "/s/yixiao", "X-Script-Name": "/s/yixiao"},
    "original url": {"X-Original-URL": "/s/yixiao/classes", "X-Rewrite-URL": "/s/yixiao/classes"},
    "school": {"Campus-School": "yixiao", "X-School": "yixiao", "X-School-Id": "2"},
}


@pytest.mark.parametrize("trick", TRICKS, ids=str)
def test_headers_choose_no_school(trick: str, app: Flask, seed: Seed, database: str) -> None:
    """The school comes from the path and from nowhere else."""
    browser = play.client(app, seed, "class_teacher")
    browser.http.set_cookie("sid", browser.person.token, domain="yixiao.example")
    page = browser.get("/classes?school=yixiao&school_id=2", headers=TRICKS[trick])
    text = page.get_data(as_text=True)
    assert "甲山" in text
    assert "乙水" not in text


def test_the_other_school_s_address(app: Flask, seed: Seed, database: str) -> None:
    """Session of A under the slug of B: nothing of B, and A's own things are not there either."""
    browser = play.client(app, seed, "class_teacher")
    for ids in (seed.schools["a"].ids, seed.schools["b"].ids):
        browser.get(f"/s/yixiao/classes/{ids['class']}", 404)
    browser.get("/s/yixiao/s/jiaxiao/classes", 404)
    browser.get("/s/jiaxiao/../yixiao/classes", 404)


def test_a_stolen_cookie_names_no_school(app: Flask, seed: Seed, database: str) -> None:
    """Two session cookies, or B's cookie in A's address, never mix the two."""
    browser = PageClient(app, seed, seed.people["class_teacher"])
    browser.http.set_cookie("sid", seed.people["class_teacher_b"].token)
    browser.foreign = seed.foreign(seed.people["class_teacher_b"])
    browser.get("/classes", 404)
