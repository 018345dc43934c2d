"""A web process as in life (gunicorn, gevent, argon2id at its cost) on a PostgreSQL of its own.

Two schools are planted in it. Only these tests may stop the server: nobody else works on it.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from campus import csrf, db, storage
from campus.embedded.postgres import Postgres
from tests import factories
from tests.campus.realtime.parts import HANG_SECONDS, free_port
from tests.conftest import NOWHERE, ROOT, config_of, point_at
from tests.factories import SECRET, Seed
from tests.support import databases
from tests.support.memory_store import MemoryStore

BODY_SECONDS = 3.0
SALT, BROWSER = "0123456789abcdef", "seed-of-a-stranger"


@dataclass
class House:
    """The web process, its database and what was planted."""

    seed: Seed
    postgres: Postgres
    port: int
    process: subprocess.Popen[bytes]

    @property
    def origin(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self, path: str, cookie: str = "", data: bytes | None = None, seconds: float = 30.0
    ) -> tuple[int, dict[str, str], float]:
        """Status, headers and how long it took; an answer that does not come raises OSError."""
        request = urllib.request.Request(self.origin + path, data, {"Cookie": cookie})
        began = time.perf_counter()
        opener = urllib.request.build_opener(Still())
        try:
            with opener.open(request, timeout=seconds) as answer:
                answer.read()
                status, headers = answer.status, dict(answer.headers)
        except urllib.error.HTTPError as error:
            error.read()
            status, headers = error.code, dict(error.headers)
        return status, headers, time.perf_counter() - began

    def raw(self, head: str, *, length: int | None = None) -> socket.socket:
        """A connection on which a request's head has been sent."""
        wire = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        size = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
        wire.sendall(f"{head} HTTP/1.1\r\nHost: x\r\n{size}\r\n".encode())
        return wire

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Every process of the database stands still, as on a machine whose disk hangs."""
        pid = self.postgres.cluster.pid()
        assert pid is not None
        found = [pid, *_children(pid)]
        for one in found:
            os.kill(one, signal.SIGSTOP)
        try:
            yield
        finally:
            for one in found:
                os.kill(one, signal.SIGCONT)


class Still(urllib.request.HTTPRedirectHandler):
    """A redirection is an answer."""

    def redirect_request(self, *_: object) -> None:  # type: ignore[override]
        """Never followed."""


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
    return [int(one) for one in text.split()]


def stranger() -> tuple[str, str]:
    """A cookie of somebody not signed in, and the token of their forms."""
    return f"seed={BROWSER}", SALT + csrf._sign(SALT, SECRET, BROWSER)


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory, app: Flask) -> Iterator[House]:
    """Started once for these tests."""
    home = tmp_path_factory.mktemp("storm")
    home.chmod(0o755)
    postgres = Postgres(home, durable=False)
    postgres.start()
    try:
        databases.migrate(postgres)
        seed = _plant(postgres)
        made = House(seed, postgres, free_port(), None)  # type: ignore[arg-type]
        made.process = _started(made, home)
        try:
            _wait(made)
            yield made
        finally:
            made.process.terminate()
            made.process.wait(20)
    finally:
        postgres.stop()


def _plant(postgres: Postgres) -> Seed:
    storage._configured[:] = [MemoryStore()]  # type: ignore[list-item]
    try:
        point_at(postgres, databases.MIGRATED)
        return factories.plant()
    finally:
        db.disconnect("web")
        db.disconnect("worker")
        storage.configure(config_of())


def _started(house: House, home: Path) -> subprocess.Popen[bytes]:
    conf = home / "conf.py"
    conf.write_text(
        "from campus.gunicorn_conf import *\n"
        "from campus import body\n"
        f"body.SECONDS = {BODY_SECONDS}\n",
        "utf-8",
    )
    settings = {
        "CAMPUS_ENV": "dev",
        "CAMPUS_HOME": str(home),
        "CAMPUS_SECRET_KEY": SECRET,
        "DATABASE_URL": house.postgres.url("web"),
        "S3_ENDPOINT": NOWHERE,
        "S3_ACCESS_KEY": "none",
        "S3_SECRET_KEY": "none",
        "HOST": "127.0.0.1",
        "PORT": str(house.port),
        "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", str(conf), "wsgi:app"],
        cwd=ROOT,
        env=os.environ | settings,
        start_new_session=True,
    )


def _wait(house: House) -> None:
    deadline = time.monotonic() + HANG_SECONDS
    while time.monotonic() < deadline:
        assert house.process.poll() is None, "the web process ended while it started"
        try:
            if house.ask("/healthz")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the web process did not start")
