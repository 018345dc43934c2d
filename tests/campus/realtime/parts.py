"""Fixtures of the realtime tests: a real PostgreSQL, a real gunicorn, real websockets."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Table, create_engine

from campus import db, jobs
from campus.embedded.postgres import Postgres
from campus.outbox import Outbox
from campus.schools.models import School
from tests.campus.realtime.client import Client

ROOT = Path(__file__).resolve().parents[3]
# Only a hang is waited for so long: the machine may be busy with other things.
HANG_SECONDS = 120.0
SETUP = """
INSERT INTO school (slug, name, short_name)
    VALUES ('first', '第一小学', '一小'), ('second', '第二小学', '二小');
CREATE TABLE ended (session_id bigint PRIMARY KEY);
CREATE TABLE pupil (school_id bigint NOT NULL, name text NOT NULL);
ALTER TABLE pupil ENABLE ROW LEVEL SECURITY;
ALTER TABLE pupil FORCE ROW LEVEL SECURITY;
CREATE POLICY pupil_school ON pupil USING
    (school_id = (select nullif(current_setting('campus.school', true), '')::bigint));
GRANT SELECT ON school TO campus_web, campus_worker;
GRANT SELECT, INSERT ON ended, pupil TO campus_web, campus_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO campus_web;
GRANT SELECT, INSERT ON outbox TO campus_worker;
GRANT SELECT, INSERT ON procrastinate_jobs TO campus_web;
GRANT INSERT ON procrastinate_events TO campus_web;
GRANT USAGE ON SEQUENCE procrastinate_jobs_id_seq, procrastinate_events_id_seq TO campus_web;
GRANT SELECT, INSERT, UPDATE, DELETE ON procrastinate_jobs, procrastinate_events,
    procrastinate_periodic_defers, procrastinate_workers TO campus_worker;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO campus_worker;
"""


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A server of our own with the platform's roles and the tables of these tests."""
    server = Postgres(tmp_path_factory.mktemp("realtime"), durable=False)
    server.start()
    engine = create_engine(server.url("migrator"))
    with engine.begin() as connection:
        connection.exec_driver_sql("SET ROLE campus_owner")
        db.Base.metadata.create_all(connection, tables=[_table(School), _table(Outbox)])
        for statements in (jobs.schema_sql(), SETUP):
            connection.connection.cursor().execute(statements)
    engine.dispose()
    yield server
    server.stop()


def _table(model: type[db.Base]) -> Table:
    return db.Base.metadata.tables[model.__tablename__]


@pytest.fixture
def app_db(postgres: Postgres) -> Iterator[Postgres]:
    """`campus.db` connected as web and worker; outbox and queue are empty afterwards."""
    db.connect(postgres.url("web"), pool_size=2)
    db.connect(postgres.url("worker"), pool_size=2, role="worker")
    yield postgres
    db.disconnect("web")
    db.disconnect("worker")
    with psycopg.connect(postgres.superuser_dsn, dbname="campus", autocommit=True) as connection:
        connection.execute("TRUNCATE outbox, ended, pupil, procrastinate_jobs CASCADE")


class Server:
    """A gunicorn process with one gevent worker and the application of server.py."""

    def __init__(self, database_url: str, *, beat: str = "1", redis_url: str = "") -> None:
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        settings = {
            "PORT": str(self.port),
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "TEST_BEAT": beat,
            "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.campus.realtime.server"],
            cwd=ROOT,
            env=os.environ | settings,
        )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + HANG_SECONDS
        while time.monotonic() < deadline:
            try:
                if self.get("/stats")["listening"]:
                    return
            except OSError:
                assert self.process.poll() is None, "the server ended while starting"
            time.sleep(0.05)
        raise AssertionError("the server did not start")

    def get(self, path: str) -> dict[str, float]:
        """The JSON of one page."""
        with urllib.request.urlopen(self.origin + path, timeout=10) as answer:
            return dict(json.load(answer))

    def client(self, account: int, session: int, school: str = "first", **options: Any) -> Client:
        """A connected client of one account; close it."""
        return Client(self.port, f"{session}.{account}", school, **options)

    def stop(self) -> None:
        """End it and wait for that."""
        self.process.terminate()
        try:
            self.process.wait(HANG_SECONDS)
        finally:
            self.process.kill()  # does nothing to one that has ended
            self.process.wait()


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def live(postgres: Postgres) -> Iterator[Server]:
    """The one web server of the session."""
    server = Server(postgres.url("web"))
    yield server
    server.stop()
