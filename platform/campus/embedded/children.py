"""The web server and the worker: started, watched, started again after a pause that grows.

A child carries the home and its part in its environment. By that a later start finds and ends what
a killed supervisor left, and nothing else.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from campus.embedded import files, processes

PART = "CAMPUS_PART"
HOME = "CAMPUS_HOME"
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 10.0
# A child that lived this long is taken to be well: the next pause is short again.
WELL_SECONDS = 30.0


class Child:
    """One long-running part. Start it from the main thread: it dies with the thread's process."""

    def __init__(
        self, home: Path, name: str, command: Sequence[str], environ: Mapping[str, str], cwd: Path
    ) -> None:
        self.home = home
        self.name = name
        self.command = list(command)
        self.environ = {**environ, HOME: str(home), PART: name}
        self.cwd = cwd
        self.deaths = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._next_start = 0.0

    @property
    def pid(self) -> int | None:
        """The pid while it is alive."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start it in a session of its own, so that Ctrl-C reaches the supervisor alone."""
        log = files.open_log(self.home, self.name)
        try:
            self._process = subprocess.Popen(  # noqa: S603
                self.command,
                cwd=self.cwd,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=processes.die_with_parent,  # noqa: PLW1509
            )
        finally:
            os.close(log)
        self._started = time.monotonic()

    def watch(self) -> bool:
        """Notice a death, start again when the pause is over; True if it has just been started."""
        now = time.monotonic()
        if self._process is not None:
            if self._process.poll() is None:
                return False
            # What it forked must go too, or it would keep the port.
            self._signal_group(signal.SIGKILL)
            self._process = None
            self.deaths = 1 if now - self._started > WELL_SECONDS else self.deaths + 1
            self._next_start = now + min(FIRST_PAUSE * 2 ** (self.deaths - 1), LONGEST_PAUSE)
        if now < self._next_start:
            return False
        self.start()
        return True

    def restart_with(self, environ: Mapping[str, str]) -> None:
        """Start again with another environment (a part has moved to another port)."""
        self.stop(3.0)
        self.environ |= environ
        self.start()

    def stop(self, seconds: float) -> None:
        """Ask it to end, insist after ``seconds``, and take along everything it forked."""
        if self._process is None:
            return
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        self._signal_group(signal.SIGKILL)
        self._process.wait()
        self._process = None

    def _signal_group(self, number: signal.Signals) -> None:
        # The group carries the pid of our own child, which leads its session.
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)


def end_leftovers(home: Path) -> int:
    """End the web servers and workers an earlier, killed supervisor of ``home`` left; how many."""

    def ours(pid: int) -> bool:
        environ = processes.environment(pid)
        return environ.get(HOME) == str(home) and environ.get(PART) in {"web", "worker"}

    found = [pid for pid in processes.pids() if pid != os.getpid() and ours(pid)]
    for pid in found:
        processes.end(pid, ours, ((signal.SIGTERM, 1.5), (signal.SIGKILL, 2.0)))
    return len(found)
