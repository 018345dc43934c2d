"""The page on which a person changes the number they sign in with."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, g, redirect, request, url_for
from werkzeug.wrappers import Response

from campus import forms, pages
from campus.errors import InvalidInput, TooMany
from campus.identity import numbers, phones, queries, schemas
from campus.permissions import signed_in

blueprint = Blueprint("phone", __name__)
OWN = "one's own account belongs to no school"


@blueprint.get("/me/phone")
@signed_in(OWN)
def show() -> Any:
    return _show({})


def _show(errors: dict[str, str], status: int = 200, wait: int | None = None) -> Any:
    last = numbers.last_change(g.actor.account_id)
    page, status = pages.page(
        "identity/phone.html",
        status,
        phone=queries.masked_phone(queries.phone_of(g.actor)),
        former=queries.masked_phone(last.old_phone) if last else "",
        until=last.changed_at + numbers.KEPT if last else None,
        kept_days=numbers.KEPT.days,
        values={"phone": request.form.get("phone", "")},
        errors=errors,
    )
    return page, status, {"Retry-After": str(wait)} if wait else {}


@blueprint.post("/me/phone")
@signed_in(OWN)
def change() -> Any:
    try:
        data = forms.load(schemas.ChangePhone)
        phones.change_phone(g.actor, current=data["current"], new=data["phone"], secret=_secret())
    except (InvalidInput, TooMany) as error:
        return _refused(error)
    flash("号码换好了，下次用新号码登录，密码不变")
    return redirect(url_for(".show"), 303)


@blueprint.post("/me/phone/undo")
@signed_in(OWN)
def undo() -> Any:
    try:
        data = forms.load(schemas.Password)
        phones.undo_change(g.actor, current=data["current"], secret=_secret())
    except (InvalidInput, TooMany) as error:
        return _refused(error, "back_")
    flash("改回原来的号码了")
    return redirect(url_for(".show"), 303)


def _refused(error: InvalidInput | TooMany, of: str = "") -> Response | Any:
    found = error.fields if isinstance(error, InvalidInput) else {"current": error.message}
    errors = {f"{of}{name}": words for name, words in found.items()}
    return _show(errors, error.status, error.retry_after)


def _secret() -> str:
    return str(current_app.config["CAMPUS"].secret_key)
