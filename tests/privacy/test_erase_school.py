"""A school goes: everything of it, nothing of the neighbour, and what is left names nobody."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import func, select

from campus import db, jobs
from campus.audit import AuditEntry
from campus.embedded.postgres import Postgres
from campus.errors import Conflict
from campus.realtime.links import Link
from tenants.people.models import Pupil
from tenants.privacy.leave import erase_school
from tests.privacy.test_erase import (
    asked,
    rows_of,
    school_rows,
    second_admin,
    text_of,
)
from tests.privacy.test_suspend import commands, links
from tests.rules import catalogue
from tests.support.canary import leaks
from tests.support.client import PageClient
from tests.support.databases import superuser
from tests.support.memory_store import MemoryStore
from tests.support.seed import Seed

ClientOf = Callable[[str], PageClient]
__all__ = ["commands", "links", "second_admin"]  # fixtures of the neighbours


def agreed_school(seed: Seed, client_of: ClientOf, second: str) -> None:
    task_id = asked(seed, kind="erase-school", reason="contract")
    client_of(second).post(f"/takeaway/going/{task_id}/confirmation")


def test_a_school_goes_and_the_other_is_byte_identical(
    client_of: ClientOf,
    seed: Seed,
    second_admin: str,
    objects_of_seed: MemoryStore,
    server: Postgres,
    fresh: str,
    links: dict[str, Link],
    log_lines: list[str],
) -> None:
    """0 rows, 0 objects, 0 sockets, 0 job arguments of A; every row and object of B as it was."""
    a, b = seed.schools["a"], seed.schools["b"]
    agreed_school(seed, client_of, second_admin)
    rows, pupils = school_rows(server, fresh, b.id), pupils_of(a.id)
    objects = {key: objects_of_seed.get(b.id, key) for key, _ in objects_of_seed.keys(b.id)}
    accounts = _accounts_of_b(server, fresh, seed)
    made = erase_school(server.url("migrator", fresh), slug=a.slug)
    assert {name: text for name, text in school_rows(server, fresh, a.id).items() if text} == {}
    assert list(objects_of_seed.keys(a.id)) == []
    assert school_rows(server, fresh, b.id) == rows
    assert {key: objects_of_seed.get(b.id, key) for key in objects} == objects
    assert _accounts_of_b(server, fresh, seed) == accounts
    for name, text in text_of(server, fresh).items():
        assert not leaks(text, [*a.marks, a.slug]), name
        assert not leaks(text, [p.phone for p in seed.people.values() if p.school == "a"]), name
    assert links["guardian"].engine.closed
    assert not links["guardian_b"].engine.closed
    assert made["counts"]["pupil"] == pupils
    assert made["counts"]["school"] == 1
    client_of("guardian_b").get("/home")
    client_of("anonymous").get("/s/jiaxiao/login", 404)


def _accounts_of_b(server: Postgres, database: str, seed: Seed) -> str:
    numbers = [p.account_id for p in seed.people.values() if p.school == "b"]
    with superuser(server, database) as connection:
        return rows_of(connection, "account", f"id IN ({','.join(map(str, numbers))})")


def test_the_guards_stand_afterwards(
    client_of: ClientOf,
    seed: Seed,
    second_admin: str,
    objects_of_seed: MemoryStore,
    server: Postgres,
    fresh: str,
) -> None:
    """Triggers on, policies forced, and the log of B refuses the worker and the owner."""
    agreed_school(seed, client_of, second_admin)
    erase_school(server.url("migrator", fresh), slug="jiaxiao")
    with superuser(server, fresh) as connection:
        assert catalogue.catalogue_problems(connection) == []
        off = connection.execute(
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'O'"
        ).fetchall()
        assert off == []
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            connection.execute("DELETE FROM audit_entry")


def test_what_stays_of_the_log_names_nobody(
    client_of: ClientOf,
    seed: Seed,
    second_admin: str,
    objects_of_seed: MemoryStore,
    server: Postgres,
    fresh: str,
) -> None:
    """Time, action and a mark whose key is gone; removed after at least six months."""
    agreed_school(seed, client_of, second_admin)
    with db.transaction(school_id=seed.schools["a"].id) as session:
        lines = session.scalar(select(func.count()).select_from(AuditEntry)) or 0
    erase_school(server.url("migrator", fresh), slug="jiaxiao")
    with superuser(server, fresh) as connection:
        kept = connection.execute(
            "SELECT count(*), min(keep_until) - now(), max(length(who)) FROM sealed_line"
        ).fetchone()
        assert kept is not None
        assert kept[0] >= lines
        assert kept[1] > timedelta(days=180)
        assert kept[2] == 16
        connection.execute("UPDATE sealed_line SET keep_until = now() - interval '1 day'")
    jobs.perform(jobs.JOBS["takeaway.unseal"], {})
    with superuser(server, fresh) as connection:
        assert connection.execute("SELECT count(*) FROM sealed_line").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM erasure_certificate").fetchone() == (1,)


def test_nobody_asked_nothing_goes(
    seed: Seed, fresh: str, objects_of_seed: MemoryStore, server: Postgres
) -> None:
    with pytest.raises(Conflict, match="两位管理员"):
        erase_school(server.url("migrator", fresh), slug="jiaxiao")
    assert pupils_of(seed.schools["a"].id) >= 3


def pupils_of(school_id: int) -> int:
    with db.transaction(school_id=school_id) as session:
        return session.scalars(select(func.count()).select_from(Pupil)).one()


def test_pages_and_the_worker_cannot(
    seed: Seed, fresh: str, server: Postgres, objects_of_seed: MemoryStore
) -> None:
    """Only the migrator may take the owner's hat; nothing is touched before that is known."""
    before = set(objects_of_seed.keys(seed.schools["a"].id))
    for role in ("web", "worker"):
        with pytest.raises(Exception, match="permission denied"):
            erase_school(server.url(role, fresh), slug="jiaxiao", reason="contract")
    assert set(objects_of_seed.keys(seed.schools["a"].id)) == before


def test_from_a_shell(
    commands: Any,
    seed: Seed,
    fresh: str,
    server: Postgres,
    objects_of_seed: MemoryStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The name twice, then a certificate to print and one for programs."""
    out = tmp_path / "certificate.html"
    words = ("school", "erase", "jiaxiao", "--certificate", str(out), "--reason", "contract")
    assert commands(*words, "--confirm", "yixiao").exit_code == 2
    done = commands(*words, "--confirm", "jiaxiao")
    assert done.exit_code == 0, done.output
    made = json.loads(out.with_suffix(".json").read_text("utf-8"))
    page = out.read_text("utf-8")
    assert made["number"] in page
    assert made["sha256"] in page
    assert "data:text/css" in page
    assert out.stat().st_mode & 0o077 == 0
