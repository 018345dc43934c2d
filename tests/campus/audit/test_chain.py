"""Whatever a superuser does to the log behind the triggers' back, reading it again shows."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from campus import audit, crypto, db, jobs
from campus.actor import Actor
from campus.audit.chain import seal, waiting
from campus.audit.models import AuditEntry, AuditHead, AuditPending, AuditSeal
from campus.audit.verify import Verdict, verify
from campus.embedded.postgres import Postgres
from tests.conftest import config_of
from tests.support.databases import superuser
from tests.support.seed import Seed

LINES = 120
ATTACKS = 2_000
Cursor = psycopg.Connection[Any]


@pytest.fixture(autouse=True)
def secret() -> None:
    crypto.configure(config_of())


def write(school_id: int, lines: int) -> None:
    with db.transaction(school_id=school_id):
        for number in range(lines):
            audit.record(
                Actor.system(school_id), f"test.line-{number % 7}", "pupil", number, n=number
            )


def seal_all() -> None:
    with db.transaction(role="worker"):
        schools = waiting()
    for school_id in schools:
        jobs.perform(seal, {"school_id": school_id})


@pytest.fixture
def log(fresh: str, seed: Seed) -> tuple[int, int]:
    """Two schools with sealed logs; their ids."""
    a, b = (seed.schools[key].id for key in "ab")
    for school_id in (a, b):
        write(school_id, LINES)
    seal_all()
    return a, b


@pytest.fixture
def root(fresh: str, server: Postgres) -> Iterator[Cursor]:
    """A superuser for whom no trigger runs."""
    with superuser(server, fresh) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection


def checked(school_id: int) -> Verdict:
    with db.transaction(school_id=school_id, read_only=True):
        return verify(db.unit().driver, school_id)


def test_an_honest_log_is_whole(log: tuple[int, int]) -> None:
    for school_id in log:
        found = checked(school_id)
        assert found.bad is None
        assert found.lines > LINES
        assert found.waiting == 0
        with db.transaction(school_id=school_id) as session:
            lines = session.scalar(select(func.count()).select_from(AuditEntry))
            seqs = list(session.scalars(select(AuditSeal.seq).order_by(AuditSeal.seq)))
            head = session.scalars(select(AuditHead)).one()
        assert seqs == list(range(1, (lines or 0) + 1)), "no gap, every line once"
        assert head.hash.hex() == found.head


def test_what_waits_is_whole_too(log: tuple[int, int]) -> None:
    write(log[0], 3)
    found = checked(log[0])
    assert (found.bad, found.waiting) == (None, 3)
    seal_all()
    assert checked(log[0]).lines == found.lines + 3


def test_a_rolled_back_line_leaves_no_hole(log: tuple[int, int]) -> None:
    before = checked(log[0]).lines
    with pytest.raises(RuntimeError), db.transaction(school_id=log[0]):
        audit.record(Actor.system(log[0]), "test.never", "pupil", 1)
        raise RuntimeError
    write(log[0], 1)
    seal_all()
    assert checked(log[0]).lines == before + 1
    assert checked(log[0]).bad is None


def test_sealing_twice_is_once(log: tuple[int, int]) -> None:
    before = checked(log[0])
    jobs.perform(seal, {"school_id": log[0]})
    assert checked(log[0]) == before


class Attack:
    """One random crime, done as superuser with the triggers off."""

    def __init__(self, root: Cursor, dice: random.Random, a: int, b: int) -> None:
        self.root, self.dice, self.a, self.b = root, dice, a, b
        rows = root.execute(
            "SELECT entry_id FROM audit_seal WHERE school_id = %s ORDER BY seq", (a,)
        )
        self.entries = [row[0] for row in rows]

    def commit(self) -> str:
        crime = self.dice.choice(
            [
                self.edit,
                self.delete,
                self.swap,
                self.swap_seals,
                self.cut,
                self.splice,
                self.slip_in,
            ]
        )
        crime()
        return crime.__name__

    def do(self, statement: str, *values: Any) -> None:
        self.root.execute(statement.encode(), values)

    def two(self) -> list[int]:
        return self.dice.sample(self.entries, 2)

    def edit(self) -> None:
        change = self.dice.choice(
            [
                "action = action || 'x'",
                "object_id = coalesce(object_id, 0) + 1",
                "account_id = coalesce(account_id, 0) + 1",
                "at = at + interval '1 microsecond'",
                "detail = detail || '{\"n\": -1}'",
                "detail = '{}'::jsonb || jsonb_build_object('x', random())",
                "request_id = request_id || '0'",
                "object_kind = 'staff-' || object_kind",
            ]
        )
        one = self.dice.choice(self.entries)
        self.do(f"UPDATE audit_entry SET {change} WHERE school_id = %s AND id = %s", self.a, one)

    def delete(self) -> None:
        one = self.dice.choice(self.entries)
        self.do("DELETE FROM audit_entry WHERE school_id = %s AND id = %s", self.a, one)
        if self.dice.random() < 0.5:
            self.do("DELETE FROM audit_seal WHERE school_id = %s AND entry_id = %s", self.a, one)

    def swap(self) -> None:
        one, other = self.two()
        for old, new in ((one, -1), (other, one), (-1, other)):
            self.do(
                "UPDATE audit_entry SET id = %s WHERE school_id = %s AND id = %s", new, self.a, old
            )

    def swap_seals(self) -> None:
        one, other = self.two()
        for old, new in ((one, -1), (other, one), (-1, other)):
            self.do(
                "UPDATE audit_seal SET entry_id = %s WHERE school_id = %s AND entry_id = %s",
                new,
                self.a,
                old,
            )

    def cut(self) -> None:
        """The newest lines with their seals; sometimes the head is moved to fit, unsigned."""
        keep = self.dice.randrange(len(self.entries))
        gone = self.entries[keep:]
        self.do("DELETE FROM audit_seal WHERE school_id = %s AND seq > %s", self.a, keep)
        self.do("DELETE FROM audit_entry WHERE school_id = %s AND id = ANY(%s)", self.a, gone)
        if self.dice.random() < 0.5:
            self.do(
                "UPDATE audit_head SET (seq, hash) = (SELECT seq, hash FROM audit_seal s"
                " WHERE s.school_id = audit_head.school_id ORDER BY seq DESC LIMIT 1)"
                " WHERE school_id = %s"
                " AND EXISTS (SELECT FROM audit_seal s WHERE s.school_id = %s)",
                self.a,
                self.a,
            )
        elif self.dice.random() < 0.2:
            self.do("DELETE FROM audit_head WHERE school_id = %s", self.a)
            if keep == 0:  # then nothing is left but the school itself: the head alone would tell
                self.do("DELETE FROM audit_pending WHERE school_id = %s", self.a)

    def splice(self) -> None:
        """A line of the other school, with or without its seal, in the place of one of this."""
        seq = self.dice.randrange(1, len(self.entries) + 1)
        one = self.entries[seq - 1]
        self.do("DELETE FROM audit_entry WHERE school_id = %s AND id = %s", self.a, one)
        self.do(
            "INSERT INTO audit_entry OVERRIDING SYSTEM VALUE"
            " SELECT %s, %s, at, account_id, action, object_kind,"
            " object_id, detail, request_id FROM audit_entry JOIN audit_seal s USING (school_id)"
            " WHERE school_id = %s AND s.seq = %s AND s.entry_id = id",
            self.a,
            one,
            self.b,
            seq,
        )
        if self.dice.random() < 0.5:
            self.do(
                "UPDATE audit_seal SET hash ="
                " (SELECT hash FROM audit_seal WHERE school_id = %s AND seq = %s)"
                " WHERE school_id = %s AND seq = %s",
                self.b,
                seq,
                self.a,
                seq,
            )

    def slip_in(self) -> None:
        self.do(
            "INSERT INTO audit_entry (school_id, action, object_kind, request_id)"
            " VALUES (%s, 'x', 'x', '')",
            self.a,
        )


def test_two_thousand_crimes_are_all_seen(log: tuple[int, int], root: Cursor) -> None:
    """Edits, deletions, swaps, tail cuts, splices from the other school, lines slipped in."""
    dice = random.Random(20261123)
    seen: dict[str, int] = {}
    unseen = []
    for number in range(ATTACKS):
        with root.transaction(force_rollback=True):
            crime = Attack(root, dice, *log).commit()
            found = verify(root, log[0])
        seen[crime] = seen.get(crime, 0) + 1
        if found.bad is None:
            unseen.append((number, crime))
    assert unseen == []
    assert len(seen) == 7
    assert min(seen.values()) > 200
    assert verify(root, log[0]).bad is None, "and without a crime nobody is accused"


@pytest.mark.parametrize("chunk", [1, 7, 40, LINES + 1, LINES + 2])
def test_it_is_read_by_the_chunk(
    log: tuple[int, int], root: Cursor, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    """Wherever a chunk ends, nothing is left out and a missing link is seen."""
    whole = checked(log[0])
    monkeypatch.setattr("campus.audit.verify.CHUNK", chunk)
    assert checked(log[0]) == whole
    for missing in (1, 40, 41, whole.lines - 1):
        with root.transaction(force_rollback=True):
            root.execute(
                "DELETE FROM audit_seal WHERE school_id = %s AND seq BETWEEN %s AND %s",
                (log[0], missing, missing + 20),
            )
            bad = verify(root, log[0]).bad
        kind = "gap" if missing + 20 < whole.lines else "cut"
        assert bad is not None
        assert (bad.kind, bad.seq) == (kind, missing)


@pytest.mark.parametrize("number", [0, -5, -(2**63), 2**63 - 1])
def test_a_line_with_a_link_beside_the_chain_is_seen(
    log: tuple[int, int], root: Cursor, number: int
) -> None:
    """Who writes a line behind the triggers can write its link too, under a number of their own."""
    [entry] = root.execute(
        "INSERT INTO audit_entry (school_id, action, object_kind, request_id)"
        " VALUES (%s, 'x', 'x', '') RETURNING id",
        (log[0],),
    ).fetchone() or (0,)
    root.execute("INSERT INTO audit_seal VALUES (%s, %s, %s, 'x')", (log[0], number, entry))
    bad = checked(log[0]).bad
    assert bad is not None
    assert bad.kind == "gap"


def test_the_first_bad_line_is_named(log: tuple[int, int], root: Cursor) -> None:
    rows = root.execute(
        "SELECT seq, entry_id FROM audit_seal WHERE school_id = %s AND seq IN (7, 30)", (log[0],)
    )
    for seq, entry in sorted(rows.fetchall(), reverse=True):
        root.execute(
            "UPDATE audit_entry SET action = 'x' WHERE school_id = %s AND id = %s", (log[0], entry)
        )
        bad = checked(log[0]).bad
        assert bad is not None
        assert (bad.kind, bad.seq, bad.entry_id) == ("changed", seq, entry)
        assert f"第 {seq} 环" in str(bad)
    assert checked(log[1]).bad is None, "the other school's log is another chain"


def test_a_line_removed_before_it_was_sealed_leaves_its_note(
    log: tuple[int, int], root: Cursor
) -> None:
    write(log[0], 2)
    gone = root.execute(
        "SELECT min(entry_id) FROM audit_pending WHERE school_id = %s", (log[0],)
    ).fetchone()
    assert gone
    root.execute("DELETE FROM audit_entry WHERE school_id = %s AND id = %s", (log[0], gone[0]))
    bad = checked(log[0]).bad
    assert bad is not None
    assert (bad.kind, bad.entry_id) == ("missing", gone[0])
    seal_all()
    bad = checked(log[0]).bad
    assert bad is not None, "sealing does not wash it clean"
    assert (bad.kind, bad.entry_id) == ("missing", gone[0])


def test_a_head_somebody_wrote_down_catches_an_old_head_put_back(
    log: tuple[int, int], root: Cursor
) -> None:
    old = root.execute(
        "SELECT seq, hash, mark FROM audit_head WHERE school_id = %s", (log[0],)
    ).fetchone()
    write(log[0], 5)
    seal_all()
    noted = checked(log[0])
    assert old
    root.execute("DELETE FROM audit_seal WHERE school_id = %s AND seq > %s", (log[0], old[0]))
    root.execute(
        "DELETE FROM audit_entry e WHERE school_id = %s AND NOT EXISTS"
        " (SELECT FROM audit_seal s WHERE s.school_id = e.school_id AND s.entry_id = e.id)",
        (log[0],),
    )
    root.execute(
        "UPDATE audit_head SET (seq, hash, mark) = (%s, %s, %s) WHERE school_id = %s",
        (*old, log[0]),
    )
    assert verify(root, log[0]).bad is None, "a whole older state is all it shows by itself"
    bad = verify(root, log[0], head=(noted.lines, noted.head)).bad
    assert bad is not None
    assert bad.kind == "head"
    other = verify(root, log[0], head=(3, noted.head)).bad
    assert other is not None
    assert (other.kind, other.seq) == ("head", 3)


def test_a_secret_exchanged_keeps_the_chain(log: tuple[int, int]) -> None:
    first = config_of()
    crypto.configure(
        replace(first, secret_key="another-" * 5, secret_key_fallback=first.secret_key)
    )
    write(log[0], 4)
    seal_all()
    assert checked(log[0]).bad is None
    crypto.configure(replace(first, secret_key="a-third-" * 5))
    bad = checked(log[0]).bad
    assert bad is not None
    assert bad.seq == 1


@pytest.mark.parametrize("table", ["audit_entry", "audit_seal"])
@pytest.mark.parametrize("role", ["web", "worker"])
def test_nobody_may_change_the_log(
    table: str, role: str, log: tuple[int, int], server: Postgres, fresh: str
) -> None:
    for statement in ("UPDATE {} SET school_id = school_id", "DELETE FROM {}", "TRUNCATE {}"):
        with pytest.raises(DBAPIError), db.transaction(school_id=log[0], role=role):
            db.unit().connection.exec_driver_sql(statement.format(table))
    with superuser(server, fresh) as connection, pytest.raises(psycopg.errors.RaiseException):
        connection.execute(f"DELETE FROM {table}".encode())


def test_pages_cannot_chain(log: tuple[int, int]) -> None:
    with pytest.raises(DBAPIError), db.transaction(school_id=log[0]) as session:
        session.add(AuditSeal(school_id=log[0], seq=10**6, entry_id=1, hash=b""))
    with pytest.raises(DBAPIError), db.transaction(school_id=log[0]) as session:
        session.query(AuditPending).delete()
    with pytest.raises(DBAPIError), db.transaction(school_id=log[0]) as session:
        session.query(AuditHead).update({"seq": 0})
