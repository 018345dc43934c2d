"""What a child's guardians agreed to: one standing answer per guardian, child and purpose.

A child's information is sensitive (PIPL 28), so silence is no consent: a photo needs the yes of at
least one guardian to the current wording, and no guardian's no. Health, class records and what the
law makes a school keep ask nobody and are not here. The wording itself, and asking for it, lies in
`tenants/families/consent.py`; an answer is never changed, only withdrawn and followed by another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Index,
    SmallInteger,
    Text,
    and_,
    any_,
    bindparam,
    func,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from campus import clock, db
from campus.actor import Actor
from campus.db import SchoolRow, within_school
from tenants.people.bulk import add_rows, update_rows
from tenants.people.events import ConsentChanged, consent_changed
from tenants.people.models import Guardianship

GROWTH_PHOTO, CLASS_PHOTO, REMINDERS = "growth-photo", "class-photo", "reminders"
# A changed wording is a new version: a yes to an older one no longer counts, a no always does.
VERSIONS = {GROWTH_PHOTO: 1, CLASS_PHOTO: 1, REMINDERS: 1}


class Consent(SchoolRow):
    """One answer of one guardian about one child: to what, in which wording, when and how."""

    __tablename__ = "consent"
    __table_args__ = (
        within_school("guardian_id", "guardian"),
        within_school("pupil_id", "pupil"),
        Index("ix_consent_pupil", "school_id", "pupil_id", "purpose"),
        Index(
            "uq_consent_standing",
            "school_id",
            "guardian_id",
            "pupil_id",
            "purpose",
            unique=True,
            postgresql_where="withdrawn_at IS NULL",
        ),
    )

    guardian_id: Mapped[int]
    pupil_id: Mapped[int]
    purpose: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(SmallInteger)
    agreed: Mapped[bool]
    channel: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    withdrawn_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a guardian says about a child: yes or no to one purpose."""

    guardian_id: int
    pupil_id: int
    purpose: str
    agreed: bool


def record_answers(actor: Actor, answers: Iterable[Answer], *, channel: str) -> None:
    """Let these answers stand in place of the earlier ones, which stay as withdrawn; tell it.

    Whoever calls has checked the right to answer.
    """
    given = list(answers)
    if not given:
        return
    _withdraw({(one.guardian_id, one.pupil_id, one.purpose) for one in given})
    add_rows(
        Consent,
        {
            "guardian_id": [one.guardian_id for one in given],
            "pupil_id": [one.pupil_id for one in given],
            "purpose": [one.purpose for one in given],
            "version": [VERSIONS[one.purpose] for one in given],
            "agreed": [one.agreed for one in given],
            "channel": [channel for _ in given],
        },
    )
    _tell(actor, given)


def _tell(actor: Actor, given: list[Answer]) -> None:
    said: dict[tuple[int, int], dict[str, bool]] = {}
    for one in given:
        said.setdefault((one.guardian_id, one.pupil_id), {})[one.purpose] = one.agreed
    for (guardian_id, pupil_id), answers in said.items():
        event = ConsentChanged(actor, guardian_id, pupil_id, answers)
        consent_changed.send(None, event=event)


def _withdraw(keys: set[tuple[int, int, str]]) -> None:
    """End what stands for these guardians, children and purposes, whatever their number."""
    pupils = bindparam("pupils", sorted({key[1] for key in keys}), type_=ARRAY(BigInteger))
    rows = db.rows(
        select(Consent.id, Consent.guardian_id, Consent.pupil_id, Consent.purpose).where(
            Consent.school_id == db.school_id(),
            Consent.pupil_id == any_(pupils),
            Consent.withdrawn_at.is_(None),
        )
    )
    ids = [row[0] for row in rows if tuple(row[1:]) in keys]
    now = clock.now()
    update_rows(Consent, ids, {"withdrawn_at": [now for _ in ids]})


def without_consent(pupil_ids: Collection[int], purpose: str) -> set[int]:
    """Those children for whom no guardian agreed to ``purpose``, or one refused.

    A guardian whose tie ended has no say any more.
    """
    rows = db.session().execute(
        select(
            Consent.pupil_id,
            func.bool_or(Consent.agreed & (Consent.version == VERSIONS[purpose])),
            func.bool_or(~Consent.agreed),
        )
        .join(
            Guardianship,
            and_(
                Guardianship.school_id == Consent.school_id,
                Guardianship.guardian_id == Consent.guardian_id,
                Guardianship.pupil_id == Consent.pupil_id,
            ),
        )
        .where(
            Consent.school_id == db.school_id(),
            Consent.pupil_id.in_(pupil_ids),
            Consent.purpose == purpose,
            Consent.withdrawn_at.is_(None),
            Guardianship.ended_at.is_(None),
        )
        .group_by(Consent.pupil_id)
    )
    agreed = {pupil_id for pupil_id, yes, no in rows if yes and not no}
    return set(pupil_ids) - agreed
