"""The pool: a few children at once, each for one file."""

from __future__ import annotations

import atexit
import json
import os
import secrets
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from campus import holding
from campus.errors import Unavailable

AT_ONCE = 3
# One kind of work leaves a place for the others: two large rosters stop no photo.
AT_ONCE_OF_A_KIND = 2
WAIT_SECONDS = 15.0
SOURCE = Path(__file__).resolve().parents[2]
BOOT = "import sys; sys.path[:0] = sys.argv[1:];from campus.confined.forkserver import main; main()"
CHUNK = 256 * 1024
TOO_BUSY = "现在处理的文件太多，没有轮到这一个：请过几秒再试。"


class Fell(Exception):
    """The child gave no whole answer: its limits or a fault of its reader ended it."""


class TookTooLong(Fell):
    """It was ended by the clock."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one child may use: bytes of memory and answer, seconds of processor and clock."""

    memory: int
    seconds: int
    patience: float
    answer: int


class Pool:
    """One fork server and the places for its children. ``folders`` hold what they may import."""

    def __init__(self, *folders: Path) -> None:
        self._folders = [str(folder) for folder in (SOURCE, *folders)]
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(AT_ONCE)
        self._of_a_kind: dict[str, threading.BoundedSemaphore] = {}
        self._server: subprocess.Popen[bytes] | None = None
        self._orders: socket.socket | None = None
        self._owner = 0

    def run(self, module: str, data: bytes, settings: dict[str, Any], bounds: Bounds) -> bytes:
        """What ``work`` of ``module`` (an importable name) answers about ``data``.

        Raises Fell, or Unavailable when no place became free for a quarter of a minute.
        """
        holding.check_released("work in a child process")
        with self._place(module):
            mark = secrets.token_bytes(16)
            order = {"module": module, "settings": settings, "bounds": asdict(bounds)}
            until = monotonic() + bounds.patience
            with self._ordered(order | {"mark": mark.hex()}) as job:
                said = _talk(job, data, until, bounds.answer + len(mark))
        if said.endswith(mark):
            return said[: -len(mark)]
        raise TookTooLong if monotonic() >= until else Fell

    @contextmanager
    def _place(self, module: str) -> Iterator[None]:
        kind = self._of_a_kind.setdefault(module, threading.BoundedSemaphore(AT_ONCE_OF_A_KIND))
        for places in (kind, self._places):
            if not places.acquire(timeout=WAIT_SECONDS):
                if places is not kind:
                    kind.release()
                raise Unavailable(TOO_BUSY, retry_after=5)
        try:
            yield
        finally:
            self._places.release()
            kind.release()

    def _ordered(self, order: dict[str, Any]) -> socket.socket:
        """Our end of the socket to a new child. A fork server that has died is replaced."""
        ours, theirs = socket.socketpair()
        message = json.dumps(order).encode()
        with theirs, self._lock:
            try:
                socket.send_fds(self._running(), [message], [theirs.fileno()])
            except OSError:
                self.close()
                socket.send_fds(self._running(), [message], [theirs.fileno()])
        return ours

    def _running(self) -> socket.socket:
        if self._orders is None or self._owner != os.getpid():
            self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                self._server = subprocess.Popen(  # noqa: S603 - our own program
                    [sys.executable, "-I", "-c", BOOT, *self._folders],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    env={},
                    close_fds=True,
                    start_new_session=True,
                )
            self._owner = os.getpid()
        return self._orders

    def close(self) -> None:
        """End the fork server of this process, if there is one; the next order starts another."""
        if self._orders is not None and self._owner == os.getpid():
            self._orders.close()
            if self._server is not None:
                self._server.kill()
                self._server.wait()
        self._orders = None


def _talk(job: socket.socket, data: bytes, until: float, most: int) -> bytes:
    """Send the file, then hear the child out: to its end, the clock's, or ``most`` bytes."""
    heard = bytearray()
    try:
        job.settimeout(max(until - monotonic(), 0.01))
        job.sendall(data)
        job.shutdown(socket.SHUT_WR)
        while len(heard) <= most:
            # Half a second more than the child has: its own alarm comes first.
            job.settimeout(max(until + 0.5 - monotonic(), 0.01))
            part = job.recv(CHUNK)
            if not part:
                break
            heard += part
    except OSError:  # it has ended, or sits in silence
        return b""
    return bytes(heard)


pool = Pool()
run = pool.run
atexit.register(pool.close)
