"""Erasing a whole school: files, every row, the accounts that were only its own, the school.

Run by the operator's command as the owner (campus.schools.owner); pages and the worker could not.
The school stands still meanwhile. Files go first, then all rows in one transaction that also
writes the certificate: either the school is there with its rows, or the certificate is.
"""

from __future__ import annotations

import secrets
import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    String,
    Table,
    cast,
    column,
    delete,
    func,
    insert,
    literal,
    select,
    table,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from campus import clock, db, personal_data, storage
from campus.actor import Actor
from campus.audit import AuditEntry
from campus.erasure import FILES
from campus.errors import Conflict
from campus.identity.models import Account
from campus.schools.erased import ErasureCertificate, SealedLine
from campus.schools.models import Membership, School
from campus.schools.owner import APPEND_ONLY, as_owner, unlocked
from campus.schools.standing import suspend_school
from tenants.privacy import certificate
from tenants.privacy.erase import GONE
from tenants.privacy.models import ERASE_SCHOOL, WAITING, TakeawayTask
from tenants.privacy.retention import LOG_KEPT

OBJECTS_AT_ONCE = 500
NOBODY_ASKED = (
    "学校没有两位管理员都同意的删除申请（带走与离开 → 删除与证明 → 全校资料）。"
    "合同已经结束、学校没有人能申请时，用 --reason contract 说明。"
)
JOBS = table("procrastinate_jobs", column("args", JSONB))


def erase_school(url: str, *, slug: str, reason: str = "") -> dict[str, Any]:
    """Erase the school ``slug`` and return its certificate with its hash.

    ``url`` is the migrator's address. Raises Conflict when nobody asked and no reason is given,
    StorageUnavailable when files cannot be deleted (then every row still stands).
    """
    with db.transaction():
        school = suspend_school(Actor.system(), slug=slug)
        wish = _wish()
    if wish is None and not reason:
        raise Conflict(NOBODY_ASKED)
    with as_owner(url, school.id):
        pass  # whoever may not is told before a file is touched
    files = _erase_objects(school.id)
    with as_owner(url, school.id) as connection:
        counts = Counter({FILES: files} if files else {})
        made = _body(school, wish, reason)
        _seal_log(connection, made["number"], school.id)
        accounts = _accounts(connection, school.id)
        for name, removed in _erase_rows(connection, school.id):
            if removed:
                counts[name] += removed
        _erase_accounts(connection, accounts, counts)
        made["counts"] = dict(sorted(counts.items()))
        digest = certificate.digest(made)
        connection.execute(
            update(ErasureCertificate)
            .where(ErasureCertificate.number == made["number"])
            .values(body=made, sha256=bytes.fromhex(digest))
        )
    return {**made, "sha256": digest}


def _wish() -> TakeawayTask | None:
    """What two administrators asked for, in the school entered."""
    return db.session().scalar(
        select(TakeawayTask)
        .where(
            TakeawayTask.school_id == db.school_id(),
            TakeawayTask.kind == ERASE_SCHOOL,
            TakeawayTask.state == WAITING,
            TakeawayTask.approved_by.is_not(None),
        )
        .limit(1)
    )


def _body(school: School, wish: TakeawayTask | None, reason: str) -> dict[str, Any]:
    return certificate.body(
        certificate=certificate.number(),
        kind=ERASE_SCHOOL,
        school=school.name,
        subject_id=None,
        reason=wish.reason if wish else reason,
        asked_by=wish.asked_by if wish else None,
        asked_at=wish.asked_at if wish else None,
        confirmed_by=wish.approved_by if wish else None,
        counts={},
    )


def _erase_objects(school_id: int) -> int:
    """Delete every object of the school, until none is listed; how many there were."""
    total = 0
    while keys := [key for key, _ in _some(storage.store().keys(school_id))]:
        storage.store().delete_many(school_id, keys)
        total += len(keys)
    return total


def _some(found: Iterator[Any]) -> Iterator[Any]:
    for _, one in zip(range(OBJECTS_AT_ONCE), found, strict=False):
        yield one


def _seal_log(connection: Connection, number: str, school_id: int) -> None:
    """Keep who did what, without objects, details or names; the key of the marks is thrown away."""
    connection.execute(insert(ErasureCertificate).values(number=number, body={}, sha256=b""))
    salt = secrets.token_hex(32)
    marked = literal(salt) + cast(func.coalesce(AuditEntry.account_id, 0), String)
    who = func.encode(func.sha256(func.convert_to(marked, "UTF8")), "hex")
    lines = select(
        literal(number),
        AuditEntry.at,
        func.left(who, 16),
        AuditEntry.action,
        AuditEntry.object_kind,
        literal(clock.now() + LOG_KEPT),
    ).where(AuditEntry.school_id == school_id)
    names = ["certificate", "at", "who", "action", "object_kind", "keep_until"]
    connection.execute(insert(SealedLine).from_select(names, lines))


def _accounts(connection: Connection, school_id: int) -> list[int]:
    """Accounts that belong to this school and to no other, and are no operator's."""
    elsewhere = select(Membership.account_id).where(
        Membership.school_id != school_id, Membership.ended_at.is_(None)
    )
    rows = connection.execute(
        select(Account.id)
        .join(Membership, Membership.account_id == Account.id)
        .where(
            Membership.school_id == school_id,
            Account.id.not_in(elsewhere),
            Account.operator.is_(False),
        )
    )
    return [row[0] for row in rows]


def _erase_rows(connection: Connection, school_id: int) -> Iterator[tuple[str, int]]:
    """Every table with a school_id, children first; the append-only ones at the very end."""
    tables = [one for one in reversed(db.Base.metadata.sorted_tables) if "school_id" in one.c]
    for one in tables:
        if one.name not in APPEND_ONLY:
            yield one.name, _delete(connection, one, school_id)
    # Arguments are JSON, where the school is a number: matched as text, also were it quoted.
    about = JOBS.c.args["school_id"].astext == str(school_id)
    yield "jobs", connection.execute(delete(JOBS).where(about)).rowcount
    with unlocked(connection):
        for one in tables:
            if one.name in APPEND_ONLY:
                yield one.name, _delete(connection, one, school_id)
    school: Table = School.__table__  # type: ignore[assignment]
    gone = connection.execute(delete(school).where(school.c.id == school_id))
    yield school.name, gone.rowcount


def _delete(connection: Connection, one: Table, school_id: int) -> int:
    return connection.execute(delete(one).where(one.c.school_id == school_id)).rowcount


def _erase_accounts(connection: Connection, accounts: list[int], counts: Counter[str]) -> None:
    """Shells of what was a person only here: the append-only log of sign-ins points at nobody."""
    tables = db.Base.metadata.tables
    for name in personal_data.own_tables():
        theirs = tables[name].c.account_id.in_(accounts)
        counts[name] += connection.execute(delete(tables[name]).where(theirs)).rowcount
    empty = func.concat("erased-", literal(uuid.uuid4().hex), "-", cast(Account.id, BigInteger))
    shells = connection.execute(
        update(Account)
        .where(Account.id.in_(accounts))
        .values(
            phone=empty,
            name=GONE,
            password_hash=None,
            password_changed_at=None,
            disabled_at=clock.now(),
        )
    )
    counts["account"] += shells.rowcount
