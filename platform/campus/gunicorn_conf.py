"""gunicorn's settings, for `dev` and for production alike.

gevent patches first of all: psycopg and urllib3 decide when they are imported whether to wait the
cooperative way, and gunicorn reads this file before it imports the app.
"""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

import gc  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

import gunicorn.http.wsgi  # noqa: E402

from campus import doctor, realtime  # noqa: E402
from campus.config import load  # noqa: E402

# No version for strangers: the name alone.
gunicorn.http.wsgi.SERVER = "campus"

_host = os.environ.get("HOST") or "127.0.0.1"
_port = os.environ.get("PORT") or "8000"

chdir = str(Path(__file__).resolve().parents[2])
bind = [f"[{_host}]:{_port}" if ":" in _host else f"{_host}:{_port}"]
worker_class = "gevent"
workers = int(os.environ.get("WEB_CONCURRENCY") or "1")
# Open sockets of one worker: a school's phones, each with one websocket.
worker_connections = 10_000
# The app writes one structured line per request itself.
accesslog = None
errorlog = "-"
loglevel = "warning"
proc_name = "campus-web"
# A worker whose loop stands still for this many seconds is replaced.
timeout = 30
graceful_timeout = 3
keepalive = 30
# Heartbeat files on a disk that may be full or slow would get healthy workers killed.
worker_tmp_dir = "/dev/shm" if sys.platform == "linux" and os.access("/dev/shm", os.W_OK) else None  # noqa: S108
control_socket_disable = True


def on_starting(_: Any) -> None:
    """Refuse to serve an installation that is not safe, before a worker exists."""
    doctor.check_or_exit(load())


def post_worker_init(worker: Any) -> None:
    """Begin the heartbeats, the outbox and the listener of this web process."""
    realtime.start_background(worker.wsgi)
    # What was loaded stays for good: the collector would walk all of it again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
