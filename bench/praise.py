"""From the teacher's tap to the parent's screen, with 500 families connected.

The clock starts as the POST leaves the teacher's browser and stops when the parent's browser has
(i) the hint, (ii) the changed record over HTTP.
"""

from __future__ import annotations

import http.client
import json
import random
import re
import subprocess
import sys
import threading
import time
import urllib.parse
import uuid
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from bench.page import CLASS_PAGE
from bench.seed import PUPILS, TEACHER_COOKIE
from bench.stack import ROOT, Server, Stack

SOCKETS = 500
PRAISES = 240
A_SECOND = 10.0
CSRF = re.compile(r'<meta name="csrf-token" content="([^"]+)"')
KINDS = ("moral-help", "study-speak", "health-brave", "art-sing", "labour-team")


class Teacher:
    """One signed-in teacher with a keep-alive connection and the page's token."""

    def __init__(self, server: Server) -> None:
        self.http = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        self.http.request("GET", CLASS_PAGE, headers={"Cookie": TEACHER_COOKIE})
        found = CSRF.search(self.http.getresponse().read().decode())
        assert found, "the class page carries no token"
        self.token = found[1]

    def praise(self, pupil: int) -> float:
        """Praise one child of class 1; when the POST began. Raises ValueError when refused."""
        kind = random.choice(KINDS)
        form = {
            "csrf_token": self.token,
            "pupil_id": pupil,
            "area": kind.partition("-")[0],
            "kind": kind,
            "comment": "",
            "idempotency_key": uuid.uuid4().hex,
        }
        headers = {
            "Cookie": TEACHER_COOKIE,
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        }
        began = time.monotonic()
        self.http.request(
            "POST", f"{CLASS_PAGE}/praise", urllib.parse.urlencode(form), headers=headers
        )
        answer = self.http.getresponse()
        said = answer.read()
        if answer.status != 201:
            raise ValueError(f"praise answered {answer.status}: {said[:200]!r}")
        return began


def measure(stack: Stack) -> dict[str, float]:
    """p50 and p99 in ms of hint and fetch, and how many praises nobody heard of."""
    server = stack.serve()
    with _families(server) as heard:
        teacher = Teacher(server)
        for pupil in random.sample(range(1, PUPILS + 1), 10):
            teacher.praise(pupil)
            time.sleep(0.1)
        time.sleep(1.0)
        began = _praise_many(teacher)
        time.sleep(1.5)
    stack.stop_server(server)
    return _figures(began, heard)


def _praise_many(teacher: Teacher) -> list[tuple[int, float]]:
    """Praise at random moments, about ten a second."""
    began = []
    for _ in range(PRAISES):
        pupil = random.randint(1, PUPILS)
        began.append((pupil, teacher.praise(pupil)))
        time.sleep(random.expovariate(A_SECOND))
    return began


@contextmanager
def _families(server: Server) -> Iterator[list[dict[str, float]]]:
    """The sockets' process; what it hears is appended to the list."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.sockets", str(server.port), str(SOCKETS)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stdin is not None
    heard: list[dict[str, float]] = []
    if process.stdout.readline().strip() != "connected":
        process.kill()
        raise RuntimeError("the families' sockets did not connect")
    lines = process.stdout
    reader = threading.Thread(target=lambda: heard.extend(map(json.loads, lines)), daemon=True)
    reader.start()
    try:
        yield heard
    finally:
        process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
        reader.join(2)


def _figures(began: list[tuple[int, float]], heard: list[dict[str, float]]) -> dict[str, float]:
    answers: dict[int, list[dict[str, float]]] = defaultdict(list)
    for one in heard:
        answers[int(one["pupil"])].append(one)
    hints, fetches = [], []
    for pupil, at in began:
        first = next((one for one in answers[pupil] if one["hint"] > at), None)
        if first is not None:
            hints.append((first["hint"] - at) * 1000)
            fetches.append((first["fetched"] - at) * 1000)
    hints.sort()
    fetches.sort()
    return {
        "lost": float(len(began) - len(hints)),
        "hint_p50": hints[len(hints) // 2],
        "hint_p99": hints[len(hints) * 99 // 100],
        "shown_p50": fetches[len(fetches) // 2],
        "shown_p99": fetches[len(fetches) * 99 // 100],
    }
