"""The fixtures everybody uses. Nothing starts until a test asks for it.

``app``        the application, environment "test"
``database``   a copy of the seeded database for this test module; campus.db points at it
``fresh``      the same for one test alone (about 0.1 s)
``seed``       ids, people and canaries of schools A and B
``client_of``  client_of("guardian_b") → a PageClient that checks every page
``store``      the real object store instead of a dead one
``log_lines``  what was logged; no canary of anybody may be in it
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_socket
import structlog
from argon2 import PasswordHasher
from flask import Flask
from xdist.scheduler import LoadScopeScheduling

import tenants
from campus import assets, clock, db, storage
from campus.app import create_app
from campus.config import Config
from campus.embedded.objects import Objects
from campus.embedded.postgres import Postgres
from campus.identity import passwords
from tests import factories
from tests.factories import SECRET, Seed
from tests.support import databases, elsewhere
from tests.support.canary import assert_clean
from tests.support.client import PageClient
from tests.support.logs import Recorder
from tests.support.memory_store import MemoryStore
from tests.support.run import Run
from tests.support.schedule import LONGEST_RUN, Shared, turn, until_midnight

ROOT = Path(tenants.__file__).resolve().parents[1]
LOOPBACK = ["127.0.0.1", "::1", "localhost"]
NOWHERE = "http://127.0.0.1:9"
RUN = pytest.StashKey[Run]()
BEGAN = time.monotonic()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--seconds=50`: begin no further test after that long (`make quick`)."""
    parser.addoption("--seconds", type=float, default=0.0, help="begin no further test after this")


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """A quick run ends when its time is up, and says so."""
    most = item.config.option.seconds
    if most and time.monotonic() - BEGAN > most:
        item.session.shouldstop = f"{most:.0f} 秒到了：其余的由 make test 来跑"


def pytest_configure(config: pytest.Config) -> None:
    """The controller (or the only process) makes the run's folder; workers are told its name."""
    elsewhere.set_clock()
    given = getattr(config, "workerinput", None)
    run = Run(Path(given["campus_run"])) if given else Run.begin()
    config.stash[RUN] = run


def pytest_sessionstart(session: pytest.Session) -> None:
    """A run is about one day of the school: one that would pass its midnight begins after it."""
    if hasattr(session.config, "workerinput") or session.config.option.collectonly:
        return
    left = until_midnight(clock.now())
    if left < LONGEST_RUN:
        sys.stderr.write(f"学校的一天还有 {left.seconds} 秒就过完，等到零点以后再开始测试。\n")
        time.sleep(left.seconds + 1)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """xdist: hand the run to one worker."""
    node.workerinput["campus_run"] = str(node.config.stash[RUN].folder)  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Whoever made the run ends it, also after Ctrl-C."""
    if RUN in config.stash and not hasattr(config, "workerinput"):
        config.stash[RUN].close()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    """A folder with a server of its own goes to one worker whole."""
    return Shared(config, log) if config.getvalue("dist") == "loadscope" else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those folders first: they are the longest."""
    items.sort(key=lambda item: turn(item.nodeid))


@pytest.hookimpl(trylast=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """No test leaves this machine."""
    pytest_socket.socket_allow_hosts(LOOPBACK, allow_unix_socket=True)


@pytest.fixture(scope="session", autouse=True)
def real_hasher() -> PasswordHasher:
    """What makes hashes in life; in this process argon2id costs its least from now on."""
    real = passwords._hasher
    passwords._hasher = PasswordHasher(memory_cost=8, time_cost=1, parallelism=1)
    return real


@pytest.fixture(scope="session")
def run(request: pytest.FixtureRequest) -> Run:
    """This test run's folder and servers."""
    return request.config.stash[RUN]


@pytest.fixture(scope="session")
def server(run: Run) -> Postgres:
    """The run's PostgreSQL; `campus` in it is migrated to the head and empty."""
    server = run.postgres()
    run.once("migrated", lambda: _migrate(server))
    return server


def _migrate(server: Postgres) -> str:
    elsewhere.move(server)
    return databases.migrate(server)


@pytest.fixture(scope="session")
def seed(run: Run, server: Postgres, app: Flask) -> Seed:
    """Schools A and B; the database `seeded` holds them and is only ever copied."""
    return Seed.parse(run.once("seeded", lambda: _plant(server)))


def _plant(server: Postgres) -> str:
    databases.clone(server, databases.SEEDED, databases.MIGRATED)
    storage._configured[:] = [MemoryStore()]  # type: ignore[list-item]
    try:
        point_at(server, databases.SEEDED)
        return factories.plant().dump()
    finally:
        db.disconnect("web")
        db.disconnect("worker")
        storage.configure(config_of())


def config_of(
    database_url: str = "postgresql+psycopg://nobody@127.0.0.1:9/none", **more: str
) -> Config:
    """Settings of a test: nothing is reachable unless given."""
    keys = {"s3_endpoint": NOWHERE, "s3_access_key": "none", "s3_secret_key": "none"} | more
    return Config(
        environment="test", database_url=database_url, secret_key=SECRET, pool_size=4, **keys
    )


def point_at(server: Postgres, name: str) -> None:
    """Connect `campus.db` to one database as web and as worker, with one connection each.

    One request, one connection: what needs a second one stops here. Tests that do things at the
    same time ask for more (databases.many).
    """
    db.connect(server.url("web", name), pool_size=1)
    db.connect(server.url("worker", name), pool_size=1, role="worker")


@pytest.fixture(scope="session")
def app() -> Flask:
    """The application with all capabilities; the database is whatever `database` points at."""
    assets.build_if_stale()
    app = create_app(ROOT, tenants.CAPABILITIES, config_of())
    app.testing = False  # errors go through our handler, as in life
    return app


@pytest.fixture(scope="module")
def database(server: Postgres, seed: Seed) -> Iterator[str]:
    """A copy of the seeded database for this module; its name."""
    yield from _copy(server)


@pytest.fixture
def fresh(database: str, server: Postgres) -> Iterator[str]:
    """A copy for one test; the module's own database is back afterwards."""
    yield from _copy(server)
    point_at(server, database)


def _copy(server: Postgres) -> Iterator[str]:
    name = databases.clone(server, databases.fresh_name(), databases.SEEDED)
    point_at(server, name)
    yield name
    db.disconnect("web")
    db.disconnect("worker")
    databases.drop(server, name)


@pytest.fixture
def client_of(app: Flask, seed: Seed, database: str) -> Callable[[str], PageClient]:
    """`client_of("class_teacher")`: that person's browser, signed in."""
    return lambda name: PageClient(app, seed, seed.people[name])


@pytest.fixture(scope="session")
def objects(run: Run) -> Objects:
    """The run's object store."""
    return run.objects()


@pytest.fixture
def store(app: Flask, objects: Objects) -> Iterator[storage.Storage]:
    """The real store for this test; otherwise the store is dead, as it may be."""
    door = objects.door
    yield storage.configure(
        config_of(
            s3_endpoint=door.endpoint, s3_access_key=door.access_key, s3_secret_key=door.secret_key
        )
    )
    storage.configure(config_of())


@pytest.fixture(autouse=True)
def log_lines(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """What this test logged. Names and texts never enter logs, so any canary in them fails."""
    recorder = Recorder()
    structlog.configure(logger_factory=recorder)
    yield recorder.lines
    if "seed" in request.fixturenames or "client_of" in request.fixturenames:
        seed: Seed = request.getfixturevalue("seed")
        marks = [
            mark for one in seed.schools.values() for mark in (one.canary, *one.private.values())
        ]
        for line in recorder.lines:
            assert_clean("a log line", line, marks)


@pytest.fixture(autouse=True)
def nothing_open() -> Iterator[None]:
    """A transaction left open would be the next test's: it is ended, and this test fails."""
    yield
    left = db.current_unit()
    if left is not None:
        db.finish(left, commit=False)
    assert left is None, "this test left a transaction open"


os.environ.setdefault("CAMPUS_ENV", "test")
