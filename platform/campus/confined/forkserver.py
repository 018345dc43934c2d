"""The fork server: it loads readers and forks a child for each file; it never reads one itself.

It is started with an empty environment and one descriptor, the socket its orders come by; when
that closes, it ends. An order names a module, whose ``work`` the child calls, and brings a socket:
the file comes in by it and the answer goes out.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import resource
import signal
import socket
import sys
import traceback
from typing import Any

ORDERS = 0  # standard input
MOST_ORDER = 64 * 1024
MOST_FILES = 32


def main() -> None:
    """Serve orders until whoever gives them is gone."""
    signal.signal(signal.SIGCHLD, _bury)
    orders = socket.socket(fileno=ORDERS)
    while True:
        message, files, _, _ = socket.recv_fds(orders, MOST_ORDER, 1)
        if not message:
            return
        try:
            order = json.loads(message)
            module = importlib.import_module(order["module"])  # before the fork: loaded once
            if os.fork() == 0:
                _serve(module, files[0], order)
        except Exception:
            traceback.print_exc(file=sys.stderr)
        for file in files:
            os.close(file)


def _bury(*_: Any) -> None:
    """Collect the children that have ended, and with them what they used."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _serve(module: Any, file: int, order: dict[str, Any]) -> None:
    """In the child: its bounds first, then the file; only a whole answer ends with the mark."""
    try:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nowhere, standard)
        confine(**order["bounds"])
        with socket.socket(fileno=file) as job, job.makefile("rwb") as stream:
            module.work(stream, stream, order["settings"])
            stream.write(bytes.fromhex(order["mark"]))
            stream.flush()
    finally:
        os._exit(0)


def confine(memory: int, seconds: int, patience: float, **_: Any) -> None:
    """Bind this process: bytes of memory, seconds of processor and of clock, no file written."""
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, MOST_FILES),
    ):
        resource.setrlimit(what, (most, most))
    signal.setitimer(signal.ITIMER_REAL, patience)  # nobody catches SIGALRM: it ends the process
