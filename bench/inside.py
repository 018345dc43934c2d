"""One page from inside: its SQL statements, and by `python -m bench.inside` where its CPU goes.

Runs in a process of its own (`count` starts it), so that what it wraps is nobody else's.
"""

from __future__ import annotations

import cProfile
import json
import pstats
import subprocess
import sys
import time
from typing import Any

import psycopg

from bench.page import CLASS_PAGE
from bench.seed import TEACHER_COOKIE
from bench.stack import Stack
from campus import wire

WARM = 30
TIMES = 200


def count(stack: Stack) -> list[str]:
    """The statements of one class page, BEGIN and COMMIT among them."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.inside", "count"],
        check=True,
        capture_output=True,
        env=stack.environment(),
        timeout=60,
    )
    return [str(line) for line in json.loads(done.stdout.splitlines()[-1])]


def _statements(client: Any, path: str) -> list[str]:
    said: list[str] = []
    execute = psycopg.Cursor.execute
    send = wire._send

    def heard(self: Any, query: Any, *arguments: Any, **options: Any) -> Any:
        text = query.decode() if isinstance(query, bytes) else str(query)
        said.append(" ".join(text.split())[:90])
        return execute(self, query, *arguments, **options)

    def sent(driver: Any, transformer: Any, asks: Any, **options: Any) -> Any:
        said.extend(" ".join(ask.text.decode().split())[:90] for ask in asks)
        return send(driver, transformer, asks, **options)

    psycopg.Cursor.execute = heard  # type: ignore[method-assign]
    wire._send = sent
    _get(client, path)
    return said


def _get(client: Any, path: str) -> None:
    cookie = TEACHER_COOKIE.partition("=")[2]
    client.set_cookie("sid", cookie, domain="localhost", path="/")
    answer = client.get(path, headers={"Accept": "text/html", "Accept-Encoding": "gzip"})
    assert answer.status_code == 200, answer.status


def _profile(client: Any, path: str) -> None:
    began = time.process_time()
    for _ in range(TIMES):
        _get(client, path)
    sys.stdout.write(f"{(time.process_time() - began) * 1000 / TIMES:.2f} ms CPU in the process\n")
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(TIMES):
        _get(client, path)
    profile.disable()
    stats = pstats.Stats(profile)
    stats.sort_stats("cumulative").print_stats("campus|tenants|templates|gzip|structlog", 60)
    stats.sort_stats("tottime").print_stats(40)


def main(what: str, path: str = CLASS_PAGE) -> None:
    """`count` prints the statements as JSON, `profile` where the time goes."""
    from wsgi import app  # noqa: PLC0415  needs the environment `count` has made

    client = app.test_client()
    for _ in range(WARM):
        _get(client, path)
    if what == "count":
        sys.stdout.write(json.dumps(_statements(client, path)) + "\n")
    else:
        _profile(client, path)


if __name__ == "__main__":
    main(*sys.argv[1:])
