"""/healthz, /metrics and the receiver of CSP reports."""

from __future__ import annotations

import threading
import time
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import lru_cache
from typing import Any

import gevent
import psycopg
from flask import Blueprint, Response, g, request
from gevent import monkey
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest
from sqlalchemy.exc import DBAPIError

from campus import db, storage, violations
from campus.engines import LOST
from campus.logs import log
from campus.permissions import public

blueprint = Blueprint("health", __name__)
REQUESTS = Histogram(
    "campus_request_seconds",
    "Time to answer, by route and status",
    ["route", "status"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
# How long an answer of the object store is told again: strangers may ask as often as they like.
OBJECTS_SECONDS = 3.0
REPORTS = Counter("campus_csp_reports", "Content-Security-Policy violations browsers reported")


def measured(response: Response) -> Response:
    """Observe one answer and write its log line: the route, never the address with its ids."""
    seconds = time.perf_counter() - g.started
    route = request.url_rule.rule if request.url_rule else "-"
    _series(route, response.status_code).observe(seconds)
    actor, school = g.get("actor"), g.get("school")
    log.info(
        "request",
        method=request.method,
        route=route,
        status=response.status_code,
        ms=round(seconds * 1000, 1),
        school=school.slug if school else None,
        account_id=actor.account_id if actor else None,
    )
    return response


@lru_cache(maxsize=4096)
def _series(route: str, status: int) -> Any:
    """One series of the histogram, which looks its own up under a lock."""
    return REQUESTS.labels(route, status)


@blueprint.get("/healthz")
@public("asked by whatever supervises this process; names no school and no person")
def healthz() -> Any:
    parts = {"database": _database(), "objects": _objects(), "web": "ok"}
    status = "ok" if set(parts.values()) == {"ok"} else "degraded"
    return {"status": status, "parts": parts}, 200 if parts["database"] == "ok" else 503


def _database() -> str:
    """Asked for a second at most: whoever supervises this process does not wait for longer."""
    found = "down"
    with suppress(*LOST, DBAPIError, psycopg.Error), _within_a_second():
        with db.transaction(read_only=True):
            found = "ok"
    return found


def _within_a_second() -> AbstractContextManager[object]:
    patched = monkey.is_module_patched("socket")
    return gevent.Timeout(1.0, False) if patched else nullcontext()


class Remembered:
    """What the store answered, asked anew by one caller at a time and at most every 3 seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: object = None
        self._until = 0.0
        self._found = False

    def healthy(self, store: storage.Storage) -> bool:
        """Whether ``store`` was healthy within the last seconds."""
        with self._lock:
            if self._of is not store or time.monotonic() >= self._until:
                self._found = store.healthy()
                self._of, self._until = store, time.monotonic() + OBJECTS_SECONDS
            return self._found


_remembered = Remembered()


def _objects() -> str:
    return "ok" if _remembered.healthy(storage.store()) else "down"


@blueprint.get("/metrics")
@public("scraped from inside; nginx keeps it from the outside")
def metrics() -> Response:
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


@blueprint.post("/csp-reports")
@public("browsers report policy violations without a session", most_bytes=violations.MOST_BYTES)
def csp_report() -> tuple[str, int]:
    REPORTS.inc()
    if violations.few.one_more() and (found := violations.told(request.get_data(cache=False))):
        log.warning("csp-report", **found)
    return "", 204
