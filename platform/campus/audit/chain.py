"""Chaining what was written: the worker's work, ten seconds behind at most when it is idle."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    LargeBinary,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from campus import crypto, db
from campus.audit.models import AuditEntry, AuditHead, AuditPending, AuditSeal
from campus.jobs import each_school, job

BATCH = 5_000
EVERY_TEN_SECONDS = "* * * * * */10"
MISSING = "missing"

# One line as canonical JSON: an array in this order, numbers as numbers, times in microseconds.
# jsonb orders keys and spaces by itself, so the text is the same whenever it is asked for.
CANONICAL = cast(
    func.jsonb_build_array(
        AuditEntry.school_id,
        AuditEntry.id,
        cast(func.extract("epoch", AuditEntry.at) * 1_000_000, BigInteger),
        AuditEntry.account_id,
        AuditEntry.action,
        AuditEntry.object_kind,
        AuditEntry.object_id,
        AuditEntry.detail,
        AuditEntry.request_id,
    ),
    Text,
)


def link(key: bytes, previous: bytes, line: str) -> bytes:
    """The next hash of a chain."""
    return hmac.digest(key, previous + line.encode(), "sha256")


def beginning(key: bytes) -> bytes:
    """The hash before the first line."""
    return hmac.digest(key, b"campus audit chain", "sha256")


def mark_of(key: bytes, seq: int, last: bytes) -> bytes:
    """The signature under a head."""
    return hmac.digest(key, b"head|%d|" % seq + last, "sha256")


def audit_keys(school_id: int) -> tuple[bytes, ...]:
    """The keys of a school's chain, the current one first."""
    return crypto.keys(school_id, "audit")


def waiting() -> list[int]:
    """The schools with lines to chain."""
    return list(db.session().scalars(select(AuditPending.school_id).distinct()))


@job(name="audit.seal", queue="audit")
def seal(*, school_id: int) -> None:
    """Chain everything that waits in one school; a second run finds nothing left."""
    while seal_batch(school_id) == BATCH:
        pass


SEAL_ALL = each_school(seal, cron=EVERY_TEN_SECONDS, schools=waiting)


def seal_batch(school_id: int) -> int:
    """Chain up to 5,000 lines in the order of their numbers; how many there were."""
    key = audit_keys(school_id)[0]
    seq, last = _locked_head(school_id, key)
    lines = _lines(school_id)
    if not lines:
        return 0
    seals = []
    for entry_id, line in lines:
        seq += 1
        # A line that went before it was sealed keeps its place, and verify names it.
        last = link(key, last, line or f"{MISSING} {entry_id}")
        seals.append((seq, entry_id, last))
    _write(school_id, seals)
    _forget(school_id, [entry_id for entry_id, _ in lines])
    _move_head(school_id, seq, last, key)
    return len(lines)


def _locked_head(school_id: int, key: bytes) -> tuple[int, bytes]:
    """The head, locked: two workers at one school's chain take turns."""
    start = beginning(key)
    first = {"school_id": school_id, "seq": 0, "hash": start, "mark": mark_of(key, 0, start)}
    db.session().execute(
        upsert(AuditHead.__table__).values(first).on_conflict_do_nothing()  # type: ignore[arg-type]
    )
    row = db.session().execute(
        select(AuditHead.seq, AuditHead.hash)
        .where(AuditHead.school_id == school_id)
        .with_for_update()
    )
    seq, last = row.one()
    return seq, bytes(last)


def _lines(school_id: int) -> Sequence[tuple[int, str | None]]:
    entry = and_(
        AuditEntry.school_id == AuditPending.school_id, AuditEntry.id == AuditPending.entry_id
    )
    rows = db.session().execute(
        select(AuditPending.entry_id, CANONICAL.label("line"), AuditEntry.id)
        .select_from(AuditPending)
        .outerjoin(AuditEntry, entry)
        .where(AuditPending.school_id == school_id)
        .order_by(AuditPending.entry_id)
        .limit(BATCH)
    )
    return [(entry_id, line if there else None) for entry_id, line, there in rows]


def _write(school_id: int, seals: Sequence[tuple[int, int, bytes]]) -> None:
    """All links in one statement: three arrays, unnested side by side by the server."""
    kinds: dict[str, Any] = {"seq": BigInteger(), "entry_id": BigInteger(), "hash": LargeBinary()}
    columns = [
        func.unnest(bindparam(f"all_{name}", [one[place] for one in seals], type_=ARRAY(kind)))
        for place, (name, kind) in enumerate(kinds.items())
    ]
    source = select(literal(school_id, BigInteger), *columns)
    db.session().execute(insert(AuditSeal).from_select(["school_id", *kinds], source))


def _forget(school_id: int, entry_ids: list[int]) -> None:
    db.session().execute(
        delete(AuditPending)
        .where(
            AuditPending.school_id == school_id,
            AuditPending.entry_id == func.any(bindparam("done", entry_ids)),
        )
        .execution_options(synchronize_session=False)
    )


def _move_head(school_id: int, seq: int, last: bytes, key: bytes) -> None:
    db.session().execute(
        update(AuditHead)
        .where(AuditHead.school_id == school_id)
        .values(seq=seq, hash=last, mark=mark_of(key, seq, last), sealed_at=func.now())
        .execution_options(synchronize_session=False)
    )
