"""PostgreSQL for one machine: real programs, TCP on loopback, passwords checked by scram.

start() makes, repairs, adopts or starts the server; afterwards the roles exist. The port is free
to differ from start to start and is remembered in CAMPUS_HOME/postgres.json.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psycopg

from campus.embedded import files, processes
from campus.embedded.account import find_place
from campus.embedded.cluster import SUPERUSER, Cluster
from campus.embedded.files import PartError
from campus.embedded.roles import DATABASE, LOGINS, ensure_roles

TRIES = 3
STARTING_SECONDS = 120.0
# SIGINT is a "fast" stop: sessions are cut, everything is written. After SIGQUIT and SIGKILL the
# next start recovers from the write-ahead log.
PATIENCE = ((signal.SIGINT, 5.0), (signal.SIGQUIT, 2.0), (signal.SIGKILL, 2.0))
_FULL = "No space left on device"
_TAKEN = "could not bind"


class Postgres:
    """The server of one home. ``durable=False`` is for tests: quick, and lost in a power cut."""

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.home = files.prepare(home)
        self.durable = durable
        self._lock = files.Lock(self.home, "postgres", "数据库")
        self._cluster: Cluster | None = None

    @property
    def cluster(self) -> Cluster:
        """The data folder and its processes."""
        if self._cluster is None:
            self._cluster = Cluster(find_place(self.home))
        return self._cluster

    @property
    def port(self) -> int:
        """The port of the last start. Raises PartError before the first."""
        port = files.recall(self.home, "postgres").get("port")
        if not isinstance(port, int):
            raise PartError(f"{self.home} 里的数据库还没有启动过：请先运行 make run")
        return port

    @property
    def superuser_dsn(self) -> str:
        """The bootstrap superuser's libpq URL, for ensure_roles() and for making test databases."""
        return self._dsn(SUPERUSER, "superuser", "postgres")

    def url(self, role: str, database: str = DATABASE) -> str:
        """SQLAlchemy's URL for "web", "worker", "migrator" or "bureau". Raises KeyError."""
        return self._dsn(LOGINS[role], role, database).replace("postgresql:", "postgresql+psycopg:")

    def urls(self) -> dict[str, str]:
        """The URL of every role that may sign in."""
        return {role: self.url(role) for role in LOGINS}

    def running(self) -> bool:
        """Whether the postmaster is alive and ours; costs two small reads."""
        return self.cluster.pid() is not None

    def start(self) -> dict[str, str]:
        """Have the server running with its roles; its URLs by role.

        Raises AlreadyRunning when another start holds this home, PartError when it cannot start.
        """
        self._lock.take()
        try:
            if not self._adopt():
                self._create_and_start()
            passwords = {role: self._password(role) for role in LOGINS}
            ensure_roles(self.superuser_dsn, passwords)
        except BaseException as error:
            self.stop()
            if isinstance(error, psycopg.Error):
                raise self._explain(f"数据库没有接受连接（{error}）", "") from error
            raise
        return self.urls()

    def stop(self) -> None:
        """Stop what start() started and let go of the home; does nothing for another's server."""
        pid = self.cluster.pid() if self._lock.held and self._cluster else None
        if pid is not None:
            processes.end(pid, self.cluster.owns, PATIENCE)
        self._lock.release()

    def _adopt(self) -> bool:
        """Take over a server that outlived its starter; end it if it does not answer."""
        pid = self.cluster.pid()
        if pid is None:
            return False
        port = self.cluster.port()
        if port is not None:
            files.remember(self.home, "postgres", {"port": port})
            if self._answers(lambda: self.cluster.owns(pid), STARTING_SECONDS / 4):
                return True
        processes.end(pid, self.cluster.owns, PATIENCE)
        return False

    def _answers(self, alive: processes.Condition, seconds: float) -> bool:
        """Wait until our own server answers at the remembered port: the folder must be ours."""
        deadline = time.monotonic() + seconds
        while alive() and time.monotonic() < deadline:
            try:
                with psycopg.connect(self.superuser_dsn, connect_timeout=3) as connection:
                    row = connection.execute("SHOW data_directory").fetchone()
                return row is not None and row[0] == str(self.cluster.data)
            except psycopg.OperationalError:
                time.sleep(0.1)
        return False

    def _create_and_start(self) -> None:
        files.require_room(self.cluster.place.folder)
        before = files.log_size(self.home, "postgres")
        log = files.open_log(self.home, "postgres")
        try:
            if not self.cluster.create(self._password("superuser"), log, durable=self.durable):
                raise self._explain("数据库没有建成", self._log_since(before))
            self._start_on_some_port(log)
        finally:
            os.close(log)

    def _start_on_some_port(self, log: int) -> None:
        cluster = self.cluster
        port: object = files.recall(self.home, "postgres").get("port")
        for _ in range(TRIES):
            cluster.clear_leftovers()
            port = processes.choose_port(port)
            before = files.log_size(self.home, "postgres")
            cluster.configure(port, durable=self.durable)
            files.remember(self.home, "postgres", {"port": port})
            arguments = ("-D", str(cluster.data), "-w", "-s", "-t", str(int(STARTING_SECONDS)))
            if cluster.run("pg_ctl", *arguments, "start", output=log) == 0:
                return
            said = self._log_since(before)
            if _TAKEN not in said:
                break
            port = None
        raise self._explain("数据库没有启动", said)

    def _explain(self, what: str, said: str) -> PartError:
        log = self.home / "logs" / "postgres.log"
        if _FULL in said:
            return PartError(
                "磁盘满了，数据库启动不了；已保存的数据没有丢失，"
                f"请清理 {self.cluster.place.folder} 所在的磁盘后重新运行 make run"
            )
        return PartError(f"{what}，原因在 {log} 的最后几行；修好后重新运行 make run")

    def _log_since(self, offset: int) -> str:
        return files.log_tail(self.home, "postgres", offset)

    def _password(self, role: str) -> str:
        return files.secret(self.home, f"postgres-{role}")

    def _dsn(self, user: str, role: str, database: str) -> str:
        return f"postgresql://{user}:{self._password(role)}@127.0.0.1:{self.port}/{database}"
