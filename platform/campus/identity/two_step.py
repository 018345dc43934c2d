"""The pages of the second step, and of proving oneself once more (step-up)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, current_app, g, make_response, redirect, request, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer
from marshmallow import validate
from sqlalchemy import select

from campus import db, fields, forms, pages
from campus.actor import Actor
from campus.addresses import inside
from campus.errors import CampusError, InvalidInput, TooMany
from campus.forms import Form
from campus.identity import actions, device_cookie, kept, party, passkeys, throttle, totp
from campus.identity.models import Account
from campus.incoming import asked_from
from campus.permissions import signed_in
from campus.schools.queries import home_url

blueprint = Blueprint("two_step", __name__)
OWN = "one's own account belongs to no school"
PENDING_SECONDS = 300
TOO_SLOW = "等得太久了，请重新登录。"
NOT_IT = "密码不对。"
NOTHING = "请填写这一项。"


class Code(Form):
    """A code from the phone, or a spare one."""

    code = fields.String(
        required=True, validate=validate.Length(6, 20, error="请填写 6 位验证码，或一个备用码。")
    )


class SignInCode(Code):
    """The second half of signing in."""

    pending = fields.String(required=True)
    next = fields.String(load_default="")
    kept = fields.String(load_default="")


class Confirm(Form):
    """The password, or a code for those who have one; or a passkey's answer."""

    proof = fields.String(load_default="", validate=validate.Length(max=128, error="内容太长了。"))
    credential = fields.String(
        load_default="", validate=validate.Length(max=20_000, error="内容太长了。")
    )
    next = fields.String(load_default="")
    file = fields.String(load_default="")
    kept = fields.String(load_default="")


def code_page(values: dict[str, str], errors: dict[str, str], status: int = 200) -> Any:
    """The page that asks for the code; ``values`` carry where to go on."""
    return pages.page("identity/code.html", status, values=values, errors=errors)


def ask_code(half: actions.SecondStep, device: str, *, following: str, held: str = "") -> Response:
    """The answer to a right password that is half of what the account asks for."""
    values = {"pending": pending_token(half.account_id, device), "next": following, "kept": held}
    response = make_response(code_page(values, {}))
    device_cookie.keep(response, device)
    return response


def pending_token(account_id: int, device: str) -> str:
    """Proof for five minutes that this device gave this account's password."""
    return _signer().dumps([account_id, device])


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["CAMPUS"].secret_key, salt="second-step")


def finish_sign_in(data: dict[str, str]) -> actions.SignedIn:
    """Check the code and make the session. Raises InvalidInput or TooMany."""
    device = device_cookie.known()
    try:
        account_id, known = _signer().loads(data["pending"], max_age=PENDING_SECONDS)
    except (BadSignature, TypeError, ValueError) as error:
        raise InvalidInput({"form": TOO_SLOW}) from error
    if known != device:
        raise InvalidInput({"form": TOO_SLOW})
    with db.joined(read_only=True) as session:
        account = session.scalar(
            select(Account).where(Account.id == account_id, Account.disabled_at.is_(None))
        )
    if account is None:
        raise InvalidInput({"form": TOO_SLOW})
    attempt = throttle.Attempt(account.phone, device, asked_from())
    _prove(attempt, _accepts(account.id, data["code"]), {"code": totp.WRONG})
    return actions.start_session(account, attempt, request.user_agent.string)


def _prove(attempt: throttle.Attempt, proves: Callable[[], bool], wrong: dict[str, str]) -> None:
    """Try within the lockout; a wrong try is counted although the answer is an error."""
    with throttle.counted(attempt, str(current_app.config["CAMPUS"].secret_key)):
        if not proves():
            raise InvalidInput(wrong)


def _accepts(account_id: int, code: str) -> Callable[[], bool]:
    def proves() -> bool:
        with db.transaction():
            return totp.accept(account_id, code)

    return proves


@blueprint.get("/me/two-step")
@signed_in(OWN)
def show() -> Any:
    return _show({})


def _show(errors: dict[str, str], status: int = 200, codes: list[str] | None = None) -> Any:
    on = totp.enrolled(g.actor.account_id)
    return pages.page(
        "identity/two_step.html",
        status,
        on=on,
        offered=totp.wanted(g.actor) or on,
        enrolment=None if on else totp.enrolment(g.actor),
        left=totp.spare_left(g.actor) if on else 0,
        codes=codes or [],
        errors=errors,
        values={},
    )


@blueprint.post("/me/two-step")
@signed_in(OWN, step_up=True)
def begin() -> Any:
    totp.begin(g.actor)
    return redirect(url_for(".show"), 303)


@blueprint.post("/me/two-step/confirmation")
@signed_in(OWN, step_up=True)
def confirm() -> Any:
    try:
        codes = totp.confirm(g.actor, code=forms.load(Code)["code"])
    except InvalidInput as error:
        return _show(error.fields, error.status)
    return _show({}, codes=codes)


@blueprint.post("/me/two-step/removal")
@signed_in(OWN)
def remove() -> Any:
    try:
        code = forms.load(Code)["code"]
        _again(_accepts(g.actor.account_id, code), {"code": totp.WRONG})
        totp.forget(g.actor)
    except (InvalidInput, TooMany) as error:
        return _show(_fields(error), error.status)
    return redirect(url_for(".show"), 303)


def _fields(error: CampusError) -> dict[str, str]:
    return error.fields if isinstance(error, InvalidInput) else {"form": error.message}


def _again(proves: Callable[[], bool], wrong: dict[str, str]) -> None:
    _prove(actions.attempt_of(g.actor), proves, wrong)


@blueprint.get("/me/confirm")
@signed_in(OWN)
def confirm_page() -> Any:
    return _confirm_page({name: request.args.get(name, "") for name in ("next", "file")}, {})


def _confirm_page(values: dict[str, str], errors: dict[str, str], status: int = 200) -> Any:
    return pages.page(
        "identity/confirm.html", status, **ways(g.actor), values=values, errors=errors
    )


def ways(actor: Actor) -> dict[str, bool]:
    """How this person can prove who they are: ``on`` by a code, ``keyed`` by a passkey."""
    account_id = actor.account_id
    return {"on": totp.enrolled(account_id), "keyed": passkeys.any_own(account_id)}


@blueprint.post("/me/confirm")
@signed_in(OWN)
def step_up() -> Any:
    values = {name: request.form.get(name, "") for name in ("next", "file", "kept")}
    try:
        data = forms.load(Confirm)
        _prove_again(data["proof"], data["credential"])
    except (InvalidInput, TooMany) as error:
        if pages.json_wanted():
            raise
        return _confirm_page(values, _fields(error), error.status)
    totp.step_up(g.actor)
    if data["kept"]:
        return kept.page(data["kept"], confirmed=True)
    here = inside(data["next"])
    if here and data["file"]:
        return kept.link_page(data["next"])
    return redirect(data["next"] if here else home_url(g.actor.account_id), 303)


def _prove_again(proof: str, credential: str) -> None:
    actor = g.actor
    if credential:
        _again(lambda: _passkey(actor, credential), {"passkey": passkeys.NOT_IT})
    elif not proof:
        raise InvalidInput({"proof": NOTHING})
    elif totp.enrolled(actor.account_id):
        _again(_accepts(actor.account_id, proof), {"proof": totp.WRONG})
    else:
        _again(lambda: actions.is_password(actor, proof), {"proof": NOT_IT})


def _passkey(actor: Actor, credential: str) -> bool:
    here = party.here()
    if here is None:
        return False
    with db.transaction():
        return passkeys.proves(actor, answer=credential, party=here)
