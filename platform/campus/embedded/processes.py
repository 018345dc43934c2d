"""Processes and ports of this machine: who is running, is it ours, which port is free."""

from __future__ import annotations

import contextlib
import ctypes
import os
import random
import signal
import socket
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

Condition = Callable[[], bool]
PROC = Path("/proc")
# Below the range the kernel hands to outgoing connections, so a remembered port stays ours.
PORTS = range(20000, 22000)
_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1


def pids() -> Iterator[int]:
    """Every process of this machine."""
    for entry in PROC.iterdir():
        if entry.name.isascii() and entry.name.isdigit():
            yield int(entry.name)


def is_running(pid: int) -> bool:
    """Whether ``pid`` exists and is no zombie (a zombie answers signals, but serves nobody)."""
    folder = PROC / str(pid)
    try:
        stat = (folder / "stat").read_text("utf-8", "replace")
        # The name stands in brackets and may hold anything; the state follows the last bracket.
        dead = stat.rpartition(")")[2].split()[0] in {"Z", "X"}
        # While threads of a killed process are still ending, its ports are still taken.
        return not dead or len(list((folder / "task").iterdir())) > 1
    except OSError:
        return False


def command_line(pid: int) -> list[str]:
    """The arguments of ``pid``; empty when it is gone, a zombie or a kernel thread."""
    try:
        raw = (PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return []
    return raw.decode("utf-8", "replace").rstrip("\0").split("\0") if raw else []


def environment(pid: int) -> dict[str, str]:
    """The environment ``pid`` was started with; empty when it is gone or another user's."""
    try:
        raw = (PROC / str(pid) / "environ").read_bytes()
    except OSError:
        return {}
    pairs = (item.partition("=") for item in raw.decode("utf-8", "replace").split("\0"))
    return {name: value for name, _, value in pairs if name}


def let_die(pid: int, seconds: float = 2.0) -> None:
    """Wait for a killed ``pid`` to be gone: it loses its command line first and its ports last."""
    wait_for(lambda: not is_running(pid) or bool(command_line(pid)), seconds)


def end(
    pid: int,
    ours: Callable[[int], bool],
    signals: Collection[tuple[signal.Signals, float]] = (
        (signal.SIGTERM, 4.0),
        (signal.SIGKILL, 2.0),
    ),
) -> bool:
    """Send the signals in turn, each followed by its wait in seconds; True once ``pid`` is gone.

    ``ours`` is asked after the process has been pinned by a descriptor, so a pid that is reused in
    between cannot send the signal to a stranger.
    """
    try:
        handle = os.pidfd_open(pid)
    except OSError:
        return True
    try:
        if not is_running(pid) or not ours(pid):
            return True
        for number, seconds in signals:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, number)
            if wait_for(lambda: not is_running(pid), seconds):
                return True
        return False
    finally:
        os.close(handle)


def wait_for(condition: Condition, seconds: float, pause: float = 0.02) -> bool:
    """Ask ``condition`` until it holds; False when ``seconds`` went by first."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def port_is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen on ``host:port`` now. Raises OSError for an unknown host."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As servers do: connections of a dead server in TIME_WAIT must not look like a server.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except (OSError, OverflowError):
            return False
    return True


def choose_port(preferred: object = None, avoid: Collection[int] = (), also: int = 0) -> int:
    """A free loopback port, ``preferred`` if it is one. ``also``: port + also must be free too."""

    def usable(port: int) -> bool:
        taken = port in avoid or port + also in avoid
        return not taken and port_is_free(port) and (not also or port_is_free(port + also))

    if isinstance(preferred, int) and 1024 <= preferred <= 65535 and usable(preferred):
        return preferred
    for port in random.sample(PORTS, 200):
        if usable(port):
            return port
    raise OSError("no free port between 20000 and 22000")


def die_with_parent() -> None:
    """Have the kernel send us SIGTERM when the thread that started us dies."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
