"""Erasing people inside one school: rows, files, ties, and the account when no school is left.

Which rows are about a child is asked of the schema itself (every foreign key to ``pupil``), so a
table added later is not forgotten. Each function returns how many rows of which table went.
The log keeps its numbers; what they pointed to is gone.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Integer,
    Table,
    and_,
    any_,
    cast,
    delete,
    func,
    select,
    update,
)

from campus import clock, db, realtime, storage
from campus.identity.models import Account
from campus.outbox import Outbox
from campus.permissions import Role
from campus.schools.models import Membership
from tenants.classes.models import Praise, PraisePupil
from tenants.growth.models import GrowthRecord
from tenants.media.models import Photo
from tenants.messages.models import Inbox, Notification
from tenants.people.models import Guardian, Guardianship, Pupil, Staff
from tenants.privacy.models import CANCELLED, OPEN, TakeawayTask
from tenants.privacy.retention import OWN_TABLES, RULES, Kept
from tenants.privacy.traces import (
    FILES,
    Counts,
    erase_guardian_traces,
    erase_pupil_traces,
    merged_into,
)

GONE = "已注销"


def erase_optional(pupil_id: int) -> Counts:
    """Everything about a child that rests on consent: records, praise, photos, news."""
    counts: Counts = Counter()
    photos = _photos(pupil_id)
    praised = _ids(PraisePupil.praise_id, PraisePupil.pupil_id == pupil_id)
    for table, column in pointing_at("pupil"):
        if table.name in RULES and RULES[table.name].kept is Kept.CONSENT:
            _delete(counts, table, column == pupil_id)
    still = select(PraisePupil.praise_id).where(PraisePupil.school_id == db.school_id())
    _delete(counts, _table(Praise), and_(Praise.id.in_(praised), Praise.id.not_in(still)))
    _erase_photos(counts, photos)
    _erase_files(counts, pupil_id)
    _delete(counts, _table(Outbox), cast(Outbox.payload["pupil_id"].astext, Integer) == pupil_id)
    return counts


def erase_pupil(pupil_id: int) -> Counts:
    """Everything about a child; guardians without another child here go along."""
    counts: Counts = Counter()
    for twin in merged_into(pupil_id):
        counts += erase_pupil(twin)
    counts += erase_optional(pupil_id)
    guardians = _ids(Guardianship.guardian_id, Guardianship.pupil_id == pupil_id)
    erase_pupil_traces(counts, pupil_id)
    for table, column in pointing_at("pupil"):
        _delete(counts, table, column == pupil_id)
    for guardian_id in guardians:
        if not _ids(Guardianship.pupil_id, Guardianship.guardian_id == guardian_id):
            counts += erase_guardian(guardian_id)
    _delete(counts, _table(Pupil), Pupil.id == pupil_id)
    return counts


def erase_guardian(guardian_id: int) -> Counts:
    """A guardian's ties and things in this school; the account too when no school is left."""
    counts: Counts = Counter()
    account_id = db.session().scalar(
        select(Guardian.account_id).where(
            Guardian.school_id == db.school_id(), Guardian.id == guardian_id
        )
    )
    erase_guardian_traces(counts, guardian_id)
    for table, column in pointing_at("guardian"):
        _delete(counts, table, column == guardian_id)
    _delete(counts, _table(Guardian), Guardian.id == guardian_id)
    if account_id is not None:
        _leave_school(counts, account_id)
    return counts


def pointing_at(name: str) -> Iterator[tuple[Table, Column[Any]]]:
    """Every (table, column) of a school's tables that refers to table ``name``, children first."""
    for table in reversed(db.Base.metadata.sorted_tables):
        for key in table.foreign_keys:
            if key.column.table.name == name and key.column.name == "id":
                yield table, key.parent


def _table(model: Any) -> Table:
    return model.__table__  # type: ignore[no-any-return]


def _ids(column: Any, condition: ColumnElement[bool]) -> list[int]:
    school = column.class_.school_id == db.school_id()
    return list(db.session().scalars(select(column).where(school, condition).distinct()))


def _delete(counts: Counts, table: Table, condition: ColumnElement[bool]) -> None:
    gone = db.session().execute(
        delete(table).where(table.c.school_id == db.school_id(), condition),
        execution_options={"synchronize_session": False},
    )
    if gone.rowcount:  # type: ignore[attr-defined]
        counts[table.name] += gone.rowcount  # type: ignore[attr-defined]


def _photos(pupil_id: int) -> list[int]:
    """Photos in this child's book that stand in no other child's."""
    mine = _ids(GrowthRecord.photo_id, GrowthRecord.pupil_id == pupil_id)
    praised = _ids(PraisePupil.praise_id, PraisePupil.pupil_id == pupil_id)
    mine += _ids(Praise.photo_id, Praise.id.in_(praised))
    others = _ids(GrowthRecord.photo_id, GrowthRecord.pupil_id != pupil_id)
    shared = _ids(PraisePupil.praise_id, PraisePupil.pupil_id != pupil_id)
    others += _ids(Praise.photo_id, Praise.id.in_(shared))
    return sorted({one for one in mine if one is not None} - set(others))


def _erase_photos(counts: Counts, photos: list[int]) -> None:
    """Objects first: a row whose object is gone is harmless, an object without a row is not."""
    keys = _ids(Photo.key, Photo.id.in_(photos))
    _erase_objects(counts, [str(key) for key in keys])
    for model in (GrowthRecord, Praise):
        db.session().execute(
            update(model)
            .where(model.school_id == db.school_id(), model.photo_id.in_(photos))
            .values(photo_id=None)
        )
    _delete(counts, _table(Photo), Photo.id.in_(photos))


def _erase_files(counts: Counts, pupil_id: int) -> None:
    """Files made of the child's book, and requests about it that still wait."""
    about = and_(
        TakeawayTask.school_id == db.school_id(),
        TakeawayTask.subject_id == pupil_id,
        TakeawayTask.kind.in_(("mine", "pupil", "bring")),
    )
    keys = db.session().scalars(
        select(TakeawayTask.key).where(about, TakeawayTask.key.is_not(None))
    )
    _erase_objects(counts, [key for key in keys if key])
    db.session().execute(
        update(TakeawayTask).where(about, TakeawayTask.state.in_(OPEN)).values(state=CANCELLED)
    )
    _delete(counts, _table(TakeawayTask), about)


def _erase_objects(counts: Counts, keys: Iterable[str]) -> None:
    names = list(keys)
    if names:
        storage.store().delete_many(db.school_id(), names)
        counts[FILES] += len(names)


def _leave_school(counts: Counts, account_id: int) -> None:
    """The family side of an account ends here: role, inbox, keys, hints, sockets."""
    school = db.school_id()
    works = bool(_ids(Staff.id, Staff.account_id == account_id))
    others = func.array_remove(Membership.roles, str(Role.GUARDIAN))
    ended = {"roles": others}
    if not works:
        ended["ended_at"] = func.coalesce(Membership.ended_at, func.now())
        for model in (Notification, Inbox):
            _delete(counts, _table(model), model.account_id == account_id)
        keys = db.Base.metadata.tables["idempotency_key"]
        _delete(counts, keys, keys.c.account_id == account_id)
        reset = db.Base.metadata.tables["reset_code"]
        _delete(counts, reset, reset.c.account_id == account_id)
    db.session().execute(
        update(Membership)
        .where(Membership.school_id == school, Membership.account_id == account_id)
        .values(ended)
    )
    counts["membership"] += 1
    _delete(counts, _table(Outbox), Outbox.account_ids == [account_id])
    db.session().execute(
        update(Outbox)
        .where(Outbox.school_id == school, any_(Outbox.account_ids) == account_id)
        .values(account_ids=func.array_remove(Outbox.account_ids, account_id))
    )
    realtime.revoke(account_ids=[account_id], school_id=school, reason="left")
    erase_accounts(counts, [account_id])


def erase_accounts(counts: Counts, account_ids: Iterable[int]) -> None:
    """Make shells of those accounts that belong to no school any more and are no operator's.

    The number stays, so that append-only lines point at nobody instead of at nothing.
    """
    standing = select(Membership.account_id).where(Membership.ended_at.is_(None))
    session = db.session()
    lost = list(
        session.scalars(
            select(Account.id).where(
                Account.id.in_(list(account_ids)),
                Account.id.not_in(standing),
                Account.operator.is_(False),
            )
        )
    )
    for table, column in pointing_at("account"):
        if table.name in OWN_TABLES:
            gone = session.execute(delete(table).where(column.in_(lost)))
            counts[table.name] += gone.rowcount  # type: ignore[attr-defined]
    for account_id in lost:
        session.execute(
            update(Account)
            .where(Account.id == account_id)
            .values(
                phone=f"erased-{uuid.uuid4().hex}",
                name=GONE,
                password_hash=None,
                password_changed_at=None,
                disabled_at=clock.now(),
            )
        )
    if lost:
        counts["account"] += len(lost)
        realtime.revoke(account_ids=lost, reason="left")
