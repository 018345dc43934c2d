"""Signing in and out, choosing a school, one's own devices and password."""

from __future__ import annotations

from typing import Any

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
from campus.addresses import inside
from campus.errors import InvalidInput, TooMany
from campus.identity import actions, device_cookie, kept, queries, schemas, throttle, totp, two_step
from campus.identity.entry import cookie_name
from campus.incoming import asked_from
from campus.permissions import public, signed_in
from campus.schools.queries import home_url, places_of

blueprint = Blueprint("identity", __name__)
OWN = "one's own account belongs to no school"


@blueprint.get("/login")
@public("the door")
def login() -> Any:
    if g.get("actor") is not None:
        return redirect(_target(request.args.get("next", ""), g.actor.account_id))
    return login_page({"next": request.args.get("next", "")}, {})


@blueprint.post("/login")
@public("the door")
def sign_in() -> Any:
    settings = current_app.config["CAMPUS"]
    values = request.form.to_dict()
    device = device_cookie.key()
    try:
        data = forms.load(schemas.SignIn)
        attempt = throttle.Attempt(data["account"], device, asked_from())
        made = actions.sign_in(
            attempt,
            password=data["password"],
            user_agent=request.user_agent.string,
            secret=settings.secret_key,
        )
    except actions.SecondStep as half:
        return two_step.ask_code(half, device, following=data["next"], held=data["kept"])
    except (InvalidInput, TooMany) as error:
        wrong = error.fields if isinstance(error, InvalidInput) else {"password": error.message}
        refused = make_response(login_page(values, wrong, error.status))
        if isinstance(error, TooMany) and error.retry_after:
            refused.headers["Retry-After"] = str(error.retry_after)
        return refused
    return let_in(made, device, data)


@blueprint.post("/login/code")
@public("the second half of the door")
def sign_in_code() -> Any:
    device = device_cookie.known()
    try:
        data = forms.load(two_step.SignInCode)
        made = two_step.finish_sign_in(data)
    except (InvalidInput, TooMany) as error:
        wrong = error.fields if isinstance(error, InvalidInput) else {"form": error.message}
        return two_step.code_page(request.form.to_dict(), wrong, error.status)
    return let_in(made, device, data)


def let_in(made: actions.SignedIn, device: str, data: dict[str, str]) -> Any:
    """The answer that carries the new session: on to where one was going, or what was typed."""
    settings = current_app.config["CAMPUS"]
    csrf.rebind(made.token)
    response = make_response(redirect(_target(data["next"], made.account_id), 303))
    if data["kept"]:
        response = make_response(kept.page(data["kept"]))
    longest = int(made.longest.total_seconds())
    response.set_cookie(
        cookie_name(settings.secure), made.token, max_age=longest, **_limits(settings.secure)
    )
    device_cookie.keep(response, device)
    return response


def _limits(secure: bool) -> dict[str, Any]:
    return {"secure": secure, "httponly": True, "samesite": "Lax"}


def login_page(values: dict[str, str], errors: dict[str, str], status: int = 200) -> Any:
    values.pop("password", None)
    return pages.page("identity/login.html", status, values=values, errors=errors)


def _target(wanted: str, account_id: int) -> str:
    return wanted if inside(wanted) else home_url(account_id)


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
        two_step_on=totp.enrolled(g.actor.account_id),
        two_step_wanted=totp.wanted(g.actor),
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
        secret = current_app.config["CAMPUS"].secret_key
        actions.change_password(g.actor, **data, secret=secret, school_names=names)
    except (InvalidInput, TooMany) as error:
        wrong = error.fields if isinstance(error, InvalidInput) else {"current": error.message}
        refused = make_response(
            render_template("identity/password.html", errors=wrong, values={}, done=False),
            error.status,
        )
        if error.retry_after:
            refused.headers["Retry-After"] = str(error.retry_after)
        return refused
    return render_template("identity/password.html", errors={}, values={}, done=True)
