"""A school stands still: nobody gets in, sockets are cut, jobs wait; then it goes on as before."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select

from campus import cli as command_settings
from campus import commands as command_line
from campus import db, jobs
from campus.audit import AuditEntry
from campus.embedded.postgres import Postgres
from campus.realtime.links import LINKS, Link
from campus.schools.models import School
from tests.authz import play
from tests.conftest import config_of
from tests.privacy.conftest import task_of
from tests.privacy.test_pupil import ask
from tests.support.client import PageClient
from tests.support.databases import superuser
from tests.support.seed import Seed

ClientOf = Callable[[str], PageClient]


class Engine(SimpleNamespace):
    """A connection that notes when it was closed."""

    def __init__(self) -> None:
        super().__init__(closed=False, said=[])

    def send(self, packet: Any) -> None:
        self.said.append(packet.data)

    def close(self, wait: bool = True) -> None:
        self.closed = True


@pytest.fixture
def links(seed: Seed) -> Iterator[dict[str, Link]]:
    """An open socket of a guardian of each school, in this process."""
    made = {}
    for who in ("guardian", "guardian_b"):
        link = Link(seed.actor(who), {}, Engine(), SimpleNamespace(hints=0), sid=who)
        LINKS.add(link, LINKS.revocations)
        made[who] = link
    yield made
    for link in made.values():
        LINKS.remove(link)


def set_status(operator: PageClient, suspended: str) -> None:
    operator.post("/operator/schools/status", {"slug": "jiaxiao", "suspended": suspended}, at="")


def counts(seed: Seed, server: Postgres, database: str) -> dict[str, int]:
    """Rows of every table of both schools, but the log."""
    with superuser(server, database) as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.columns WHERE column_name = 'school_id' "
            "AND table_schema = 'public' AND table_name NOT LIKE 'audit%'"
        ).fetchall()
        return {
            name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
            for (name,) in tables
        }


def test_stop_and_go(
    client_of: ClientOf,
    seed: Seed,
    fresh: str,
    server: Postgres,
    links: dict[str, Link],
) -> None:
    """Pages, sign-in, sockets of A stop within a second; B does not notice; all rows stay."""
    before = counts(seed, server, fresh)
    started = time.monotonic()
    set_status(client_of("operator"), "true")
    assert links["guardian"].engine.closed
    assert json.loads(links["guardian"].engine.said[0][1:])[1] == {"reason": "suspended"}
    assert time.monotonic() - started < 1.0
    assert not links["guardian_b"].engine.closed
    page = client_of("guardian").page("/home", 503)
    assert "学校暂停使用" in page.h1.get_text()
    assert "资料都还在" in page.get_text()
    assert client_of("admin").get("/today", 503).headers["Retry-After"] == "3600"
    assert "学校暂停使用" in client_of("anonymous").page("/s/jiaxiao/login").get_text()
    assert play.handshake(seed, "guardian", "a") == 401
    client_of("guardian_b").get("/home")
    assert play.handshake(seed, "guardian_b", "b") == 200
    set_status(client_of("operator"), "false")
    client_of("guardian").get("/home")
    assert play.handshake(seed, "guardian", "a") == 200
    assert counts(seed, server, fresh) == before


def test_jobs_wait_and_are_done_after(
    seed: Seed, fresh: str, client_of: ClientOf, server: Postgres
) -> None:
    """A job of A is put off by an hour with its arguments; of B it is done."""
    school, task_id = seed.schools["a"], ask(seed)
    set_status(client_of("operator"), "true")
    jobs.perform(jobs.JOBS["takeaway.work"], {"school_id": school.id, "task_id": task_id})
    assert task_of(school.id, task_id).state == "waiting"
    with superuser(server, fresh) as connection:
        put_off = connection.execute(
            "SELECT args FROM procrastinate_jobs WHERE task_name = 'takeaway.work' "
            "AND scheduled_at > now() + interval '59 min'"
        ).fetchall()
    assert ({"task_id": task_id, "school_id": school.id},) in put_off
    set_status(client_of("operator"), "false")
    jobs.perform(jobs.JOBS["takeaway.work"], {"school_id": school.id, "task_id": task_id})
    assert task_of(school.id, task_id).state == "failed"  # it ran: the store is dead here


def test_it_is_logged_and_twice_is_once(seed: Seed, fresh: str, client_of: ClientOf) -> None:
    for suspended in ("true", "true", "false", "false"):
        set_status(client_of("operator"), suspended)
    with db.transaction(school_id=seed.schools["a"].id) as session:
        found = session.scalars(
            select(AuditEntry.action)
            .where(AuditEntry.object_kind == "school", AuditEntry.action.like("schools.%e%"))
            .order_by(AuditEntry.id)
        ).all()
    assert [name for name in found if name != "schools.open"] == [
        "schools.suspend",
        "schools.resume",
    ]


def test_a_preparing_school_goes_back_to_preparing(
    seed: Seed, fresh: str, client_of: ClientOf
) -> None:
    with db.transaction() as session:
        session.get_one(School, seed.schools["a"].id).status = "preparing"
    set_status(client_of("operator"), "true")
    set_status(client_of("operator"), "false")
    with db.transaction() as session:
        assert session.get_one(School, seed.schools["a"].id).status == "preparing"


def test_an_unknown_school_is_not_there(client_of: ClientOf, database: str) -> None:
    form = {"slug": "nowhere", "suspended": "true"}
    client_of("operator").post("/operator/schools/status", form, 404, at="")


@pytest.fixture
def commands(server: Postgres, fresh: str, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Any:
    """commands("school", "suspend", …): the command line against this test's database."""
    before = dict(command_line.main.commands)
    group = command_line.build()
    urls = {"migrator_database_url": server.url("migrator", fresh), "s3_endpoint": ""}
    config = config_of(server.url("web", fresh), **urls)  # without an endpoint the store stays
    monkeypatch.setattr(command_settings, "settings", lambda: config)
    yield lambda *words: CliRunner().invoke(group, list(words))
    group.commands.clear()
    group.commands.update(before)


def test_from_a_shell(commands: Any, seed: Seed, client_of: ClientOf) -> None:
    assert "已暂停" in commands("school", "suspend", "jiaxiao").output
    client_of("guardian").get("/home", 503)
    assert "已恢复" in commands("school", "resume", "jiaxiao").output
    client_of("guardian").get("/home")
    assert commands("school", "suspend", "nowhere").exit_code == 2
