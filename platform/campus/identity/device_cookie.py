"""The device a person signs in from: a long-lived cookie, so that a lockout strikes one device."""

from __future__ import annotations

import re
import secrets

from flask import current_app, request
from werkzeug.wrappers import Response

COOKIE = "device"
YEAR = 365 * 24 * 3600
# What an index holds; whatever else is sent is no device of ours.
_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")


def known() -> str:
    """The key of the device that asks; empty for one that was never here."""
    sent = request.cookies.get(COOKIE, "")
    return sent if _KEY.fullmatch(sent) else ""


def key() -> str:
    """The key of the device that asks, or a new one."""
    return known() or secrets.token_urlsafe(16)


def keep(response: Response, device: str) -> None:
    """Let the device know its key for a year."""
    secure = current_app.config["CAMPUS"].secure
    response.set_cookie(COOKIE, device, max_age=YEAR, secure=secure, httponly=True, samesite="Lax")
