"""Children for strangers' files: no secrets, few rights, few at once, and never a hanging one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from campus.confined.pool import AT_ONCE, AT_ONCE_OF_A_KIND, SOURCE, Bounds, Fell, Pool, TookTooLong
from campus.embedded import processes

BOUNDS = Bounds(memory=256 * 2**20, seconds=5, patience=10.0, answer=2**20)
PROBE = """
import json, os, resource, sys, time

def work(stream, out, settings):
    told = stream.read()
    found = globals()[settings.get("do", "tell")](told)
    out.write(json.dumps(found).encode())

def tell(told):
    limits = {name: resource.getrlimit(getattr(resource, name)) for name in
              ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_CORE", "RLIMIT_NOFILE")}
    known = [name for name in ("psycopg", "flask", "gevent") if name in sys.modules]
    return {"environ": dict(os.environ), "limits": limits, "known": known, "told": len(told),
            "files": sorted(os.listdir("/proc/self/fd")), "pid": os.getpid(), "up": os.getppid()}

def abort(_): os.abort()
def leave(_): os._exit(0)
def fault(_): return 1 / 0
def much(_): return len(bytearray(2**31))
def spin(_):
    while True: pass
def sleep(_): time.sleep(60)
def chatter(_):
    while True: sys.__stdout__; os.write(int(max(os.listdir("/proc/self/fd"), key=int)), b"x" * 99)
def write(_):
    with open(told_path, "w") as file: file.write("x")
def busy(_):
    began = time.monotonic(); time.sleep(0.2)
    return [began, time.monotonic()]
def endless(_): return "x" * 2**21
"""
GEVENT = """
from gevent import monkey; monkey.patch_all()
import gevent, sys, time
from pathlib import Path
from campus.confined.pool import Bounds, Pool
pool, ticks = Pool(Path(sys.argv[1])), []
def tick():
    while True:
        ticks.append(time.monotonic()); gevent.sleep(0.01)
gevent.spawn(tick)
bounds = Bounds(2**28, 5, 10.0, 2**20)
jobs = [gevent.spawn(pool.run, "probe", b"", {"do": "busy"}, bounds) for _ in range(4)]
gevent.joinall(jobs, timeout=20, raise_error=True)
print(len(ticks) > 20, pool._server.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the children find the probe, and a second name for it."""
    made = tmp_path_factory.mktemp("probe")
    for name in ("probe", "other"):
        (made / f"{name}.py").write_text(PROBE)
    return made


@pytest.fixture(scope="module")
def pool(folder: Path) -> Iterator[Pool]:
    made = Pool(folder)
    yield made
    made.close()


def ask(pool: Pool, do: str = "tell", bounds: Bounds = BOUNDS, data: bytes = b"file") -> Any:
    return json.loads(pool.run("probe", data, {"do": do}, bounds))


def children(parent: int) -> list[int]:
    """Who runs and has ``parent`` for a parent (the second word after the name in brackets)."""
    found = []
    for pid in filter(processes.is_running, processes.pids()):
        with suppress(OSError):
            words = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2]
            found += [pid] if int(words.split()[1]) == parent else []
    return found


def test_a_child_has_no_secrets_and_few_rights(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMPUS_SECRET_KEY", "do-not-pass-this-on")
    found = ask(pool, data=b"x" * 3_000_000)
    assert "do-not-pass-this-on" not in str(found)
    assert found["known"] == []
    assert found["told"] == 3_000_000
    assert found["limits"]["RLIMIT_AS"] == [BOUNDS.memory] * 2
    assert found["limits"]["RLIMIT_CPU"] == [BOUNDS.seconds] * 2
    assert found["limits"]["RLIMIT_FSIZE"] == found["limits"]["RLIMIT_CORE"] == [0, 0]
    assert len(found["files"]) <= 6, "standard ones, the socket, the listing itself"


def test_every_file_has_a_child_of_its_own_and_all_one_server(pool: Pool) -> None:
    first, second = ask(pool), ask(pool)
    assert first["pid"] != second["pid"]
    assert first["up"] == second["up"] != os.getpid()


@pytest.mark.parametrize(
    "do", ["abort", "leave", "fault", "much", "spin", "chatter", "write", "endless"]
)
def test_a_child_that_falls_gives_no_answer(pool: Pool, do: str) -> None:
    with pytest.raises(Fell) as caught:
        ask(pool, do, replace(BOUNDS, seconds=1))
    assert not isinstance(caught.value, TookTooLong)
    assert ask(pool)["told"] == 4, "the next one is served"


def test_a_child_that_sits_there_is_ended(pool: Pool) -> None:
    began = monotonic()
    with pytest.raises(TookTooLong):
        ask(pool, "sleep", replace(BOUNDS, patience=0.4))
    assert monotonic() - began < 2.0
    server = ask(pool)["up"]
    assert processes.wait_for(lambda: not children(server), 2.0)


def test_few_at_once_and_no_kind_takes_every_place(pool: Pool) -> None:
    def one(name: str) -> tuple[float, float]:
        found = json.loads(pool.run(name, b"", {"do": "busy"}, BOUNDS))
        return found[0], found[1]

    names = ["probe"] * 5 + ["other"] * 3
    with ThreadPoolExecutor(len(names)) as threads:
        spans = list(threads.map(one, names))

    def most(of: list[tuple[float, float]]) -> int:
        return max(sum(began <= at < ended for began, ended in of) for at, _ in of)

    assert most(spans) <= AT_ONCE
    assert most(spans[:5]) <= AT_ONCE_OF_A_KIND < AT_ONCE


def test_a_fork_server_that_was_killed_is_replaced(pool: Pool) -> None:
    old = ask(pool)["up"]
    os.kill(old, signal.SIGKILL)
    assert processes.wait_for(lambda: not processes.is_running(old), 2.0)
    assert ask(pool)["up"] != old


def test_the_loop_goes_on_and_the_server_ends_with_its_owner(folder: Path) -> None:
    """Under gevent, as in the web; the owner is killed, so nothing can say goodbye."""
    with subprocess.Popen(
        [sys.executable, "-c", GEVENT, str(folder)],
        env={"PYTHONPATH": str(SOURCE)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as owner:
        assert owner.stdout is not None
        ticked, pid = owner.stdout.readline().split()
        assert ticked == "True"
        assert processes.is_running(int(pid))
        owner.kill()
    assert processes.wait_for(lambda: not processes.is_running(int(pid)), 3.0)
