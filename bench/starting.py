"""`make run` on an empty home until it is ready, again when warm, and the memory it rests in."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from bench import proc
from bench.stack import ROOT
from campus.embedded import files, processes
from campus.embedded.objects import Objects
from campus.embedded.postgres import Postgres

REST_SECONDS = 8.0
PATIENCE_SECONDS = 120.0


def measure() -> dict[str, float]:
    """Seconds of the cold and the warm start, megabytes of the whole stack at rest."""
    with files.temporary_home() as home:
        cold, process = _start(home)
        try:
            time.sleep(REST_SECONDS)
            memory = proc.pss_bytes(process.pid, *_parts(home)) / 2**20
        finally:
            _end(process)
        warm, process = _start(home)
        _end(process)
    return {"cold": cold, "warm": warm, "memory": memory}


def _start(home: Path) -> tuple[float, subprocess.Popen[str]]:
    """Run `python -m campus dev` until its ready line; RuntimeError when that never comes."""
    port = str(processes.choose_port())
    environ = {name: value for name, value in os.environ.items() if name != "MAKELEVEL"}
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "campus", "dev"],
        cwd=ROOT,
        env=environ | {"CAMPUS_HOME": str(home), "PORT": port},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    said = []
    while (line := process.stdout.readline()) and time.monotonic() - began < PATIENCE_SECONDS:
        said.append(line)
        if line.startswith("ready http"):
            return time.monotonic() - began, process
    _end(process)
    raise RuntimeError("never ready:\n" + "".join(said))


def _parts(home: Path) -> list[int]:
    """The database and the store leave the supervisor's process tree."""
    found = (Postgres(home).cluster.pid(), Objects(home).pid())
    return [pid for pid in found if pid is not None]


def _end(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
