"""The parts of one run: embedded PostgreSQL and store, gunicorn processes, all ended at the end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from campus import assets
from campus.embedded import files, processes
from campus.embedded.objects import Objects
from campus.embedded.postgres import Postgres
from campus.embedded.roles import DATABASE, LOGINS, ensure_roles
from campus.migrations import steps

ROOT = Path(__file__).resolve().parents[1]
CONF = ROOT / "platform" / "campus" / "gunicorn_conf.py"
FLOOR_CONF = ROOT / "bench" / "floor_conf.py"
# Only a hang is waited for so long; a busy machine takes a while to load everything.
START_SECONDS = 120.0
STOP_SECONDS = 30.0
DEMO_PASSWORD = "hejiatu-demo"


@dataclass(slots=True)
class Server:
    """One gunicorn with one gevent worker."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def origin(self) -> str:
        """``http://127.0.0.1:<port>``."""
        return f"http://127.0.0.1:{self.port}"


class Stack:
    """PostgreSQL and the store of one home; makes databases and servers."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.postgres = Postgres(home)
        self.objects = Objects(home)
        self.servers: list[Server] = []

    def database(self, name: str = DATABASE) -> str:
        """Make (or bring up to date) a database with our tables; the superuser's libpq URL."""
        passwords = {role: files.secret(self.home, f"postgres-{role}") for role in LOGINS}
        ensure_roles(self.postgres.superuser_dsn, passwords, name)
        steps.upgrade(self.postgres.url("migrator", name))
        return self.postgres.superuser_dsn.rsplit("/", 1)[0] + f"/{name}"

    def environment(self, database: str = DATABASE) -> dict[str, str]:
        """What a web process needs to run on these parts."""
        return {
            **os.environ,
            **self.objects.door.environment,
            "CAMPUS_ENV": "dev",
            "CAMPUS_HOME": str(self.home),
            "CAMPUS_SECRET_KEY": files.secret(self.home, "secret-key"),
            "DATABASE_URL": self.postgres.url("web", database),
            "WORKER_DATABASE_URL": self.postgres.url("worker", database),
            "MIGRATOR_DATABASE_URL": self.postgres.url("migrator", database),
            "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
            "PYTHONUNBUFFERED": "1",
        }

    def demo(self, *options: str) -> None:
        """Make the demo schools. Raises RuntimeError with what the command said."""
        done = subprocess.run(
            [sys.executable, "-m", "campus", "demo", *options],
            cwd=ROOT,
            env=self.environment() | {"CAMPUS_DEMO_PASSWORD": DEMO_PASSWORD},
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"demo: {done.stderr[-3000:]}")

    def serve(
        self,
        app: str = "wsgi:app",
        *,
        conf: Path = CONF,
        database: str = DATABASE,
        more: Mapping[str, str] | None = None,
    ) -> Server:
        """Start gunicorn and wait until it answers. Raises RuntimeError when it does not."""
        port = processes.choose_port()
        environ = self.environment(database) | {"HOST": "127.0.0.1", "PORT": str(port)}
        log = files.open_log(self.home, f"web-{port}")
        try:
            process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-c", str(conf), app],
                cwd=ROOT,
                env=environ | dict(more or {}),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        finally:
            os.close(log)
        server = Server(port, process)
        self.servers.append(server)
        wait_until_answers(server, self.home)
        return server

    @contextmanager
    def worker(self, database: str = DATABASE) -> Iterator[None]:
        """A process that does background jobs, for as long as the block lasts."""
        log = files.open_log(self.home, "worker")
        try:
            process = subprocess.Popen(
                [sys.executable, "-m", "campus", "worker"],
                cwd=ROOT,
                env=self.environment(database),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        finally:
            os.close(log)
        try:
            yield
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)

    def stop_server(self, server: Server) -> None:
        """End one server and wait for it."""
        server.process.terminate()
        try:
            server.process.wait(8)
        except subprocess.TimeoutExpired:
            server.process.kill()
            server.process.wait()
        self.servers.remove(server)

    def stop(self) -> None:
        """End everything this stack started."""
        for server in list(self.servers):
            self.stop_server(server)
        self.objects.stop()
        self.postgres.stop()

    @property
    def postmaster(self) -> int:
        """The pid of the database's first process."""
        pid = self.postgres.cluster.pid()
        assert pid is not None, "PostgreSQL is not running"
        return pid


def wait_until_answers(server: Server, home: Path) -> None:
    """Wait until a server answers; RuntimeError with the end of its log when it never does."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            with urllib.request.urlopen(f"{server.origin}/healthz", timeout=3):
                return
        except OSError:
            time.sleep(0.05)
    tail = files.log_tail(home, f"web-{server.port}")
    raise RuntimeError(f"no answer at {server.origin}:\n{tail}")


@contextmanager
def stack() -> Iterator[Stack]:
    """Parts in a temporary home, stopped and removed afterwards."""
    assets.build_if_stale()
    with files.temporary_home() as home:
        made = Stack(home)
        try:
            made.postgres.start()
            made.objects.start()
            yield made
        finally:
            made.stop()
