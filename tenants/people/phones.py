"""Numbers by which a school knows its guardians and staff: changed, and the former remembered.

A guardian's number is what joins siblings in a list, and a teacher's is what names them in one.
Old lists hold old numbers, so each is remembered with the person it belonged to (`FormerPhone`).
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import and_, delete, exists, or_, select, update

from campus import db
from campus.errors import InvalidInput
from campus.identity.events import PhoneChanged, phone_changed
from campus.identity.numbers import NOT_FREE
from tenants.people.models import FormerPhone, Guardian, Guardianship, Staff


class NumberTaken(Exception):
    """Another guardian of the school is known by this number."""


def listen() -> None:
    """Follow accounts that change their number; connecting twice changes nothing."""
    phone_changed.connect(on_phone_changed)


def on_phone_changed(_: object, *, event: PhoneChanged) -> None:
    """What the school holds of this person has the new number as well.

    Raises InvalidInput where the school knows somebody else by it.
    """
    guardian = db.session().scalar(
        select(Guardian)
        .where(Guardian.school_id == db.school_id(), Guardian.account_id == event.account_id)
        .order_by((Guardian.phone == event.old).desc(), Guardian.id)
        .limit(1)
        .with_for_update()
    )
    if guardian is not None:
        try:
            set_phone(guardian, event.new)
        except NumberTaken as error:
            raise InvalidInput({"phone": NOT_FREE}) from error
        guardian.wrong_number_at = guardian.previous_phone = None
    staff_id = db.session().scalar(
        select(Staff.id).where(
            Staff.school_id == db.school_id(), Staff.account_id == event.account_id
        )
    )
    if staff_id is not None:
        _remember(event.old, event.new, staff_id=staff_id)


def set_phone(guardian: Guardian, phone: str) -> None:
    """Give a guardian another number and remember the former one. Raises NumberTaken."""
    former = guardian.phone
    if former == phone:
        return
    holder = db.session().scalar(
        select(Guardian)
        .where(Guardian.school_id == guardian.school_id, Guardian.phone == phone)
        .with_for_update()
    )
    if holder is not None:
        if holder.account_id is not None or _has_children(holder):
            raise NumberTaken
        _write(holder, f"~{holder.id}")
    _write(guardian, phone)
    if holder is not None:  # a row merged into another keeps a number, and no child
        _write(holder, former)
    _remember(former, phone, guardian_id=guardian.id)


def remember_merged(source: Guardian, target: Guardian) -> None:
    """Lists that hold the number of a merged row mean the person it was merged into."""
    if source.phone != target.phone:
        _remember(source.phone, target.phone, guardian_id=target.id)


def _write(guardian: Guardian, phone: str) -> None:
    db.session().execute(
        update(Guardian)
        .where(Guardian.school_id == guardian.school_id, Guardian.id == guardian.id)
        .values(phone=phone)
    )


def _has_children(guardian: Guardian) -> bool:
    living = exists().where(
        Guardianship.school_id == guardian.school_id,
        Guardianship.guardian_id == guardian.id,
        Guardianship.ended_at.is_(None),
    )
    return bool(db.session().scalar(select(living)))


def _remember(former: str, now: str, **person: int) -> None:
    """``person`` is guardian_id or staff_id."""
    db.session().execute(
        delete(FormerPhone)
        .where(FormerPhone.school_id == db.school_id(), FormerPhone.phone.in_([former, now]))
        .filter_by(**person)
        .execution_options(synchronize_session=False)
    )
    db.session().add(FormerPhone(phone=former, **person))
    db.session().flush()


def moved_guardians() -> dict[str, str]:
    """Former number → present number; not where the former is another guardian's by now.

    A row that was merged away (no account, no child) holds a number and is nobody.
    """
    holder = (
        exists()
        .where(
            Guardian.school_id == FormerPhone.school_id,
            Guardian.phone == FormerPhone.phone,
            or_(
                Guardian.account_id.is_not(None),
                exists().where(
                    Guardianship.school_id == Guardian.school_id,
                    Guardianship.guardian_id == Guardian.id,
                    Guardianship.ended_at.is_(None),
                ),
            ),
        )
        .correlate(FormerPhone)
    )
    person = Guardian.__table__.alias("person")
    rows = db.rows(
        select(FormerPhone.phone, person.c.phone)
        .join(
            person,
            and_(
                person.c.school_id == FormerPhone.school_id,
                person.c.id == FormerPhone.guardian_id,
            ),
        )
        .where(FormerPhone.school_id == db.school_id(), ~holder)
        .order_by(FormerPhone.id)
    )
    return {row[0]: row[1] for row in rows}


def moved_staff(now: Mapping[int, str]) -> dict[str, str]:
    """The same of staff; ``now`` holds the present numbers by staff id."""
    rows = db.rows(
        select(FormerPhone.phone, FormerPhone.staff_id)
        .where(FormerPhone.school_id == db.school_id(), FormerPhone.staff_id.is_not(None))
        .order_by(FormerPhone.id)
    )
    present = set(now.values())
    return {phone: now[staff_id] for phone, staff_id in rows if phone not in present}
