"""The supervisor with simple programs in place of ours: ready, repaired, stopped, explained."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from campus.embedded import children, processes
from campus.embedded.postgres import Postgres

SUPERVISOR = """
import sys
from campus import config
from campus.embedded.dev import CONF, Commands, Supervisor
from campus.embedded.files import PartError
nothing, here = (sys.executable, "-c", "pass"), sys.argv[1]
web = (sys.executable, "-m", "gunicorn", "-c", str(CONF), "--chdir", here, "standin:app")
worker = (sys.executable, "-c", "import time; time.sleep(600)")
try:
    Supervisor(config.load(), Commands(nothing, nothing, nothing, worker, web)).run()
except PartError as error:
    sys.exit(str(error))
"""
APP = """
import os
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [" ".join(sorted(os.environ)).encode()]
"""


@dataclass
class Run:
    """One supervisor in a process of its own."""

    home: Path
    port: int
    process: subprocess.Popen[str]

    def read_until(self, part: str) -> str:
        """The next line that holds ``part``; the pipe must not keep it back."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if part in line:
                return line.rstrip()
        raise AssertionError(f"ended without saying {part!r}")

    def page(self) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=3) as answer:
            assert answer.headers["Server"] == "campus"
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


def begin(home: Path, port: int) -> Run:
    (home / "standin.py").write_text(APP)
    process = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, str(home)],
        env={**os.environ, "CAMPUS_HOME": str(home), "PORT": str(port), "HOST": "127.0.0.1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return Run(home, port, process)


@pytest.fixture(scope="module")
def run(home: Path) -> Iterator[Run]:
    started = begin(home, processes.choose_port())
    yield started
    if started.process.poll() is None:
        started.process.terminate()
        started.process.communicate(timeout=20)


def test_ready_line_then_the_accounts(run: Run) -> None:
    ready = f"ready http://127.0.0.1:{run.port}/s/hejiatu/"
    assert run.read_until("ready") == ready
    assert "两个孩子的家长" in run.read_until("12000000004")


def test_web_gets_no_key_to_tables(run: Run) -> None:
    names = run.page().decode().split()
    assert {"DATABASE_URL", "S3_ENDPOINT", "CAMPUS_SECRET_KEY"} <= set(names)
    assert not {"MIGRATOR_DATABASE_URL", "WORKER_DATABASE_URL"} & set(names)


def test_second_run_is_told_so(run: Run) -> None:
    second = begin(run.home, run.port)
    said, _ = second.process.communicate(timeout=10)
    assert second.process.returncode == 1
    assert "已经在运行" in said
    assert "Traceback" not in said
    assert run.answers()


@pytest.mark.parametrize("part", ["web", "worker"])
def test_killed_child_is_started_again(run: Run, part: str) -> None:
    pids = run.parts()[part]
    os.kill(min(pids), signal.SIGKILL)
    run.read_until(f"{part} 意外退出，已重新启动")
    assert processes.wait_for(run.answers, 5.0)
    assert set(run.parts()[part]).isdisjoint(pids)


def test_killed_database_is_started_again(run: Run) -> None:
    pid = Postgres(run.home).cluster.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    run.read_until("数据库意外退出，已重新启动")
    assert Postgres(run.home).running()


def test_sigterm_stops_everything_within_ten_seconds(run: Run) -> None:
    started = time.monotonic()
    run.process.terminate()
    run.process.communicate(timeout=10)
    assert run.process.returncode == 0
    assert time.monotonic() - started < 10
    assert run.parts() == {"web": [], "worker": []}
    assert not Postgres(run.home).running()


def test_killed_supervisor_leaves_nothing_the_next_start_cannot_handle(run: Run) -> None:
    killed = begin(run.home, run.port)
    killed.read_until("ready")
    killed.process.kill()
    killed.process.communicate()
    heir = begin(run.home, run.port)
    heir.read_until("ready")
    assert heir.answers()
    heir.process.send_signal(signal.SIGINT)
    heir.process.communicate(timeout=10)
    assert heir.process.returncode == 0


def test_taken_port_is_named_with_the_way_out(run: Run) -> None:
    with socket.create_server(("127.0.0.1", run.port)):
        refused = begin(run.home, run.port)
        said, _ = refused.process.communicate(timeout=10)
    assert refused.process.returncode == 1
    assert f"端口 {run.port} 已被别的程序占用" in said
    assert f"PORT={run.port + 10} make run" in said
    assert "Traceback" not in said
