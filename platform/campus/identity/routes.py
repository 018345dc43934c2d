"""Signing in and out, choosing a school, one's own devices and password."""

from __future__ import annotations

import json
import secrets
from typing import Any
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response

from campus import csrf, forms, pages
from campus.errors import InvalidInput, TooMany
from campus.identity import actions, queries, schemas, throttle
from campus.identity.entry import cookie_name
from campus.permissions import public, signed_in
from campus.schools.queries import home_url, places_of

blueprint = Blueprint("identity", __name__)
DEVICE_COOKIE = "device"
YEAR = 365 * 24 * 3600
OWN = "one's own account belongs to no school"


@blueprint.get("/login")
@public("the door")
def login() -> Any:
    if g.get("actor") is not None:
        return redirect(_target(request.args.get("next", ""), g.actor.account_id))
    return _login_page({"next": request.args.get("next", "")}, {})


@blueprint.post("/login")
@public("the door")
def sign_in() -> Any:
    settings = current_app.config["CAMPUS"]
    values = request.form.to_dict()
    device = request.cookies.get(DEVICE_COOKIE) or secrets.token_urlsafe(16)
    try:
        data = forms.load(schemas.SignIn)
        attempt = throttle.Attempt(data["account"], device, request.remote_addr or "127.0.0.1")
        made = actions.sign_in(
            attempt,
            password=data["password"],
            user_agent=request.user_agent.string,
            secret=settings.secret_key,
        )
    except (InvalidInput, TooMany) as error:
        wrong = error.fields if isinstance(error, InvalidInput) else {"password": error.message}
        refused = make_response(_login_page(values, wrong, error.status))
        if isinstance(error, TooMany) and error.retry_after:
            refused.headers["Retry-After"] = str(error.retry_after)
        return refused
    csrf.rebind(made.token)
    response = make_response(redirect(_target(data["next"], made.account_id), 303))
    if data["kept"]:
        response = make_response(_kept_page(data["kept"]))
    limits: dict[str, Any] = {"secure": settings.secure, "httponly": True, "samesite": "Lax"}
    longest = int(made.longest.total_seconds())
    response.set_cookie(cookie_name(settings.secure), made.token, max_age=longest, **limits)
    response.set_cookie(DEVICE_COOKIE, device, max_age=YEAR, **limits)
    return response


def _login_page(values: dict[str, str], errors: dict[str, str], status: int = 200) -> Any:
    values.pop("password", None)
    return pages.page("identity/login.html", status, values=values, errors=errors)


def _kept_page(kept: str) -> Any:
    """What was typed before the session ended, one press from being sent again."""
    try:
        held = json.loads(kept)
        fields = [(str(name), str(value)) for name, value in held["fields"]]
        action = str(held["action"])
    except (ValueError, KeyError, TypeError):
        return redirect(url_for("identity.choose"), 303)
    if not _inside(action):
        return redirect(url_for("identity.choose"), 303)
    return render_template("identity/kept.html", action=action, fields=fields)


def _target(wanted: str, account_id: int) -> str:
    return wanted if _inside(wanted) else home_url(account_id)


def _inside(address: str) -> bool:
    """Whether an address stays on this site (no open redirect)."""
    address = address.replace("\\", "/")
    parts = urlsplit(address)
    local = address.startswith("/") and not address.startswith("//")
    return local and not parts.netloc and not parts.scheme


@blueprint.post("/logout")
@signed_in(OWN)
def logout() -> Response:
    actions.end_session(g.actor, session_id=g.actor.session_id)
    response = redirect(url_for("identity.login"), 303)
    response.delete_cookie(cookie_name(current_app.config["CAMPUS"].secure))
    return response


@blueprint.get("/choose")
@signed_in(OWN)
def choose() -> Any:
    return render_template("identity/choose.html", places=places_of(g.actor.account_id))


@blueprint.get("/me")
@signed_in(OWN)
def me() -> Any:
    return render_template(
        "identity/me.html",
        phone=queries.masked_phone(queries.phone_of(g.actor)),
        places=places_of(g.actor.account_id),
    )


@blueprint.get("/me/devices")
@signed_in(OWN)
def devices() -> Any:
    return render_template("identity/devices.html", devices=queries.devices_of(g.actor))


@blueprint.post("/me/devices/<int:session_id>/end")
@signed_in(OWN)
def end_session(session_id: int) -> Response:
    actions.end_session(g.actor, session_id=session_id)
    return redirect(url_for("identity.devices"), 303)


@blueprint.post("/me/devices/end")
@signed_in(OWN)
def end_all_sessions() -> Response:
    actions.end_all_sessions(g.actor)
    return redirect(url_for("identity.devices"), 303)


@blueprint.get("/me/password")
@signed_in(OWN)
def password() -> Any:
    return render_template("identity/password.html", errors={}, values={}, done=False)


@blueprint.post("/me/password")
@signed_in(OWN)
def change_password() -> Any:
    try:
        data = forms.load(schemas.ChangePassword)
        names = [place.school_name for place in places_of(g.actor.account_id)]
        actions.change_password(g.actor, **data, school_names=names)
    except InvalidInput as error:
        return pages.page(
            "identity/password.html", error.status, errors=error.fields, values={}, done=False
        )
    return render_template("identity/password.html", errors={}, values={}, done=True)
