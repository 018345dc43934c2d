"""Erasing people inside one school: rows, files, ties, and the account when no school is left.

Every row that refers to the person goes, children first; what no foreign key leads to is asked of
whoever declared it (campus.personal_data). Each function returns how many rows of which table
went. The log keeps its numbers; what they pointed to is gone.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update

from campus import clock, db, personal_data, realtime
from campus.erasure import Counts, Erasure, Subject, pointing_at
from campus.identity.models import Account
from campus.permissions import Role
from campus.personal_data import Kept
from campus.schools.models import Membership
from tenants.people.models import FormerPhone, Guardian, Guardianship, Pupil, Staff

GONE = "已注销"


def erase_optional(pupil_id: int) -> Counts:
    """Everything about a child that rests on consent: records, praise, photos, news."""
    erasure = Erasure(personal_data.attachments())
    _consented(erasure, pupil_id)
    return erasure.counts


def erase_pupil(pupil_id: int) -> Counts:
    """Everything about a child; guardians without another child here go along."""
    erasure = Erasure(personal_data.attachments())
    _pupil(erasure, pupil_id)
    return erasure.counts


def erase_guardian(guardian_id: int) -> Counts:
    """A guardian's ties and things in this school; the account too when no school is left."""
    erasure = Erasure(personal_data.attachments())
    _guardian(erasure, guardian_id)
    return erasure.counts


def _consented(erasure: Erasure, pupil_id: int) -> None:
    for data in personal_data.children_first():
        if data.erase_consented is not None:
            data.erase_consented(erasure, pupil_id)
    rules = personal_data.rules()
    for table, column in pointing_at("pupil"):
        if table.name in rules and rules[table.name].kept is Kept.CONSENT:
            erasure.delete(table, column == pupil_id)
    erasure.delete_loose_attachments()


def _pupil(erasure: Erasure, pupil_id: int) -> None:
    for twin in _same_child(pupil_id):
        _pupil(erasure, twin)
    _consented(erasure, pupil_id)
    guardians = _ids(Guardianship.guardian_id, Guardianship.pupil_id == pupil_id)
    _traces(erasure, _the_pupil(pupil_id))
    for table, column in pointing_at("pupil"):
        erasure.delete(table, column == pupil_id)
    for guardian_id in guardians:
        if not _ids(Guardianship.pupil_id, Guardianship.guardian_id == guardian_id):
            _guardian(erasure, guardian_id)
    erasure.delete(Pupil, Pupil.id == pupil_id)
    erasure.delete_loose_attachments()


def _guardian(erasure: Erasure, guardian_id: int) -> None:
    account_id = db.session().scalar(
        select(Guardian.account_id).where(
            Guardian.school_id == db.school_id(), Guardian.id == guardian_id
        )
    )
    _traces(erasure, _the_guardian(guardian_id))
    for table, column in pointing_at("guardian"):
        erasure.delete(table, column == guardian_id)
    erasure.delete(Guardian, Guardian.id == guardian_id)
    erasure.delete_loose_attachments()
    if account_id is not None:
        _leave_school(erasure, account_id)


def _same_child(pupil_id: int) -> list[int]:
    asked = [data.same_child for data in personal_data.DECLARED.values()]
    return [twin for ask in asked if ask is not None for twin in ask(pupil_id)]


def _traces(erasure: Erasure, subject: Subject) -> None:
    for data in personal_data.children_first():
        if data.erase_traces is not None:
            data.erase_traces(erasure, subject)


def _the_pupil(pupil_id: int) -> Subject:
    names = _ids(Pupil.name, Pupil.id == pupil_id)
    return Subject("pupil", pupil_id, tuple(name for name in names if name), (pupil_id,))


def _the_guardian(guardian_id: int) -> Subject:
    rows = (
        *_ids(Guardian.name, Guardian.id == guardian_id),
        *_ids(Guardian.phone, Guardian.id == guardian_id),
        *_ids(Guardian.previous_phone, Guardian.id == guardian_id),
        *_ids(FormerPhone.phone, FormerPhone.guardian_id == guardian_id),
    )
    children = _ids(Guardianship.pupil_id, Guardianship.guardian_id == guardian_id)
    return Subject("guardian", guardian_id, tuple(word for word in rows if word), tuple(children))


def _ids(column: Any, condition: ColumnElement[bool]) -> list[Any]:
    school = column.class_.school_id == db.school_id()
    return list(db.session().scalars(select(column).where(school, condition).distinct()))


def _leave_school(erasure: Erasure, account_id: int) -> None:
    """The family side of an account ends here: role, inbox, keys, hints, sockets."""
    school = db.school_id()
    works = bool(_ids(Staff.id, Staff.account_id == account_id))
    ended: dict[str, Any] = {"roles": func.array_remove(Membership.roles, str(Role.GUARDIAN))}
    if not works:
        ended["ended_at"] = func.coalesce(Membership.ended_at, func.now())
        _erase_own_rows(erasure, account_id)
    db.session().execute(
        update(Membership)
        .where(Membership.school_id == school, Membership.account_id == account_id)
        .values(ended)
    )
    erasure.counts["membership"] += 1
    for data in personal_data.children_first():
        if data.erase_account is not None:
            data.erase_account(erasure, account_id)
    realtime.revoke(account_ids=[account_id], school_id=school, reason="left")
    erase_accounts(erasure.counts, [account_id])


def _erase_own_rows(erasure: Erasure, account_id: int) -> None:
    """What in this school is only that account's own."""
    rules = personal_data.rules()
    for table in reversed(db.Base.metadata.sorted_tables):
        column = rules[table.name].account if table.name in rules else ""
        if column:
            erasure.delete(table, table.c[column] == account_id)


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
    own = personal_data.own_tables()
    for table, column in pointing_at("account"):
        if table.name in own:
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
