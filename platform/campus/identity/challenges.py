"""Questions a passkey answers: each for one browser, once, within three minutes.

A browser holds one question at a time, so a newer one ends the older; an answer ends it whether
it is right or wrong. How many are open at one address is limited, as failed sign-ins are.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from campus import db
from campus.errors import TooMany
from campus.identity.passkey_models import PasskeyChallenge
from campus.identity.throttle import ADDRESS

LIVES = timedelta(minutes=3)
BYTES = 32
TOO_MANY = "这里的网络登录太频繁了，请几分钟后再试，或用密码登录。"


def of_session(session_id: int | None) -> str:
    """Who asks to add a passkey: the session on whose page it happens."""
    return f"session:{session_id}"


def of_device(device: str) -> str:
    """Who asks to sign in: the device's long-lived cookie, of which only a hash is kept."""
    return f"device:{hashlib.sha256(device.encode()).hexdigest()}"


def put(holder: str, ip: str) -> bytes:
    """A new question for ``holder``. Raises TooMany."""
    challenge = secrets.token_bytes(BYTES)
    values = {"challenge": challenge, "ip": ip, "expires_at": func.now() + LIVES}
    with db.joined() as session:
        session.execute(delete(PasskeyChallenge).where(PasskeyChallenge.expires_at <= func.now()))
        opened = select(func.count()).where(PasskeyChallenge.ip == ip)
        if (session.scalar(opened) or 0) >= ADDRESS:
            raise TooMany(TOO_MANY, retry_after=int(LIVES.total_seconds()))
        session.execute(
            insert(PasskeyChallenge)
            .values(holder=holder, **values)
            .on_conflict_do_update(index_elements=["holder"], set_=values)
        )
    return challenge


def take(holder: str) -> bytes | None:
    """The living question of ``holder``, gone with this, whatever comes of the answer: so in a
    transaction that is committed before the answer is judged wrong."""
    row = (
        db.session()
        .execute(
            delete(PasskeyChallenge)
            .where(PasskeyChallenge.holder == holder)
            .returning(PasskeyChallenge.challenge, PasskeyChallenge.expires_at > func.now())
        )
        .first()
    )
    return bytes(row[0]) if row is not None and row[1] else None
