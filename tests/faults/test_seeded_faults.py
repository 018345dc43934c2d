"""The tests are tested: each fault below is put in on purpose and a named guard must cry.

Faults of the database go into a scratch copy, faults of the code are monkeypatched; the guards are
the very functions the other tests assert to be content.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from flask import Flask
from jinja2 import ChoiceLoader, DictLoader
from sqlalchemy import select

from campus import audit, csrf, db, jobs, permissions, storage, units
from campus.embedded.postgres import Postgres
from campus.identity import entry, totp
from campus.permissions import Role
from campus.realtime import HANDLERS
from campus.realtime.events import Handler
from tenants.classes.permissions import Classes
from tenants.people import scope
from tenants.people.models import Assignment, Guardianship
from tests.authz import guards, play, table, walk
from tests.factories import Seed
from tests.rules import catalogue, source
from tests.support import databases
from tests.support.canary import assert_clean
from tests.support.client import PageClient

Patch = pytest.MonkeyPatch
OPEN = "(school_id = (select nullif(current_setting('campus.school', true), '')::bigint))"
IN_THE_DATABASE = {
    "row-level security is dropped": (
        "ALTER TABLE pupil DISABLE ROW LEVEL SECURITY",
        catalogue.policy_problems,
        "pupil: row-level security is off",
    ),
    "FORCE is dropped": (
        "ALTER TABLE praise NO FORCE ROW LEVEL SECURITY",
        catalogue.policy_problems,
        "praise: not forced",
    ),
    "the policy has an OR": (
        f"ALTER POLICY school ON photo USING ({OPEN} OR "
        "current_setting('campus.school', true) IS NULL)",
        catalogue.policy_problems,
        "photo: the policy says",
    ),
    "the policy checks nothing": (
        "DROP POLICY school ON inbox; "
        f"CREATE POLICY school ON inbox USING {OPEN} WITH CHECK (true)",
        catalogue.policy_problems,
        "inbox: the policy says",
    ),
    "a second policy opens the table": (
        "CREATE POLICY more ON guardian FOR SELECT USING (true)",
        catalogue.policy_problems,
        "guardian: 2 policies",
    ),
    "a foreign key without the school": (
        "CREATE UNIQUE INDEX loose ON pupil (id); "
        "ALTER TABLE praise_pupil ADD CONSTRAINT loose "
        "FOREIGN KEY (pupil_id) REFERENCES pupil (id)",
        catalogue.foreign_key_problems,
        "praise_pupil points at pupil without the school",
    ),
    "a row of no school": (
        "ALTER TABLE staff DROP CONSTRAINT fk_staff_school_id_school",
        catalogue.held_problems,
        "staff: its rows may be of a school that is not there",
    ),
    "children of no school": (
        "ALTER TABLE pupil DROP CONSTRAINT fk_pupil_school_id_school",
        catalogue.held_problems,
        "pupil: its rows may be of a school that is not there",
    ),
    "a tie that need not hang on anything": (
        "ALTER TABLE enrollment DROP CONSTRAINT fk_enrollment_school_id_school, "
        "ALTER pupil_id DROP NOT NULL, ALTER class_id DROP NOT NULL",
        catalogue.held_problems,
        "enrollment: its rows may be",
    ),
    "a unique index without the school": (
        "CREATE UNIQUE INDEX tells ON guardian (phone)",
        catalogue.key_problems,
        "unique index tells begins with phone",
    ),
    "a view of the owner": (
        "CREATE VIEW everybody AS SELECT * FROM pupil; GRANT SELECT ON everybody TO campus_web",
        catalogue.bypass_problems,
        "view everybody passes by",
    ),
    "a function with the owner's rights": (
        "CREATE FUNCTION all_pupils() RETURNS SETOF pupil LANGUAGE sql SECURITY DEFINER "
        "AS 'SELECT * FROM pupil'",
        catalogue.bypass_problems,
        "all_pupils is SECURITY DEFINER",
    ),
    "a table nobody guards": (
        "CREATE TABLE homework (school_id bigint NOT NULL, id bigint)",
        catalogue.table_problems,
        "homework is neither",
    ),
    "a table may be emptied past the policy": (
        "GRANT TRUNCATE ON notification TO campus_worker",
        catalogue.bypass_problems,
        "campus_worker may TRUNCATE notification",
    ),
}


@pytest.fixture(scope="module")
def ruined(server: Postgres, app: Flask) -> Iterator[psycopg.Connection[Any]]:
    """A scratch copy of the migrated database; each fault is rolled back after its test."""
    with databases.scratch(server) as name, databases.superuser(server, name) as connection:
        connection.execute("SET ROLE campus_owner")
        yield connection


@pytest.mark.parametrize("fault", IN_THE_DATABASE)
def test_in_the_database(fault: str, ruined: psycopg.Connection[Any]) -> None:
    statement, guard, cry = IN_THE_DATABASE[fault]
    assert list(guard(ruined)) == [], "the guard cries before anything is broken"
    with ruined.transaction(force_rollback=True):
        ruined.execute(statement)
        assert any(cry in problem for problem in guard(ruined)), f"{guard.__name__} is silent"


def row(name: str) -> table.Row:
    return next(one for one in table.routes() if one.name == name)


def test_a_session_setting(server: Postgres, fresh: str, seed: Seed, monkeypatch: Patch) -> None:
    """SET instead of set_config(…, true): the next one in the pool is in another's school."""
    monkeypatch.setattr(units, "ENTER_SCHOOL", units.ENTER_SCHOOL.replace("true", "false"))
    monkeypatch.setattr(entry, "ENTER", entry.ENTER.replace("END, true)", "END, false)"))
    assert guards.pool_problems(server, fresh, seed) != []


def test_a_route_without_access(app: Flask, monkeypatch: Patch) -> None:
    monkeypatch.setitem(app.view_functions, "classes.index", lambda: "all classes")
    assert any("declares no access" in one for one in walk.exception_problems(app))


def test_a_route_nobody_thought_of(app: Flask, monkeypatch: Patch) -> None:
    rule = app.url_rule_class("/everything", endpoint="classes.index", methods={"GET"})
    monkeypatch.setattr(app.url_map, "iter_rules", lambda: [rule])
    assert f"route GET /everything has no row in {walk.FILES}" in walk.route_problems(app)


def test_a_grave_act_asks_nobody(app: Flask, seed: Seed, fresh: str, monkeypatch: Patch) -> None:
    """The second door taken off one route, or left open for all of them."""
    view = app.view_functions["oversight.decide"]
    monkeypatch.setattr(view, "access", replace(permissions.access_of(view), step_up=False))
    name = "POST /approvals/<int:approval_id>/decision"
    assert walk.step_up_problems(app) == [f"{name} has lost its step-up"]
    monkeypatch.undo()
    monkeypatch.setattr(totp, "stepped_up", lambda actor: True)
    assert play.step_up_problems(app, seed, row(name), "a") != []


def test_a_permission_for_everybody(app: Flask, seed: Seed, fresh: str, monkeypatch: Patch) -> None:
    monkeypatch.setitem(permissions.TABLE, Classes.VIEW, frozenset(Role))
    assert play.row_problems(app, seed, row("GET /classes"), "a") != []


def test_a_permission_for_nobody(app: Flask, seed: Seed, fresh: str, monkeypatch: Patch) -> None:
    """A wall in front of those who should pass is a fault as well."""
    monkeypatch.setitem(permissions.TABLE, Classes.PRAISE, frozenset())
    assert play.row_problems(app, seed, row("POST /classes/<int:class_id>/praise"), "b") != []


def test_a_room_named_by_the_client(monkeypatch: Patch) -> None:
    """Both ways in: an event without a row, and a call that joins whatever was asked for."""
    handler = Handler("rooms.join", Classes.VIEW, lambda actor, data: None)
    monkeypatch.setitem(HANDLERS, "rooms.join", handler)
    assert f"event rooms.join has no row in {walk.FILES}" in walk.event_problems()
    tree = ast.parse('join_room(data["room"])\nsocketio.emit("hint", {}, to=data["room"])')
    assert len(list(source.emit_problems(iter([("tenants/x/events.py", tree)])))) == 2


def test_a_job_without_a_school(app: Flask, monkeypatch: Patch) -> None:
    sweep = jobs.JOBS["media.sweep"]
    loose = jobs.Job(sweep.name, sweep.run, platform="it is simpler so")
    assert "job media.sweep: the table is wrong about its school" in walk.job_problems(
        jobs.JOBS | {sweep.name: loose}
    )
    with pytest.raises(TypeError):
        jobs.job(name="faults.loose")(lambda: None)


def test_a_link_for_any_key(app: Flask, seed: Seed, monkeypatch: Patch) -> None:
    monkeypatch.setattr(storage, "assert_key", lambda school_id, key: None)
    assert guards.presign_problems(seed) != []


def everybodys_children(actor: object) -> Any:
    return select(Guardianship.pupil_id).where(Guardianship.school_id == db.school_id())


def everybodys_classes(actor: object) -> Any:
    return select(Assignment.class_id).where(Assignment.school_id == db.school_id())


@pytest.mark.parametrize(
    ("name", "loose", "address"),
    [
        ("children_of", everybodys_children, "GET /children/<int:pupil_id>/changes"),
        ("assigned_classes", everybodys_classes, "POST /classes/<int:class_id>/attendance"),
    ],
)
def test_a_query_that_does_not_start_at_the_person(
    name: str,
    loose: Callable[..., Any],
    address: str,
    app: Flask,
    seed: Seed,
    fresh: str,
    monkeypatch: Patch,
) -> None:
    """Inside one school row-level security sees nothing wrong: only the matrix does."""
    monkeypatch.setattr(scope, name, loose)
    assert play.row_problems(app, seed, row(address), "a") != []


def test_a_template_that_tells_of_the_other_school(
    app: Flask, seed: Seed, fresh: str, monkeypatch: Patch
) -> None:
    leak = f"<html lang='zh-CN'><p>{seed.schools['b'].canary}</p></html>"
    loader = ChoiceLoader([DictLoader({"classes/index.html": leak}), app.jinja_env.loader])
    monkeypatch.setattr(app.jinja_env, "loader", loader)
    monkeypatch.setattr(app.jinja_env, "cache", None)
    monkeypatch.setattr("tests.support.client.problems", lambda response: [])
    with pytest.raises(AssertionError, match="foreign canary"):
        PageClient(app, seed, seed.people["admin"]).get("/classes")


def test_a_careless_template(app: Flask, seed: Seed, fresh: str, monkeypatch: Patch) -> None:
    page = (
        "<html><h1>a</h1><h1>b</h1><p style='x' onclick='y()'><input name='z'><img src='a'></html>"
    )
    loader = ChoiceLoader([DictLoader({"classes/index.html": page}), app.jinja_env.loader])
    monkeypatch.setattr(app.jinja_env, "loader", loader)
    monkeypatch.setattr(app.jinja_env, "cache", None)
    with pytest.raises(AssertionError) as caught:
        PageClient(app, seed, seed.people["admin"]).get("/classes")
    for what in (
        "2 <h1>",
        "title",
        "lang",
        "viewport",
        "style",
        "onclick",
        "no label",
        "without alt",
    ):
        assert what in str(caught.value)


def test_no_check_of_forms(app: Flask, seed: Seed, fresh: str, monkeypatch: Patch) -> None:
    monkeypatch.setattr(csrf, "check", lambda: None)
    assert guards.csrf_problems(app, seed) != []


def test_an_action_without_a_trace(app: Flask, seed: Seed, fresh: str, monkeypatch: Patch) -> None:
    monkeypatch.setattr(audit, "record", lambda *_, **__: None)
    assert guards.audit_problems(app, seed) != []


def test_a_name_in_the_log(seed: Seed) -> None:
    """What `log_lines` does at the end of every test, done by hand."""
    with pytest.raises(AssertionError, match="foreign canary"):
        assert_clean(
            "a log line",
            {"event": "praise", "who": seed.schools["a"].canary},
            seed.schools["a"].marks,
        )
