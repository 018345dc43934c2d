"""Reading a school's whole log again: is every line still what was sealed?

Works on a plain driver connection, whoever is signed in there: the school is named in every
statement, so the answer is the same for a role that row-level security guards and one it does not.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import BigInteger, and_, bindparam, exists, func, not_, select

from campus import db
from campus.audit.chain import CANONICAL, audit_keys, beginning, link, mark_of
from campus.audit.models import AuditEntry, AuditHead, AuditPending, AuditSeal

CHUNK = 20_000
OF_SCHOOL = bindparam("of_school", type_=BigInteger)
FIRST = bindparam("first", type_=BigInteger)
LAST = bindparam("last", type_=BigInteger)
LOWEST, HIGHEST = -(2**63), 2**63 - 1
SAYS = {
    "changed": "被改过，或被换成了别的记录",
    "missing": "被删掉了",
    "gap": "链上的一环不见了",
    "cut": "链的末尾被截掉，或末尾的签名不对",
    "inserted": "是绕过系统插进来的",
    "head": "写下来的末尾不在这条链上",
    "sealed": "和封存在外面的末尾对不上：被截掉或换过",
}

_SEALED = db.Query(
    select(
        AuditSeal.seq, AuditSeal.entry_id, AuditSeal.hash, CANONICAL.label("line"), AuditEntry.id
    )
    .select_from(AuditSeal)
    .outerjoin(
        AuditEntry,
        and_(AuditEntry.school_id == AuditSeal.school_id, AuditEntry.id == AuditSeal.entry_id),
    )
    .where(AuditSeal.school_id == OF_SCHOOL, AuditSeal.seq.between(FIRST, LAST))
    .order_by(AuditSeal.seq)
)
_FROM = db.Query(
    select(func.min(AuditSeal.seq)).where(AuditSeal.school_id == OF_SCHOOL, AuditSeal.seq >= FIRST)
)
_HEAD = db.Query(
    select(AuditHead.seq, AuditHead.hash, AuditHead.mark, AuditHead.sealed_at).where(
        AuditHead.school_id == OF_SCHOOL
    )
)
_has_seal = exists().where(
    AuditSeal.school_id == AuditEntry.school_id, AuditSeal.entry_id == AuditEntry.id
)
_has_note = exists().where(
    AuditPending.school_id == AuditEntry.school_id, AuditPending.entry_id == AuditEntry.id
)
_has_entry = exists().where(
    AuditEntry.school_id == AuditPending.school_id, AuditEntry.id == AuditPending.entry_id
)
_STRAY = db.Query(
    select(
        select(func.min(AuditEntry.id))
        .where(AuditEntry.school_id == OF_SCHOOL, not_(_has_seal), not_(_has_note))
        .scalar_subquery()
        .label("inserted"),
        select(func.min(AuditPending.entry_id))
        .where(AuditPending.school_id == OF_SCHOOL, not_(_has_entry))
        .scalar_subquery()
        .label("missing"),
        select(func.count())
        .select_from(AuditPending)
        .where(AuditPending.school_id == OF_SCHOOL)
        .scalar_subquery()
        .label("waiting"),
    )
)


@dataclass(frozen=True, slots=True)
class Bad:
    """The first line that is not right: its place in the chain, its number, and how."""

    kind: str
    seq: int | None = None
    entry_id: int | None = None

    def __str__(self) -> str:
        place = f"第 {self.seq} 环" if self.seq else "链外"
        number = f"（记录号 {self.entry_id}）" if self.entry_id else ""
        return f"{place}{number}{SAYS[self.kind]}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many lines were read, the last hash, how many wait to be chained, and what is wrong."""

    lines: int
    head: str
    waiting: int
    bad: Bad | None


@dataclass(slots=True)
class Reader:
    """Goes along one chain. The key may change once on the way: when the secret was exchanged."""

    keys: tuple[bytes, ...]
    at: int
    last: bytes
    seq: int = 0

    def step(self, seq: int, entry_id: int, kept: bytes, line: str | None) -> Bad | None:
        """Take the next link; what is wrong with it, or None."""
        if seq != self.seq + 1:
            return Bad("gap", self.seq + 1)
        if line is None:
            return Bad("missing", seq, entry_id)
        if link(self.keys[self.at], self.last, line) != kept and not self._later_key(kept, line):
            return Bad("changed", seq, entry_id)
        self.seq, self.last = seq, kept
        return None

    def _later_key(self, kept: bytes, line: str) -> bool:
        for number in range(self.at):  # keys stand newest first, a chain oldest first
            start = beginning(self.keys[number]) if self.seq == 0 else self.last
            if link(self.keys[number], start, line) == kept:
                self.at = number
                return True
        return False


def verify(
    driver: psycopg.Connection[Any], school_id: int, *, head: tuple[int, str] | None = None
) -> Verdict:
    """Read the whole log of a school; ``head`` is a place and hash somebody wrote down."""
    keys = audit_keys(school_id)
    reader = Reader(keys, len(keys) - 1, beginning(keys[-1]))
    bad = None
    for seq, entry_id, kept, line, there in _links(driver, school_id):
        bad = reader.step(seq, entry_id, kept, line if there else None)
        if bad is None and head and head[0] == seq and kept.hex() != head[1]:
            bad = Bad("head", seq, entry_id)
        if bad:
            break
    stray = _asked(driver, _STRAY, of_school=school_id)[0]
    bad = bad or _end(driver, school_id, reader) or _outside(stray)
    if bad is None and head and head[0] > reader.seq:
        bad = Bad("head", head[0])
    return Verdict(reader.seq, reader.last.hex() if reader.seq else "", stray.waiting, bad)


def _links(driver: psycopg.Connection[Any], school_id: int) -> Iterator[tuple[Any, ...]]:
    """Every link in order, whatever its number: who can write here can also write a number 0.

    Read by ranges of numbers: with a limit the server would make and sort all lines that are left
    for every chunk of them.
    """
    first = _from(driver, school_id, LOWEST)
    while first is not None:
        last = min(first + CHUNK - 1, HIGHEST)
        query, values = _SEALED.asked(of_school=school_id, first=first, last=last)
        # Binary: hashes and numbers as text would cost as much again as the lines themselves.
        rows = driver.cursor(binary=True).execute(query.text, values).fetchall()
        yield from rows
        first = last + 1
        if len(rows) < CHUNK:
            first = _from(driver, school_id, first) if first <= HIGHEST else None


def _from(driver: psycopg.Connection[Any], school_id: int, first: int) -> int | None:
    """The number of the next link at or after ``first``."""
    found: int | None = _asked(driver, _FROM, of_school=school_id, first=first)[0][0]
    return found


def _asked(driver: psycopg.Connection[Any], asked: db.Query, **values: Any) -> list[Any]:
    query, given = asked.asked(**values)
    return query.shaped(driver.execute(query.text, given).fetchall())


def _end(driver: psycopg.Connection[Any], school_id: int, reader: Reader) -> Bad | None:
    heads = _asked(driver, _HEAD, of_school=school_id)
    if not heads:
        return Bad("cut", reader.seq) if reader.seq else None
    head = heads[0]
    if not any(
        hmac.compare_digest(mark_of(key, head.seq, bytes(head.hash)), bytes(head.mark))
        for key in reader.keys
    ):
        return Bad("cut", head.seq)
    if head.seq != reader.seq or (head.seq and bytes(head.hash) != reader.last):
        return Bad("cut", min(head.seq, reader.seq) + 1)
    return None


def _outside(stray: Any) -> Bad | None:
    if stray.missing is not None:
        return Bad("missing", None, stray.missing)
    if stray.inserted is not None:
        return Bad("inserted", None, stray.inserted)
    return None
