"""Guardians' details as the class teacher and the office keep them: each change with a way back.

A limited guardian keeps the child's growth record and the notices. Hidden are: illness (it reads as
leave), the other guardians, their numbers and addresses: `people.custody` is the door that
everything for the family asks.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select, update

from campus import audit, clock, db
from campus.actor import Actor
from campus.errors import InvalidInput, NotFound
from campus.permissions import Role
from campus.realtime import revoke
from campus.schools.actions import grant_roles
from campus.schools.models import Membership
from tenants.families import login
from tenants.families.invite import end_codes_of
from tenants.families.permissions import Families
from tenants.families.reach import reach_tie
from tenants.people import custody
from tenants.people.models import Guardian, Guardianship
from tenants.people.phones import NumberTaken, set_phone

DETAILS = ("relation", "contact_order", "may_pick_up", "may_see_health", "limited")
PHONE_TAKEN = (
    "本校另一位家长登记的就是这个手机号。如果是同一个人，请让这位家长自己扫码加入，会自动合并。"
)


def change_details(actor: Actor, *, pupil_id: int, guardian_id: int, **details: Any) -> None:
    """Set relation, order of calls and custody flags; the former ones are kept for undo.

    Raises NotFound for a child out of reach.
    """
    actor.check(Families.INVITE)
    tie = reach_tie(actor, pupil_id, guardian_id)
    before = {name: getattr(tie, name) for name in DETAILS}
    after = {name: details.get(name, before[name]) for name in DETAILS}
    if after == before:
        return
    _set(tie, after, before)
    _tell(tie)
    changed = {
        name: {"old": before[name], "new": after[name]}
        for name in DETAILS
        if name != "relation" and before[name] != after[name]
    }
    audit.record(actor, "families.guardian", "pupil", pupil_id, guardian=guardian_id, **changed)


def undo_details(actor: Actor, *, pupil_id: int, guardian_id: int) -> None:
    """Put the details back as they were before the last change; without one nothing happens."""
    actor.check(Families.INVITE)
    tie = reach_tie(actor, pupil_id, guardian_id)
    if tie.previous is None:
        return
    _set(tie, tie.previous, None)
    _tell(tie)
    audit.record(actor, "families.guardian-undo", "pupil", pupil_id, guardian=guardian_id)


def _set(tie: Guardianship, values: dict[str, Any], previous: dict[str, Any] | None) -> None:
    for name, value in values.items():
        setattr(tie, name, value)
    tie.previous = previous


def _tell(tie: Guardianship) -> None:
    db.session().flush()
    custody.changed(tie.pupil_id, _guardian(tie.guardian_id).account_id)


def unlink(actor: Actor, *, pupil_id: int, guardian_id: int) -> None:
    """End a tie: the next request sees nothing of the child, open sockets are cut within a second.

    A guardian without any other child here also loses the membership.
    """
    actor.check(Families.INVITE)
    tie = reach_tie(actor, pupil_id, guardian_id, ended=None)
    if tie.ended_at is not None:
        return
    tie.ended_at = clock.now()
    db.session().flush()
    end_codes_of(guardian_id=guardian_id, pupil_id=pupil_id)
    account_id = _guardian(guardian_id).account_id
    custody.changed(pupil_id, account_id)
    if account_id is not None:
        if not _has_children(account_id):
            _end_membership(account_id)
        revoke(account_ids=[account_id], school_id=db.school_id(), reason="unlinked")
    audit.record(actor, "families.unlink", "pupil", pupil_id, guardian=guardian_id)


def link_again(actor: Actor, *, pupil_id: int, guardian_id: int) -> None:
    """Take an unlinking back; a tie that stands is left alone."""
    actor.check(Families.INVITE)
    tie = reach_tie(actor, pupil_id, guardian_id, ended=None)
    if tie.ended_at is None:
        return
    tie.ended_at = None
    account_id = _guardian(guardian_id).account_id
    if account_id is not None:
        grant_roles(actor, account_ids=[account_id], roles=[Role.GUARDIAN])
    audit.record(actor, "families.link-again", "pupil", pupil_id, guardian=guardian_id)


def _guardian(guardian_id: int) -> Guardian:
    found = db.session().scalar(
        select(Guardian)
        .where(Guardian.school_id == db.school_id(), Guardian.id == guardian_id)
        .with_for_update()
    )
    if found is None:
        raise NotFound
    return found


def _has_children(account_id: int) -> bool:
    return bool(
        db.session().scalar(
            select(func.count())
            .select_from(Guardianship)
            .join(
                Guardian,
                (Guardian.school_id == Guardianship.school_id)
                & (Guardian.id == Guardianship.guardian_id),
            )
            .where(
                Guardianship.school_id == db.school_id(),
                Guardianship.ended_at.is_(None),
                Guardian.account_id == account_id,
            )
        )
    )


def _end_membership(account_id: int) -> None:
    """Take the guardian's role; a membership without any role has ended."""
    left = func.array_remove(Membership.roles, str(Role.GUARDIAN))
    db.session().execute(
        update(Membership)
        .where(Membership.school_id == db.school_id(), Membership.account_id == account_id)
        .values(roles=left)
    )
    db.session().execute(
        update(Membership)
        .where(
            Membership.school_id == db.school_id(),
            Membership.account_id == account_id,
            func.cardinality(Membership.roles) == 0,
        )
        .values(ended_at=func.now())
    )


def mark_wrong_number(actor: Actor, *, pupil_id: int, guardian_id: int, wrong: bool) -> None:
    """Note that a number is not theirs (so nobody prints another sheet for it), or that it is."""
    actor.check(Families.INVITE)
    reach_tie(actor, pupil_id, guardian_id)
    guardian = _guardian(guardian_id)
    guardian.wrong_number_at = clock.now() if wrong else None
    audit.record(actor, "families.wrong-number", "guardian", guardian_id, wrong=wrong)


def correct_phone(actor: Actor, *, pupil_id: int, guardian_id: int, phone: str) -> bool:
    """Correct a guardian's number; the former one is kept for undo. Whether they have joined.

    Who has joined signs in by the new number from then on, with the password as it was: for a
    family that has lost the old number and cannot get in to change it. Raises Conflict where the
    account opens more than this school's own children, InvalidInput when the number is somebody
    else's.
    """
    actor.check(Families.INVITE)
    reach_tie(actor, pupil_id, guardian_id)
    guardian = _guardian(guardian_id)
    former, joined = guardian.phone, guardian.account_id
    if phone == former:
        guardian.wrong_number_at = None
        return joined is not None
    if joined is not None:
        login.move_login(actor, account_id=joined, phone=phone)
    try:
        set_phone(guardian, phone)
    except NumberTaken as error:
        raise InvalidInput({"phone": PHONE_TAKEN}) from error
    guardian.previous_phone, guardian.wrong_number_at = former, None
    end_codes_of(guardian_id=guardian_id)
    audit.record(actor, "families.phone", "guardian", guardian_id, login=joined is not None)
    return joined is not None


def undo_phone(actor: Actor, *, pupil_id: int, guardian_id: int) -> None:
    """Put the former number back; without one nothing happens."""
    actor.check(Families.INVITE)
    reach_tie(actor, pupil_id, guardian_id)
    former = _guardian(guardian_id).previous_phone
    if former is not None:
        correct_phone(actor, pupil_id=pupil_id, guardian_id=guardian_id, phone=former)
