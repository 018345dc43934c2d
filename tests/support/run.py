"""The servers of one test run: started by whoever needs them first, stopped by whoever began it.

The controller (or the only process) makes a folder and hands its name to the workers; a file lock
decides who starts a part. Ctrl-C ends in `close` as well; what a killed run left behind is ended
and removed by the next one.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from campus.embedded import files
from campus.embedded.files import AlreadyRunning
from campus.embedded.objects import Objects
from campus.embedded.postgres import Postgres

PREFIX = "campus-run-"
PATIENCE_SECONDS = 10.0
MEMORY = Path("/dev/shm")
ROOM = 4 * 1024**3


class Run:
    """One run's folder and the parts that live in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self._held: list[Postgres | Objects] = []

    @classmethod
    def begin(cls) -> Run:
        """Make the folder of a new run; every account may pass through it."""
        sweep()
        name = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getuid()}-{os.getpid()}-", dir=_place())
        folder = Path(name)
        folder.chmod(0o711)
        files.prepare(folder / "home")
        return cls(folder)

    @contextmanager
    def turn(self, name: str) -> Iterator[Path]:
        """Only one process at a time is in here; yields the mark that says "done already"."""
        with (self.folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield self.folder / f"{name}.ready"

    def once(self, name: str, make: Callable[[], str]) -> str:
        """What ``make`` returned, whichever process of this run called it."""
        with self.turn(name) as mark:
            if not mark.exists():
                text = make()
                mark.write_text(text, "utf-8")
            return mark.read_text("utf-8")

    def postgres(self) -> Postgres:
        """The run's server, started if need be."""
        server = Postgres(self.home, durable=False)
        self.once("postgres", lambda: self._start(server))
        return server

    def objects(self) -> Objects:
        """The run's object store, started if need be."""
        store = Objects(self.home)
        self.once("objects", lambda: self._start(store))
        return Objects(self.home)

    def _start(self, part: Postgres | Objects) -> str:
        part.start()
        self._held.append(part)  # its lock is ours until this process ends
        return "started"

    def close(self) -> None:
        """Stop what any process of the run started and remove the folder."""
        for part in (*self._held, *self._left()):
            with contextlib.suppress(AlreadyRunning):
                _take_over(part)
                part.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _left(self) -> Iterator[Postgres | Objects]:
        if self._held:
            return
        if (self.folder / "objects.ready").exists():
            yield Objects(self.home)
        if (self.folder / "postgres.ready").exists():
            yield Postgres(self.home, durable=False)


def _take_over(part: Postgres | Objects) -> None:
    """A worker that is just ending still holds the lock for a moment."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            part.start()
        except AlreadyRunning:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def _place() -> str:
    """In memory if there is room (a copied database costs a fifth of the time), else on disk."""
    with contextlib.suppress(OSError):
        if os.access(MEMORY, os.W_OK | os.X_OK) and shutil.disk_usage(MEMORY).free > ROOM:
            return str(MEMORY)
    return tempfile.gettempdir()


def sweep() -> None:
    """End and remove the runs of this user whose process is gone; one sweeper at a time."""
    lock = Path(tempfile.gettempdir()) / f"{PREFIX}{os.getuid()}.lock"
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        for place in {tempfile.gettempdir(), str(MEMORY)}:
            for folder in Path(place).glob(f"{PREFIX}{os.getuid()}-*"):
                owner = re.match(rf"{PREFIX}\d+-(\d+)-", folder.name)
                if owner and not Path(f"/proc/{owner[1]}").exists():
                    Run(folder).close()
