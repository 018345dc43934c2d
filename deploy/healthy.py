"""The containers' health: ``healthy.py web`` asks /healthz, ``worker`` looks for its heartbeat."""

from __future__ import annotations

import sys
import urllib.error
import urllib.request

import psycopg
from sqlalchemy.engine import make_url

from campus.config import load

SECONDS = 4
LATEST_HEARTBEAT = """
SELECT EXISTS (
    SELECT FROM procrastinate_workers WHERE last_heartbeat > now() - interval '60 seconds'
)
"""


def web() -> bool:
    """Whether the web process answers; a dead database is no reason to call it ill."""
    address = f"http://127.0.0.1:{load().port}/healthz"
    try:
        with urllib.request.urlopen(address, timeout=SECONDS) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError as error:
        return error.code == 503


def worker() -> bool:
    """Whether a worker has said within a minute that it lives."""
    url = make_url(load().worker_database_url).set(drivername="postgresql")
    plain = url.render_as_string(hide_password=False)
    with psycopg.connect(plain, connect_timeout=SECONDS) as connection:
        row = connection.execute(LATEST_HEARTBEAT).fetchone()
        return bool(row and row[0])


if __name__ == "__main__":
    sys.exit(0 if {"web": web, "worker": worker}[sys.argv[1]]() else 1)
