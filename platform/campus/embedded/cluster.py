"""The files of one PostgreSQL cluster: initdb, its settings, its pid file, what a crash left."""

from __future__ import annotations

import hashlib
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from campus.embedded import processes
from campus.embedded.account import Place
from campus.embedded.files import PartError, write_private

SUPERUSER = "postgres"
MAJOR = "18"
# Small enough for a laptop, nothing that changes what a query answers.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "60",
    "shared_buffers": "96MB",
    "max_wal_size": "512MB",
    "io_method": "sync",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "password_encryption": "scram-sha-256",
    "log_line_prefix": "%m [%p] %q%u@%d ",
}
# For tests alone: a power cut may lose everything, a killed process nothing (with
# synchronous_commit off it would lose its last commits).
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off"}
BARE_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


class Cluster:
    """One data folder at its place."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.data = place.folder / "data"
        # The server writes this name into the title of all its processes, where any user may
        # read it; their folders and environment only their own account may.
        self.name = f"campus-{hashlib.sha256(str(self.data).encode()).hexdigest()[:12]}"

    def run(
        self, program: str, *arguments: str, output: int = subprocess.DEVNULL, seconds: float = 150
    ) -> int:
        """Run one of PostgreSQL's programs under the server's account; its exit code."""
        return subprocess.run(  # noqa: S603
            [str(self.place.programs / "bin" / program), *arguments],
            cwd=self.place.folder,
            env=BARE_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            timeout=seconds,
            check=False,
            **self.place.account.popen,
        ).returncode

    def create(self, password: str, output: int, *, durable: bool) -> bool:
        """initdb unless it was done; a half-made folder is made anew. False when initdb failed."""
        if (self.data / "PG_VERSION").is_file():
            self._require_major()
            return True
        unfinished = self.data.with_name("data.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        with tempfile.NamedTemporaryFile("w", dir=self.place.folder, prefix=".pw") as file:
            file.write(password + "\n")
            file.flush()
            self.place.account.give(Path(file.name))
            code = self.run(
                "initdb",
                *("--pgdata", str(unfinished), "--username", SUPERUSER, "--pwfile", file.name),
                *("--auth=scram-sha-256", "--encoding=UTF8", "--no-instructions"),
                *("--locale-provider=builtin", "--locale=C.UTF-8"),
                *(() if durable else ("--no-sync",)),
                output=output,
            )
        if code == 0:
            unfinished.rename(self.data)
        return code == 0

    def _require_major(self) -> None:
        found = (self.data / "PG_VERSION").read_text("ascii").strip()
        if found != MAJOR:
            raise PartError(
                f"{self.data} 是 PostgreSQL {found} 的数据，这里的程序是 {MAJOR}："
                "请用旧版本导出数据（pg_dump）后再导入，或用另一个 CAMPUS_HOME"
            )

    def configure(self, port: int, *, durable: bool) -> None:
        """Write postgresql.conf whole: what stands here is all that differs from the defaults."""
        settings = SETTINGS | {"port": str(port), "cluster_name": self.name}
        settings |= {} if durable else NOT_DURABLE
        path = self.data / "postgresql.conf"
        write_private(path, "".join(f"{name} = '{value}'\n" for name, value in settings.items()))
        self.place.account.give(path)

    def pid(self) -> int | None:
        """The postmaster's pid if it runs and is ours: not a zombie, not a pid used again."""
        pid = self._written_pid()
        return pid if pid is not None and self.owns(pid) else None

    def _written_pid(self) -> int | None:
        try:
            first = (self.data / "postmaster.pid").read_text("ascii", "replace").split("\n")[0]
            return abs(int(first))
        except (OSError, ValueError):
            return None

    def owns(self, pid: int) -> bool:
        """Whether ``pid`` is a living postmaster of this very data folder."""
        words = processes.command_line(pid) if processes.is_running(pid) else []
        if not words or Path(words[0]).name != "postgres" or "-D" not in words[:-1]:
            return False
        return words[words.index("-D") + 1] == str(self.data)

    def port(self) -> int | None:
        """The port the running server wrote into its pid file."""
        try:
            return int((self.data / "postmaster.pid").read_text("ascii").split("\n")[3])
        except (OSError, ValueError, IndexError):
            return None

    def clear_leftovers(self) -> None:
        """With no postmaster alive: end its orphans, then remove the pid file it left.

        The order matters. The pid file is what keeps a new server from the shared memory of
        orphans that still write.
        """
        written = self._written_pid()
        if written is not None:
            processes.let_die(written)
        for pid in processes.pids():
            processes.end(pid, self._is_orphan, ((signal.SIGQUIT, 2.0), (signal.SIGKILL, 2.0)))
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _is_orphan(self, pid: int) -> bool:
        words = processes.command_line(pid)
        return bool(words) and words[0].startswith(f"postgres: {self.name}: ")
