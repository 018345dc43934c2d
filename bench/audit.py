"""`audit verify`: a school's whole log read again, beside a plain read of the same rows with HMAC.

The floor joins seals and lines, fetches them as they are and hashes as many bytes; it neither makes
the canonical text nor looks for lines outside the chain.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Iterator

import psycopg

from bench import proc
from bench.stack import Stack
from campus import crypto, db
from campus.actor import Actor
from campus.audit.chain import BATCH, audit_keys, seal_batch
from campus.audit.verify import verify
from campus.config import Config
from campus.schools.actions import open_school

Figures = Iterator[tuple[str, float, str, float, float, bool]]
LINES = 100_000
LEAST = 50_000.0
LEAST_SHARE = 0.4
DATABASE = "campus_audit"
FILL = """
INSERT INTO audit_entry (school_id, account_id, action, object_kind, object_id, detail, request_id,
                         at)
SELECT %s, n %% 300, (ARRAY['look', 'classes.praise', 'messages.send'])[n %% 3 + 1], 'pupil',
       n %% 2000, jsonb_build_object('pupils', n %% 45, 'kind', 'study-speak'), md5(n::text),
       now() - n * interval '1 second'
FROM generate_series(1, %s) n
"""
PLAIN = """
SELECT s.seq, s.entry_id, s.hash, e.at, e.account_id, e.action, e.object_kind, e.object_id,
       e.detail::text, e.request_id
FROM audit_seal s JOIN audit_entry e ON e.school_id = s.school_id AND e.id = s.entry_id
WHERE s.school_id = %s ORDER BY s.seq
"""


def measure(made: Stack) -> Figures:
    """Lines verified per second, and per second of processor beside the floor."""
    superuser = made.database(DATABASE)
    db.connect(made.postgres.url("web", DATABASE), pool_size=2)
    db.connect(made.postgres.url("worker", DATABASE), pool_size=2, role="worker")
    crypto.configure(Config(secret_key="bench-secret-bench-secret-bench-secret"))
    try:
        school = _filled(superuser)
        runs = [(_spent(made, _verify, school), _spent(made, _floor, school)) for _ in range(3)]
        ours, floor = min(one for one, _ in runs), min(one for _, one in runs)
        rate = LINES / ours[0]
        yield "audit_verify", rate, "1/s", LEAST, rate / LEAST, rate >= LEAST
        share = floor[1] / ours[1]
        yield (
            "audit_verify_per_cpu",
            *(LINES / ours[1], "1/s", LINES / floor[1], share, share >= LEAST_SHARE),
        )
    finally:
        db.disconnect("web")
        db.disconnect("worker")


def _filled(superuser: str) -> int:
    """A school whose log has many lines, all of them sealed."""
    with db.transaction():
        school = open_school(Actor.system(), name="尺小学", slug="audit", short_name="尺").id
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute(FILL, (school, LINES))
        connection.execute("ANALYZE")
    sealed = BATCH
    while sealed == BATCH:
        with db.transaction(school_id=school, role="worker"):
            sealed = seal_batch(school)
    return school


def _spent(made: Stack, work: Callable[[int], None], school: int) -> tuple[float, float]:
    """Seconds by the clock, and of processor here and in PostgreSQL."""
    cpu, began = time.process_time() + proc.cpu_seconds(made.postmaster), time.monotonic()
    work(school)
    spent = time.monotonic() - began
    return spent, time.process_time() + proc.cpu_seconds(made.postmaster) - cpu


def _verify(school: int) -> None:
    with db.transaction(school_id=school, read_only=True):
        found = verify(db.unit().driver, school)
    assert found.bad is None and found.lines > LINES, found


def _floor(school: int) -> None:
    key, last = audit_keys(school)[0], b""
    with db.transaction(school_id=school, read_only=True):
        rows = db.unit().driver.cursor(binary=True).execute(PLAIN, (school,)).fetchall()
        for row in rows:
            line = f"{row[4]}{row[5]}{row[6]}{row[7]}{row[8]}{row[9]}"
            last = hmac.digest(key, last + line.encode(), "sha256")
    assert len(rows) > LINES
