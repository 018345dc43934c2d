"""Passkeys: the account's page of them, and the door they open."""

from __future__ import annotations

from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    request,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from campus import forms, pages
from campus.errors import InvalidInput, NotFound, TooMany
from campus.identity import (
    actions,
    device_cookie,
    party,
    passkeys,
    queries,
    routes,
    schemas,
    totp,
    two_step,
)
from campus.incoming import asked_from
from campus.permissions import public, signed_in

blueprint = Blueprint("passkeys", __name__)
OWN = "one's own account belongs to no school"


def _party() -> party.Party:
    found = party.here()
    if found is None:
        raise NotFound
    return found


def _asked(question: str) -> Response:
    return Response(question, content_type="application/json")


@blueprint.get("/me/passkeys")
@signed_in(OWN)
def show() -> Any:
    return _show({})


def _show(errors: dict[str, str], status: int = 200, renamed: int = 0) -> Any:
    held = passkeys.own(g.actor)
    return pages.page(
        "identity/passkeys.html",
        status,
        passkeys=held,
        full=len(held) >= passkeys.MOST,
        ready=totp.stepped_up(g.actor),
        usual=queries.title(request.user_agent.string),
        renamed=renamed,
        values={"name": request.form.get("name", "")},
        errors=errors,
    )


@blueprint.post("/me/passkeys/question")
@signed_in(OWN)
def question() -> Response:
    """For a new passkey; with ``?use=proof`` for one that is to prove who is here (two_step.py)."""
    asks = passkeys.own_question if request.args.get("use") == "proof" else passkeys.question
    return _asked(asks(g.actor, party=_party(), ip=asked_from()))


@blueprint.post("/me/passkeys")
@signed_in(OWN)
def add() -> Any:
    try:
        data = forms.load(schemas.NewPasskey)
        passkeys.add(g.actor, answer=data["credential"], name=data["name"], party=_party())
    except InvalidInput as error:
        return _show(error.fields, error.status)
    return _back("通行密钥加好了，下次可以用它登录")


@blueprint.post("/me/passkeys/<int:passkey_id>")
@signed_in(OWN)
def rename(passkey_id: int) -> Any:
    try:
        name = forms.load(schemas.PasskeyName)["name"]
    except InvalidInput as error:
        return _show(error.fields, error.status, passkey_id)
    passkeys.rename(g.actor, passkey_id=passkey_id, name=name)
    return _back("名字改好了")


@blueprint.post("/me/passkeys/<int:passkey_id>/removal")
@signed_in(OWN)
def remove(passkey_id: int) -> BaseResponse:
    passkeys.remove(g.actor, passkey_id=passkey_id)
    return _back("移除了，它不能再登录")


def _back(words: str) -> BaseResponse:
    flash(words)
    return redirect(url_for(".show"), 303)


@blueprint.post("/login/passkey/question")
@public("the door, asking")
def door() -> Any:
    device = device_cookie.key()
    asked = _asked(passkeys.door_question(device, party=_party(), ip=asked_from()))
    device_cookie.keep(asked, device)
    return asked


@blueprint.post("/login/passkey")
@public("the door, answered")
def sign_in() -> Any:
    device = device_cookie.known()
    try:
        data = forms.load(schemas.PasskeySignIn)
        made = passkeys.sign_in(
            data["credential"],
            device=device,
            ip=asked_from(),
            user_agent=request.user_agent.string,
            party=_party(),
            secret=current_app.config["CAMPUS"].secret_key,
        )
    except actions.SecondStep as half:
        return two_step.ask_code(half, device, following=data["next"], held=data["kept"])
    except (InvalidInput, TooMany) as error:
        refused = make_response(
            routes.login_page(_values(), {"passkey": error.message}, error.status)
        )
        if error.retry_after:
            refused.headers["Retry-After"] = str(error.retry_after)
        return refused
    return routes.let_in(made, device, data)


def _values() -> dict[str, str]:
    return {name: request.form.get(name, "") for name in ("next", "kept")}
