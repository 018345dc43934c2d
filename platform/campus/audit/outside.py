"""The end of each school's chain, written down where the database's owner cannot reach it.

Once a night and after every `audit verify` that found nothing, the signed head of a chain goes into
a bucket with object lock (campus.vault). Whoever then removes the newest lines and puts an older
head back has a chain that is whole in itself and lacks a head that was sealed. All heads are
compared, not the newest alone: a log that was cut and grew on is found as well.

A head's place says everything: ``audit/<school>/<seq>-<hash>-<mark>``, the mark being the
signature under it (chain.mark_of). One without a true signature proves nothing and is passed over,
so a stranger in the bucket can add noise and no accusation.
"""

from __future__ import annotations

import hmac
import json
import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from sqlalchemy import ARRAY, BigInteger, any_, bindparam, select

from campus import clock, db
from campus.audit.chain import audit_keys, mark_of
from campus.audit.models import AuditHead, AuditSeal
from campus.audit.verify import Bad
from campus.jobs import each_school, job
from campus.schools.queries import open_schools
from campus.vault import NoVault, Vault, vault

NIGHTLY = "37 1 * * *"
NAME = re.compile(r"audit/([0-9]{1,19})/([0-9]{19})-([0-9a-f]{64})-([0-9a-f]{64})")
SCHOOL = bindparam("of_school", type_=BigInteger)
SEQS = bindparam("of_seqs", type_=ARRAY(BigInteger))

_LINKS = db.Query(
    select(AuditSeal.seq, AuditSeal.hash).where(
        AuditSeal.school_id == SCHOOL, AuditSeal.seq == any_(SEQS)
    )
)
_HEAD = db.Query(
    select(AuditHead.seq, AuditHead.hash, AuditHead.mark, AuditHead.sealed_at).where(
        AuditHead.school_id == SCHOOL, AuditHead.seq > 0
    )
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A head that was sealed outside: the place in the chain, its hash, when the store took it."""

    seq: int
    hash: bytes
    at: datetime


def sealed_heads(held: Vault, school_id: int) -> list[Sealed]:
    """Every truly signed head of one school, lowest first. Raises NoVault, StorageUnavailable."""
    keys = audit_keys(school_id)
    found = []
    for one in held.kept(f"audit/{school_id}/"):
        parts = NAME.fullmatch(one.name)
        if parts is None or int(parts[1]) != school_id:
            continue
        seq, last, mark = int(parts[2]), bytes.fromhex(parts[3]), bytes.fromhex(parts[4])
        if any(hmac.compare_digest(mark_of(key, seq, last), mark) for key in keys):
            found.append(Sealed(seq, last, one.at))
    return sorted(found, key=lambda head: (head.seq, head.at))


def compare(
    driver: psycopg.Connection[Any],
    school_id: int,
    heads: Iterable[Sealed],
    *,
    since: datetime | None = None,
) -> Bad | None:
    """The lowest sealed head the chain does not hold, or None.

    The chain itself has been found whole before (verify.py). ``since``: only heads sealed from
    then on, for an installation that was brought back from a backup.
    """
    wanted = [head for head in heads if since is None or head.at >= since]
    query, values = _LINKS.asked(of_school=school_id, of_seqs=[head.seq for head in wanted])
    held = {row[0]: bytes(row[1]) for row in driver.execute(query.text, values).fetchall()}
    for head in wanted:
        if held.get(head.seq) != head.hash:
            return Bad("sealed", head.seq)
    return None


def keep_head(
    held: Vault, driver: psycopg.Connection[Any], school_id: int, heads: Iterable[Sealed]
) -> bool:
    """Seal the chain's end unless it was sealed lately; whether it was done now.

    A head that stands still is sealed again when half its time is over. The open transaction is
    released before the vault is asked. Raises NoVault, StorageUnavailable.
    """
    query, values = _HEAD.asked(of_school=school_id)
    row = driver.execute(query.text, values).fetchone()
    if row is None:
        return False
    seq, last, mark, sealed_at = row[0], bytes(row[1]), bytes(row[2]), row[3]
    if not any(hmac.compare_digest(mark_of(key, seq, last), mark) for key in audit_keys(school_id)):
        log.error("the head of school %s is not truly signed: not sealed outside", school_id)
        return False
    fresh = clock.now() - timedelta(days=held.days) / 2
    if any((one.seq, one.hash) == (seq, last) and one.at > fresh for one in heads):
        return False
    body = {"school": school_id, "seq": seq, "hash": last.hex(), "mark": mark.hex()}
    body["sealed_at"] = sealed_at.isoformat()
    name = f"audit/{school_id}/{seq:019d}-{last.hex()}-{mark.hex()}"
    db.release()
    held.keep(name, json.dumps(body).encode(), clock.now())
    return True


@job(name="audit.keep-head", queue="audit")
def keep(*, school_id: int) -> None:
    """Seal one school's head outside; on a store that cannot lock, say so and leave it."""
    held = vault()
    db.release()
    try:
        heads = sealed_heads(held, school_id)
        keep_head(held, db.unit().driver, school_id, heads)
    except NoVault as error:
        log.warning("audit heads are not sealed outside: %s", error.message)


KEEP_ALL = each_school(keep, cron=NIGHTLY, schools=open_schools)
