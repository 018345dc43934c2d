"""The supervisor with simple programs in place of ours: ready, repaired, stopped, explained.

The stand-in web server has gunicorn's shape (a master and what it forked) and none of our code: it
starts at once, and no doctor refuses it the unmigrated database.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue
from threading import Thread

import pytest

from campus.embedded import children, processes
from campus.embedded.postgres import Postgres

# Only a hang is ever waited for so long: the machine may be busy with other things.
HANG_SECONDS = 120.0
SUPERVISOR = """
import sys
from campus import config
from campus.embedded.dev import Commands, Supervisor
from campus.embedded.files import PartError
nothing, here = (sys.executable, "-c", "pass"), sys.argv[1]
web = (sys.executable, "-m", "gunicorn", "-c", f"{here}/standin_conf.py", "standin:app")
worker = (sys.executable, "-c", "import time; time.sleep(600)")
try:
    Supervisor(config.load(), Commands(nothing, nothing, nothing, worker, web)).run()
except PartError as error:
    sys.exit(str(error))
"""
CONF = """
import os
bind = [f"{os.environ['HOST']}:{os.environ['PORT']}"]
chdir = os.path.dirname(__file__)
control_socket_disable = True
"""
APP = """
import os
def app(environ, start_response):
    headers = [("Content-Type", "text/plain"), ("X-Home", os.environ["CAMPUS_HOME"])]
    start_response("200 OK", headers)
    return [" ".join(sorted(os.environ)).encode()]
"""


class Run:
    """One supervisor in a process of its own, listened to all the time."""

    def __init__(self, home: Path, port: int) -> None:
        (home / "standin.py").write_text(APP)
        (home / "standin_conf.py").write_text(CONF)
        self.home, self.port = home, port
        self.said = ""
        self.process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISOR, str(home)],
            env={**os.environ, "CAMPUS_HOME": str(home), "PORT": str(port), "HOST": "127.0.0.1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._lines: Queue[str] = Queue()
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as out:
            for line in out:
                self._lines.put(line)
        self._lines.put("")

    def read_until(self, part: str) -> str:
        """The next line that holds ``part``; the pipe must not keep it back."""
        while line := self._lines.get(timeout=HANG_SECONDS):
            self.said += line
            if part in line:
                return line.rstrip()
        raise AssertionError(f"ended without saying {part!r}: {self.said}")

    def end(self, number: signal.Signals | None = None) -> int:
        """Send a signal, or just wait for its own end; the exit code."""
        if number is not None:
            self.process.send_signal(number)
        code = self.process.wait(HANG_SECONDS)
        while line := self._lines.get(timeout=HANG_SECONDS):
            self.said += line
        self._listener.join(HANG_SECONDS)
        return code

    def page(self) -> bytes:
        address = f"http://127.0.0.1:{self.port}/healthz"
        with urllib.request.urlopen(address, timeout=HANG_SECONDS) as answer:
            assert answer.headers["X-Home"] == str(self.home)
            return bytes(answer.read())

    def answers(self) -> bool:
        try:
            return bool(self.page())
        except OSError:
            return False

    def parts(self) -> dict[str, list[int]]:
        """The web servers and workers of this home."""
        found: dict[str, list[int]] = {"web": [], "worker": []}
        for pid in processes.pids():
            environ = processes.environment(pid)
            if environ.get(children.HOME) == str(self.home) and processes.is_running(pid):
                found.get(environ.get(children.PART, ""), []).append(pid)
        return found


@pytest.fixture(scope="module")
def run(home: Path) -> Iterator[Run]:
    started = Run(home, processes.choose_port())
    yield started
    if started.process.poll() is None:
        started.end(signal.SIGTERM)


@pytest.fixture
def begin(run: Run) -> Iterator[Callable[[], Run]]:
    """Another start of the same home; whatever a test leaves running is ended after it."""
    begun: list[Run] = []

    def another() -> Run:
        begun.append(Run(run.home, run.port))
        return begun[-1]

    yield another
    for one in begun:
        if one.process.poll() is None:
            one.end(signal.SIGTERM)


def test_ready_line_then_the_accounts(run: Run) -> None:
    ready = f"ready http://127.0.0.1:{run.port}/s/hejiatu/"
    assert run.read_until("ready") == ready
    assert "两个孩子的家长" in run.read_until("12000000004")


def test_web_gets_no_key_to_tables(run: Run) -> None:
    names = run.page().decode().split()
    assert {"DATABASE_URL", "S3_ENDPOINT", "CAMPUS_SECRET_KEY"} <= set(names)
    assert not {"MIGRATOR_DATABASE_URL", "WORKER_DATABASE_URL"} & set(names)


def test_second_run_is_told_so(run: Run, begin: Callable[[], Run]) -> None:
    second = begin()
    assert second.end() == 1
    assert "已经在运行" in second.said
    assert "Traceback" not in second.said
    assert run.answers()


@pytest.mark.parametrize("part", ["web", "worker"])
def test_killed_child_is_started_again(run: Run, part: str) -> None:
    pids = run.parts()[part]
    os.kill(min(pids), signal.SIGKILL)
    run.read_until(f"{part} 意外退出，已重新启动")
    assert processes.wait_for(run.answers, HANG_SECONDS)
    assert set(run.parts()[part]).isdisjoint(pids)


def test_killed_database_is_started_again(run: Run) -> None:
    pid = Postgres(run.home).cluster.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    run.read_until("数据库意外退出，已重新启动")
    assert Postgres(run.home).running()


def test_sigterm_stops_everything_within_ten_seconds(run: Run) -> None:
    started = time.monotonic()
    assert run.end(signal.SIGTERM) == 0
    assert time.monotonic() - started < 10
    assert run.parts() == {"web": [], "worker": []}
    assert not Postgres(run.home).running()


def test_killed_supervisor_leaves_nothing_the_next_start_cannot_handle(
    begin: Callable[[], Run],
) -> None:
    killed = begin()
    killed.read_until("ready")
    killed.end(signal.SIGKILL)
    heir = begin()
    heir.read_until("ready")
    assert heir.answers()
    assert heir.end(signal.SIGINT) == 0


def test_taken_port_is_named_with_the_way_out(run: Run, begin: Callable[[], Run]) -> None:
    with socket.create_server(("127.0.0.1", run.port)):
        refused = begin()
        assert refused.end() == 1
    assert f"端口 {run.port} 已被别的程序占用" in refused.said
    assert f"PORT={run.port + 10} make run" in refused.said
    assert "Traceback" not in refused.said
