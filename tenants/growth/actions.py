"""Adding evidence to children's books and withdrawing it, each change under the book's lock."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, update

from campus import audit, db, outbox
from campus.actor import Actor
from tenants.growth.models import GrowthBook, GrowthRecord
from tenants.people.bulk import raise_counters
from tenants.people.scope import guardian_accounts

CHANGED = "growth.changed"
BROUGHT = "brought"


def add_records(
    actor: Actor,
    *,
    families: Mapping[int, Collection[int]],
    area: str,
    kind: str,
    text: str,
    source_kind: str,
    source_id: int,
    staff_id: int | None,
    photo_id: int | None,
    at: datetime,
) -> None:
    """Give every child one record from one source and hint to its family.

    ``families``: the accounts of each child's guardians, by the child's id.
    Called by what happened elsewhere, which has checked its own permission.
    """
    seqs = _next_seqs(list(families))
    common: dict[str, Any] = {
        "school_id": db.school_id(),
        "area": area,
        "kind": kind,
        "text": text,
        "source_kind": source_kind,
        "source_id": source_id,
        "staff_id": staff_id,
        "photo_id": photo_id,
        "happened_at": at,
    }
    db.session().execute(
        insert(GrowthRecord),
        [common | {"pupil_id": pupil_id, "seq": seqs[pupil_id]} for pupil_id in sorted(seqs)],
    )
    audit.record(actor, "growth.record", source_kind, source_id, pupils=len(seqs))
    _hint(families)


@dataclass(frozen=True, slots=True)
class Brought:
    """A record another school wrote. ``origin`` is its school and author, as text."""

    area: str
    kind: str
    text: str
    origin: str
    photo_id: int | None
    at: datetime


def bring_records(actor: Actor, *, pupil_id: int, records: Sequence[Brought]) -> None:
    """Add records brought from another school to one child's book, in their order.

    Called by the import, which has checked its own permission.
    """
    if not records:
        return
    last = raise_counters(GrowthBook, "pupil_id", "last_seq", {pupil_id: len(records)})[pupil_id]
    first = last - len(records)
    common = {"school_id": db.school_id(), "pupil_id": pupil_id, "source_kind": BROUGHT}
    rows = [
        common
        | {
            "seq": first + number,
            "source_id": first + number,
            "area": one.area,
            "kind": one.kind,
            "text": one.text,
            "origin": one.origin,
            "photo_id": one.photo_id,
            "happened_at": one.at,
        }
        for number, one in enumerate(records, start=1)
    ]
    db.session().execute(insert(GrowthRecord), rows)
    audit.record(actor, "growth.bring", "pupil", pupil_id, records=len(records))
    _hint(_families([pupil_id]))


def withdraw_records(
    actor: Actor, *, source_kind: str, source_id: int, pupil_ids: Sequence[int]
) -> None:
    """Withdraw the records of one source; each moves to the end of its book's sequence."""
    seqs = _next_seqs(pupil_ids)
    for pupil_id in sorted(seqs):
        db.session().execute(
            update(GrowthRecord)
            .where(
                GrowthRecord.school_id == db.school_id(),
                GrowthRecord.pupil_id == pupil_id,
                GrowthRecord.source_kind == source_kind,
                GrowthRecord.source_id == source_id,
            )
            .values(seq=seqs[pupil_id], withdrawn_at=func.now())
        )
    audit.record(actor, "growth.withdraw", source_kind, source_id, pupils=len(seqs))
    _hint(_families(pupil_ids))


def _next_seqs(pupil_ids: Sequence[int]) -> dict[int, int]:
    """Raise the books' counters under their row locks, always in one order, in one statement."""
    return raise_counters(GrowthBook, "pupil_id", "last_seq", dict.fromkeys(pupil_ids, 1))


def _families(pupil_ids: Sequence[int]) -> Mapping[int, Collection[int]]:
    families: dict[int, list[int]] = {pupil_id: [] for pupil_id in pupil_ids}
    for pupil_id, account in db.session().execute(guardian_accounts(list(pupil_ids))):
        families[pupil_id].append(account)
    return families


def _hint(families: Mapping[int, Collection[int]]) -> None:
    """One hint to all families; only one about a single child says which child."""
    data: dict[str, int | str | bool] = {}
    if len(families) == 1:
        [data["pupil_id"]] = families
    outbox.publish(CHANGED, to=set().union(*families.values()), data=data)
