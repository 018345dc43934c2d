"""A second step at the door: a code that changes every half minute (RFC 6238), or a spare one.

Offered to administrators and operators; whoever has it is asked for it at every sign-in. The
secret stands in the database closed by campus.crypto; of the ten spare codes only keyed hashes.
No code is taken twice. Wrong codes count like wrong passwords (throttle.py).
"""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta

import pyotp
import segno
from sqlalchemy import delete, exists, func, insert, select, update

from campus import clock, crypto, db
from campus.actor import Actor
from campus.errors import Conflict, InvalidInput
from campus.identity.factor_models import RecoveryCode, SecondFactor
from campus.identity.models import Account, AccountEvent, AccountSession
from campus.permissions import Role

ISSUER = "智慧校园"
STEP_SECONDS = 30
DRIFT = (0, -1, 1)  # a phone's clock may be half a minute off
SPARE_CODES = 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
ASKED_FOR = frozenset({Role.ADMIN, Role.OPERATOR})
STEPPED_UP = timedelta(minutes=15)
WRONG = "验证码不对，或刚刚用过。请等下一个，再看手机时间准不准。"
ALREADY = "两步验证已经开启。"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the page shows once: the secret to type, and the same as a picture to scan."""

    secret: str
    picture: str


def wanted(actor: Actor) -> bool:
    """Whether the second step is offered to this person."""
    return not actor.roles.isdisjoint(ASKED_FOR)


def enrolled(account_id: int | None) -> bool:
    """Whether sign-in asks this account for a code."""
    return bool(
        db.session().scalar(
            select(
                exists().where(
                    SecondFactor.account_id == account_id, SecondFactor.confirmed_at.is_not(None)
                )
            )
        )
    )


def begin(actor: Actor) -> None:
    """Make a new secret, not asked for until `confirm`. Raises Conflict when there is one."""
    if enrolled(actor.account_id):
        raise Conflict(ALREADY)
    account_id = _number(actor)
    db.session().execute(delete(SecondFactor).where(SecondFactor.account_id == account_id))
    secret = crypto.sealed(_place(account_id), pyotp.random_base32())
    db.session().add(SecondFactor(account_id=account_id, secret=secret))
    db.session().flush()


def enrolment(actor: Actor) -> Enrolment | None:
    """The secret begun and not confirmed; None when there is none."""
    found = db.session().get(SecondFactor, actor.account_id)
    if found is None or found.confirmed_at is not None:
        return None
    secret = crypto.opened(_place(found.account_id), found.secret)
    phone = db.session().scalar(select(Account.phone).where(Account.id == found.account_id)) or ""
    address = pyotp.TOTP(secret).provisioning_uri(
        name=f"{phone[:3]}****{phone[-4:]}", issuer_name=ISSUER
    )
    picture = segno.make(address, error="m").svg_data_uri(scale=6, border=3, light="#fff")
    return Enrolment(" ".join(re.findall("....", secret)), picture)


def confirm(actor: Actor, *, code: str) -> list[str]:
    """Prove the phone has the secret; from now on it is asked for. Returns the ten spare codes.

    Raises InvalidInput for a wrong code, Conflict when it is on already.
    """
    found = db.session().get(SecondFactor, actor.account_id, with_for_update=True)
    if found is not None and found.confirmed_at is not None:
        raise Conflict(ALREADY)
    if found is None or not _take_code(found, code):
        raise InvalidInput({"code": WRONG})
    found.confirmed_at = clock.now()
    db.session().add(AccountEvent(account_id=found.account_id, kind="two-step-on"))
    return _new_spare_codes(found.account_id)


def forget(actor: Actor) -> None:
    """Switch it off; the caller has just taken a code."""
    account_id = _number(actor)
    db.session().execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    db.session().execute(delete(SecondFactor).where(SecondFactor.account_id == account_id))
    db.session().add(AccountEvent(account_id=account_id, kind="two-step-off"))


def accept(account_id: int, code: str) -> bool:
    """Take a code or a spare code, once. Takes the row's lock, so two tries take turns."""
    found = db.session().get(SecondFactor, account_id, with_for_update=True)
    if found is None or found.confirmed_at is None:
        return False
    return _take_code(found, code) or _take_spare(account_id, code)


def spare_left(actor: Actor) -> int:
    """How many spare codes are unused."""
    left = select(func.count()).where(
        RecoveryCode.account_id == actor.account_id, RecoveryCode.used_at.is_(None)
    )
    return db.session().scalar(left) or 0


def step_up(actor: Actor) -> None:
    """Note that the person has just proved who they are (password or code)."""
    db.session().execute(
        update(AccountSession)
        .where(AccountSession.id == actor.session_id, AccountSession.account_id == actor.account_id)
        .values(confirmed_at=clock.now())
    )


def stepped_up(actor: Actor) -> bool:
    """Whether the person signed in or confirmed themselves within 15 minutes.

    For what should not be done at somebody else's open screen: exports, changes of roles.
    """
    if actor.trusted:
        return True
    recently = AccountSession.confirmed_at > clock.now() - STEPPED_UP
    return bool(
        db.session().scalar(
            select(AccountSession.id).where(AccountSession.id == actor.session_id, recently)
        )
    )


def _take_code(found: SecondFactor, code: str) -> bool:
    typed = re.sub(r"\s", "", code)
    totp = pyotp.TOTP(crypto.opened(_place(found.account_id), found.secret))
    now = int(clock.now().timestamp()) // STEP_SECONDS
    for step in (now + drift for drift in DRIFT):
        if step > found.last_step and hmac.compare_digest(
            totp.generate_otp(step).encode(), typed.encode()
        ):
            found.last_step = step
            db.session().flush()
            return True
    return False


def _take_spare(account_id: int, code: str) -> bool:
    used = db.session().execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.account_id == account_id,
            RecoveryCode.code_hash == _hash(account_id, code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=func.now())
        .returning(RecoveryCode.account_id)
    )
    taken = used.first() is not None
    if taken:
        db.session().add(AccountEvent(account_id=account_id, kind="two-step-spare"))
    return taken


def _new_spare_codes(account_id: int) -> list[str]:
    db.session().execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    made = [_spare() for _ in range(SPARE_CODES)]
    rows = [{"account_id": account_id, "code_hash": _hash(account_id, code)} for code in made]
    db.session().execute(insert(RecoveryCode), rows)
    return made


def _spare() -> str:
    letters = "".join(secrets.choice(ALPHABET) for _ in range(10))
    return f"{letters[:5]}-{letters[5:]}"


def _hash(account_id: int, code: str) -> bytes:
    plain = re.sub(r"[^a-z0-9]", "", code.lower())
    return crypto.blind(crypto.PLATFORM, "recovery_code", f"{account_id}|{plain}")


def _place(account_id: int) -> crypto.Place:
    return crypto.Place(crypto.PLATFORM, "second_factor", account_id, "secret")


def _number(actor: Actor) -> int:
    assert actor.account_id is not None, "only a person has a second step"
    return actor.account_id
