"""What a person may see of their own account."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from campus import db
from campus.actor import Actor
from campus.identity.models import Account, AccountSession

BROWSERS = (
    ("MicroMessenger", "微信"),
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("HarmonyOS", "鸿蒙"),
    ("Android", "安卓手机"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows 电脑"),
    ("Mac OS", "Mac 电脑"),
    ("Linux", "Linux 电脑"),
)


@dataclass(frozen=True, slots=True)
class Device:
    """One signed-in device of a person, in words."""

    id: int
    title: str
    place: str
    seen_at: datetime
    current: bool


def devices_of(actor: Actor) -> list[Device]:
    """The actor's standing sessions, the current one first, then by last use."""
    rows = db.session().scalars(
        select(AccountSession)
        .where(
            AccountSession.account_id == actor.account_id,
            AccountSession.ended_at.is_(None),
            AccountSession.idle_at > func.now(),
            AccountSession.expires_at > func.now(),
        )
        .order_by((AccountSession.id == actor.session_id).desc(), AccountSession.seen_at.desc())
    )
    return [
        Device(
            row.id,
            title(row.user_agent),
            masked_ip(row.ip),
            row.seen_at,
            row.id == actor.session_id,
        )
        for row in rows
    ]


def title(user_agent: str) -> str:
    """A device in words: ``微信 · 安卓手机``."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "浏览器")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "其他设备")
    return f"{browser} · {system}"


def masked_ip(address: str) -> str:
    """An address without its last part."""
    return re.sub(r"[.:][0-9a-f]*(/[0-9]+)?$", ".*", str(address))


def masked_phone(phone: str) -> str:
    """``120****0004``."""
    return f"{phone[:3]}****{phone[-4:]}"


def phone_of(actor: Actor) -> str:
    """The actor's own phone number."""
    return db.session().scalars(select(Account.phone).filter_by(id=actor.account_id)).one()
