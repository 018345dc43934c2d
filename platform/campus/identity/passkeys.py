"""Passkeys (WebAuthn): a key pair on the person's device stands in for the password.

The device signs our question after it has seen a finger, a face or its own code. Only the public
half is kept. With that look at the person a passkey is two factors at once, so no code is asked
for; without it, it is one, and who has the second step is asked for the code as well. A counter
that does not rise shows a copied key: it is refused, and its owner is shown so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import webauthn
from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from campus import clock, crypto, db
from campus.actor import Actor
from campus.errors import Conflict, Forbidden, InvalidInput, NotFound, TooMany
from campus.identity import actions, challenges, queries, throttle, totp
from campus.identity.models import Account, AccountEvent
from campus.identity.party import Party
from campus.identity.passkey_models import Passkey

TITLE = "智慧校园"
MOST = 10
WAIT_MS = int(challenges.LIVES.total_seconds() * 1000)
CONFIRM_FIRST = "请先确认是您本人，再添加通行密钥。"
FULL = f"最多 {MOST} 把通行密钥，请先移除不用的。"
TOO_SLOW = "等得太久了，请再试一次。"
NOT_ADDED = "这把通行密钥没有加上，请再试一次。"
ALREADY = "这把通行密钥已经添加过了。"
REFUSED = "这把通行密钥没有通过，可能已被移除。请用手机号和密码登录。"
NOT_IT = "这把通行密钥没有通过，可能已被移除。请用上面的方式确认。"
NONE_YET = "您还没有通行密钥，请用上面的方式确认。"
SLOWER = "试得太多次了，请 15 分钟后再试，或用手机号和密码登录。"


def own(actor: Actor) -> list[Passkey]:
    """The actor's passkeys, the oldest first."""
    mine = select(Passkey).where(Passkey.account_id == actor.account_id).order_by(Passkey.id)
    return list(db.session().scalars(mine))


def question(actor: Actor, *, party: Party, ip: str) -> str:
    """What a browser needs to make a passkey, as JSON.

    Raises Forbidden for whoever has not proved themselves lately, Conflict when there are MOST.
    """
    held = _may_add(actor)
    account = db.session().get_one(Account, actor.account_id)
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=TITLE,
        user_id=_handle(actor, held),
        user_name=f"{account.name} {queries.masked_phone(account.phone)}",
        user_display_name=account.name,
        challenge=challenges.put(challenges.of_session(actor.session_id), ip),
        timeout=WAIT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(one.credential_id) for one in held],
    )
    return webauthn.options_to_json(options)


def _may_add(actor: Actor) -> list[Passkey]:
    if not totp.stepped_up(actor):
        raise Forbidden(CONFIRM_FIRST)
    held = own(actor)
    if len(held) >= MOST:
        raise Conflict(FULL)
    return held


def add(actor: Actor, *, answer: str, name: str, party: Party) -> None:
    """Keep the public half of a passkey the device has just made. Raises InvalidInput."""
    held = _may_add(actor)
    db.release()
    with db.transaction():
        challenge = challenges.take(challenges.of_session(actor.session_id))
    if challenge is None:
        raise InvalidInput({"form": TOO_SLOW})
    try:
        found = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except Exception as error:  # a stranger's bytes: whatever they break is one refusal
        raise InvalidInput({"form": NOT_ADDED}) from error
    made = db.session().scalar(
        insert(Passkey)
        .values(
            account_id=actor.account_id,
            credential_id=found.credential_id,
            public_key=found.credential_public_key,
            user_handle=_handle(actor, held),
            sign_count=found.sign_count,
            name=name,
        )
        .on_conflict_do_nothing()
        .returning(Passkey.id)
    )
    if made is None:
        raise InvalidInput({"form": ALREADY})
    _note(actor.account_id, "passkey-added", passkey=made)


def rename(actor: Actor, *, passkey_id: int, name: str) -> None:
    """Call one of the actor's passkeys something else. Raises NotFound."""
    _own(actor, passkey_id).name = name
    _note(actor.account_id, "passkey-renamed", passkey=passkey_id)


def remove(actor: Actor, *, passkey_id: int) -> None:
    """Let one of the actor's passkeys open nothing any more. Raises NotFound."""
    db.session().delete(_own(actor, passkey_id))
    _note(actor.account_id, "passkey-removed", passkey=passkey_id)


def _own(actor: Actor, passkey_id: int) -> Passkey:
    found = db.session().scalar(
        select(Passkey)
        .where(Passkey.id == passkey_id, Passkey.account_id == actor.account_id)
        .with_for_update()
    )
    if found is None:
        raise NotFound
    return found


def door_question(device: str, *, party: Party, ip: str) -> str:
    """What a browser needs to sign in with whichever passkey its person chooses, as JSON."""
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=challenges.put(challenges.of_device(device), ip),
        timeout=WAIT_MS,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return webauthn.options_to_json(options)


@dataclass(frozen=True, slots=True)
class _Proved:
    """Whose passkey answered, and whether the device looked at the person."""

    account: Account
    passkey_id: int
    verified: bool


def sign_in(
    answer: str, *, device: str, ip: str, user_agent: str, party: Party, secret: str
) -> actions.SignedIn:
    """Make a session for whoever's passkey answered. Raises InvalidInput, TooMany or SecondStep.

    Every refusal reads alike. Wrong answers are counted by passkey, device and address within the
    lockout of passwords; transactions of its own, so that they are counted.
    """
    held = _parsed(answer)
    attempt = throttle.Attempt(f"passkey:{held.id}", device, ip)
    try:
        with throttle.counted(attempt, secret):
            proved = _answered(held, device, party)
    except TooMany as error:
        raise TooMany(SLOWER, retry_after=error.retry_after) from error
    with db.transaction(read_only=True):
        coded = not proved.verified and totp.enrolled(proved.account.id)
    if coded:
        raise actions.SecondStep(proved.account.id)
    by = {"passkey": proved.passkey_id}
    return actions.start_session(proved.account, attempt, user_agent, by)


def _answered(held: AuthenticationCredential, device: str, party: Party) -> _Proved:
    with db.transaction():
        challenge = challenges.take(challenges.of_device(device))
        proved = _proved(held, challenge, party) if challenge else None
    if challenge is None:
        raise InvalidInput({"form": TOO_SLOW})
    if proved is None:
        raise InvalidInput({"form": REFUSED})
    return proved


def any_own(account_id: int | None) -> bool:
    """Whether the account has a passkey."""
    return bool(db.session().scalar(select(exists().where(Passkey.account_id == account_id))))


def own_question(actor: Actor, *, party: Party, ip: str) -> str:
    """What a browser needs to prove with a passkey that this is still the actor, as JSON.

    Raises Conflict for an account without one.
    """
    held = own(actor)
    if not held:
        raise Conflict(NONE_YET)
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=challenges.put(challenges.of_session(actor.session_id), ip),
        timeout=WAIT_MS,
        allow_credentials=[PublicKeyCredentialDescriptor(one.credential_id) for one in held],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def proves(actor: Actor, *, answer: str, party: Party) -> bool:
    """Whether the actor's own passkey answered this session's question and saw its owner.

    A key that only lies beside the open screen is no proof of who sits there.
    """
    challenge = challenges.take(challenges.of_session(actor.session_id))
    try:
        held = _parsed(answer)
    except InvalidInput:
        return False
    proved = _proved(held, challenge, party, actor.account_id) if challenge else None
    return proved is not None and proved.verified


def _parsed(answer: str) -> AuthenticationCredential:
    try:
        return parse_authentication_credential_json(answer)
    except Exception as error:  # a stranger's bytes again
        raise InvalidInput({"form": REFUSED}) from error


def _proved(
    held: AuthenticationCredential, challenge: bytes, party: Party, known: int | None = None
) -> _Proved | None:
    """Check an answer against the passkey it names; the row is locked, so two take turns.

    ``known`` is the account that is asked, where it is known: its passkeys need not name it again.
    """
    row = (
        db.session()
        .execute(
            select(Passkey, Account)
            .join(Account, Account.id == Passkey.account_id)
            .where(Passkey.credential_id == held.raw_id, Account.disabled_at.is_(None))
            .with_for_update(of=Passkey)
        )
        .one_or_none()
    )
    if row is None:
        return None
    passkey, account = row
    named = held.response.user_handle
    if known not in (None, account.id) or (named != passkey.user_handle and (named or not known)):
        return None
    try:
        # The counter is judged below, after the signature: an unsigned one says nothing.
        found = webauthn.verify_authentication_response(
            credential=held,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=0,
        )
    except Exception:
        return None
    if max(found.new_sign_count, passkey.sign_count) > 0 and (
        found.new_sign_count <= passkey.sign_count
    ):
        passkey.suspect_at = clock.now()
        _note(account.id, "passkey-refused", passkey=passkey.id)
        return None
    passkey.sign_count, passkey.used_at = found.new_sign_count, clock.now()
    return _Proved(account, passkey.id, found.user_verified)


def _handle(actor: Actor, held: list[Passkey]) -> bytes:
    """What authenticators know the account by: nothing about the person, and always the same."""
    if held:
        return held[0].user_handle
    return crypto.blind(crypto.PLATFORM, "passkey_handle", str(actor.account_id))


def _note(account_id: int | None, kind: str, **detail: Any) -> None:
    db.session().add(AccountEvent(account_id=account_id, kind=kind, detail=detail))
