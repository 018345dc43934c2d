"""Flask-Login over sessions that are rows of ours: `current_user` is the actor that the gate found.

Its cookies are not used, so it is not given the application's answers to write them on
(`init_app` would, and would make every static file vary by cookie). `@requires` stays the lock:
`login_required` lets OPTIONS pass and can be switched off by a setting.
"""

from __future__ import annotations

from typing import NoReturn

from flask import Flask, Request, g
from flask_login import LoginManager, current_user

from campus.actor import Actor
from campus.errors import SignInNeeded

# No browser is ever given this cookie; one that came with the usual name would be read as a
# remembered person, and the gate's answer would not be asked.
UNUSED_COOKIE = "campus_remembers_nobody"
manager = LoginManager()
manager.session_protection = None  # entry.py binds a session to its device's row


def _found(_: Request) -> Actor | None:
    found: Actor | None = g.get("actor")
    return found


def _unauthorized() -> NoReturn:
    raise SignInNeeded


manager.request_loader(_found)
manager.unauthorized_handler(_unauthorized)


def install(app: Flask) -> None:
    """Let `current_user` work in this application's requests."""
    app.config["REMEMBER_COOKIE_NAME"] = UNUSED_COOKIE
    app.login_manager = manager  # type: ignore[attr-defined]


def person() -> Actor | None:
    """Who is signed in: the actor itself, never the proxy, so that it may be handed on."""
    if not current_user.is_authenticated:
        return None
    actor: Actor = current_user._get_current_object()
    return actor
