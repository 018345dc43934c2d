"""Cross-site request forgery: a masked token bound to the session, and the Origin.

The token is salted anew on every page, so a compressed answer tells nothing about it.
"""

from __future__ import annotations

import hmac
import secrets

from flask import current_app, g, request

from campus import addresses
from campus.errors import Forbidden
from campus.identity.entry import cookie_name

SEED_COOKIE = "seed"
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
EXEMPT = frozenset({"health.csp_report"})  # browsers post it by themselves; it changes nothing
REFUSED = "页面放得太久或来自别处，请刷新后再提交一次。"


def _binding() -> str:
    held = g.get("csrf_binding") or request.cookies.get(
        cookie_name(current_app.config["CAMPUS"].secure)
    )
    if held:
        return str(held)
    if "csrf_seed" not in g:
        g.csrf_seed = request.cookies.get(SEED_COOKIE) or secrets.token_urlsafe(24)
    return str(g.csrf_seed)


def rebind(session_token: str) -> None:
    """The forms of this answer will be sent with the cookie of a session that has just begun."""
    g.csrf_binding = session_token
    g.pop("csrf_token", None)


def _sign(salt: str, key: str, binding: str) -> str:
    return hmac.digest(key.encode(), f"{salt}|{binding}".encode(), "sha256").hex()[:40]


def token() -> str:
    """A token for the forms of this page."""
    if "csrf_token" not in g:
        salt = secrets.token_hex(8)
        g.csrf_token = salt + _sign(salt, current_app.config["CAMPUS"].secret_key, _binding())
    return str(g.csrf_token)


def check() -> None:
    """Raise Forbidden unless an unsafe request comes from our own page."""
    if request.method not in UNSAFE or request.endpoint in EXEMPT:
        return
    origin = request.headers.get("Origin")
    if origin is not None and not _ours(origin):
        raise Forbidden(REFUSED)
    sent = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")
    settings = current_app.config["CAMPUS"]
    keys = [key for key in (settings.secret_key, settings.secret_key_fallback) if key]
    salt, mark = sent[:16], sent[16:].encode()
    if not any(hmac.compare_digest(mark, _sign(salt, key, _binding()).encode()) for key in keys):
        raise Forbidden(REFUSED)


def _ours(origin: str) -> bool:
    found = addresses.parts(origin)
    return found is not None and found.netloc == request.host
