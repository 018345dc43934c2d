"""The public pages: a code becomes a guardian, a reset code a new password. No login is needed.

The school is entered for its address alone: a token of another school finds nothing here.
"""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, g, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from campus import db, forms, pages
from campus.errors import InvalidInput, SchoolNotFound, SchoolSuspended, TooMany
from campus.identity import device_cookie, throttle, two_step
from campus.identity.actions import SecondStep, SignedIn
from campus.identity.entry import cookie_name
from campus.identity.queries import masked_phone, phone_of
from campus.incoming import asked_from
from campus.permissions import public
from tenants.families import account, look, schemas
from tenants.families import reset as resets
from tenants.families.join import Joined, join_as_new
from tenants.families.join import join as take_place
from tenants.families.routes import blueprint, secret

DOOR = "families come in by it before they have an account"


def _enter() -> int:
    """Enter the school of the address, whoever asks, and return its id."""
    school = g.get("school")
    if school is None:
        raise SchoolNotFound
    if school.suspended:
        raise SchoolSuspended
    if db.unit().school_id is None:
        db.enter(school.id)
    return int(school.id)


@blueprint.get("/join")
@public(DOOR)
def code() -> Any:
    _enter()
    return pages.page("families/short.html", values={}, errors={})


@blueprint.post("/join")
@public(DOOR)
def find_code() -> Any:
    _enter()
    try:
        data = forms.load(schemas.ShortCode)
        ticket = look.ticket_for(data["code"], ip=asked_from(), secret=secret())
    except (InvalidInput, TooMany) as error:
        return _short_page(pages.refused(error, "code"), error.status)
    except look.Dead:
        return _short_page(
            {"code": "没有找到这个码。请对照入校单再看一遍；码只能用一次，七天内有效。"}, 422
        )
    return redirect(url_for("families.join", token=ticket), 303)


def _short_page(wrong: dict[str, str], status: int) -> Any:
    values = {"code": request.form.get("code", "")}
    return pages.page("families/short.html", status, values=values, errors=wrong)


@blueprint.get("/join/<token>")
@public(DOOR)
def join(token: str) -> Any:
    _enter()
    try:
        offer = look.find(token, secret=secret())
    except look.Dead as dead:
        return _dead_page(dead)
    return _join_page(token, offer, {}, {})


def _dead_page(dead: look.Dead) -> Any:
    return pages.page("families/dead.html", dead.status, dead=dead)


def _join_page(
    token: str, offer: look.Offer, values: dict[str, str], errors: dict[str, str], status: int = 200
) -> Any:
    values.pop("password", None)
    actor = g.get("actor")
    return pages.page(
        "families/join.html",
        status,
        token=token,
        offer=offer,
        values=values,
        errors=errors,
        me=masked_phone(phone_of(actor)) if actor else "",
    )


@blueprint.post("/join/<token>")
@public(DOOR)
def use_code(token: str) -> Any:
    school_id = _enter()
    device = device_cookie.key()
    try:
        offer = look.find(token, secret=secret())
    except look.Dead as dead:
        return _dead_page(dead)
    try:
        joined = _join(offer, school_id, device)
    except look.Dead as dead:
        return _dead_page(dead)
    except SecondStep as half:  # after the code this page again, where one is known by then
        return two_step.ask_code(half, device, following=request.script_root + request.path)
    except (InvalidInput, TooMany) as error:
        wrong = pages.refused(error, "password")
        return _join_page(token, offer, forms.typed(), wrong, error.status)
    answer = redirect(url_for("families.consent_form", pupil_id=joined.pupil_id), 303)
    return _with_session(answer, joined.signed_in, device) if joined.signed_in else answer


def _join(offer: look.Offer, school_id: int, device: str) -> Joined:
    actor = g.get("actor")
    if actor is not None:
        data = forms.load(schemas.Confirm)
        with db.savepoint():
            take_place(offer.invitation_id, account_id=actor.account_id, relation=data["relation"])
        return Joined(offer.pupil_id)
    data = forms.load(schemas.Join)
    if offer.other_parent and not (data["name"] and data["relation"]):
        raise InvalidInput({"name": "请填写您的姓名和您是孩子的什么人。"})
    person = account.Person(
        throttle.Attempt(data["phone"], device, asked_from()),
        data["password"],
        data["name"] if offer.other_parent else "",
        request.user_agent.string,
        secret(),
    )
    return join_as_new(
        offer, person, school_id=school_id, school_name=g.school.name, relation=data["relation"]
    )


def _with_session(answer: Response, made: SignedIn, device: str) -> Response:
    settings = current_app.config["CAMPUS"]
    limits: dict[str, Any] = {"secure": settings.secure, "httponly": True, "samesite": "Lax"}
    longest = int(made.longest.total_seconds())
    answer.set_cookie(cookie_name(settings.secure), made.token, max_age=longest, **limits)
    device_cookie.keep(answer, device)
    return answer


@blueprint.get("/reset")
@public(DOOR)
def reset() -> Any:
    _enter()
    return pages.page("families/reset.html", values={}, errors={})


@blueprint.post("/reset")
@public(DOOR)
def use_reset() -> Any:
    school_id = _enter()
    try:
        data = forms.load(schemas.Reset)
        resets.reset_password(
            school_id=school_id,
            phone=data["phone"],
            typed=data["code"],
            new=data["new"],
            ip=asked_from(),
            secret=secret(),
        )
    except (InvalidInput, TooMany) as error:
        wrong = pages.refused(error, "code")
        return pages.page("families/reset.html", error.status, values=forms.typed(), errors=wrong)
    flash("新密码设好了，请用它登录")
    return make_response(redirect(url_for("identity.login"), 303))
