"""The invited person becomes the child's guardian, once, whoever else tries at the same moment."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from campus import audit, clock, db
from campus.actor import Actor
from campus.identity import actions as identity
from campus.identity import passwords
from campus.identity.models import Account
from campus.permissions import Role
from campus.schools.actions import grant_roles
from tenants.families import account, look, merge
from tenants.families.invite import end_codes_of
from tenants.families.models import Invitation
from tenants.people.models import Guardian, Guardianship

LAST_IN_ORDER = 9


@dataclass(frozen=True, slots=True)
class Joined:
    """Whose guardian the person is now, and the session when one began."""

    pupil_id: int
    signed_in: identity.SignedIn | None = None


def join_as_new(
    offer: look.Offer, person: account.Person, *, school_id: int, school_name: str, relation: str
) -> Joined:
    """Join by phone and password: an existing account is entered, otherwise one is made.

    Raises InvalidInput by field, TooMany, or Dead. Runs in transactions of its own, so that none
    is open while a password is hashed; a wrong password counts against the code.
    """
    held = account.known(person.attempt.phone)
    if not held.has_password:
        account.check_new(person, school_name)
    with look.counted(school_id, offer.invitation_id):
        if held.has_password:
            signed_in = account.enter(person)
            with db.transaction(school_id=school_id):
                join(offer.invitation_id, account_id=signed_in.account_id, relation=relation)
            return Joined(offer.pupil_id, signed_in)
        password_hash = passwords.hashed(person.password)
        with db.transaction(school_id=school_id):
            _make_and_join(offer, person, held, password_hash, relation)
    return Joined(offer.pupil_id, account.enter(person))


def _make_and_join(
    offer: look.Offer,
    person: account.Person,
    held: account.Known,
    password_hash: str,
    relation: str,
) -> None:
    invitation = look.lock(offer.invitation_id)
    invited = _invited(invitation)
    account_id = account.make(
        person,
        held,
        password_hash,
        name=person.name or (invited.name if invited else "家长"),
        invited=invited is not None and invited.phone == person.attempt.phone,
    )
    join(offer.invitation_id, account_id=account_id, relation=relation)


def _invited(invitation: Invitation) -> Guardian | None:
    return db.session().scalar(
        select(Guardian).where(
            Guardian.school_id == invitation.school_id, Guardian.id == invitation.guardian_id
        )
    )


def join(invitation_id: int, *, account_id: int, relation: str = "") -> None:
    """Use the invitation up and make the account that guardian. Raises Dead or InvalidInput.

    ``relation`` is what another parent says they are; a place the school knows keeps its own.
    """
    invitation = look.lock(invitation_id)
    invited = _invited(invitation)
    if invited is not None and invited.account_id not in (None, account_id):
        raise look.Dead  # the place was taken by another code
    person = db.session().get_one(Account, account_id)
    guardian = merge.guardian_for(
        invitation, account_id=account_id, phone=person.phone, name=person.name
    )
    guardian.account_id = account_id
    guardian.wrong_number_at = guardian.previous_phone = None
    if invitation.guardian_id is None:
        _tie(guardian, invitation.pupil_id, relation or "家长")
    invitation.used_at, invitation.used_by = clock.now(), account_id
    db.session().flush()
    end_codes_of(guardian_id=guardian.id)
    if invitation.guardian_id not in (None, guardian.id):
        end_codes_of(guardian_id=invitation.guardian_id or 0)
    actor = Actor(account_id, person.name, db.school_id(), frozenset({Role.GUARDIAN}))
    grant_roles(actor, account_ids=[account_id], roles=[Role.GUARDIAN])
    audit.record(actor, "families.join", "pupil", invitation.pupil_id, guardian=guardian.id)


def _tie(guardian: Guardian, pupil_id: int, relation: str) -> None:
    """Another parent stands last in the order of calls and may not fetch the child: the school
    has not met them yet. An existing tie stays as it is."""
    db.session().execute(
        insert(Guardianship)
        .values(
            school_id=guardian.school_id,
            guardian_id=guardian.id,
            pupil_id=pupil_id,
            relation=relation,
            contact_order=LAST_IN_ORDER,
            may_pick_up=False,
        )
        .on_conflict_do_nothing()
    )
