"""A form that could not be taken yet, kept in the page that stands in its way.

It travels as a hidden field, never in an address, and is sent again by one press of the person's:
after signing in again, after a step-up. Files do not travel, nor do passwords.
"""

from __future__ import annotations

import json
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from campus import addresses, texts
from campus.addresses import inside

# What is a secret under whatever form, and what is one only where something is opened by it: a
# `code` elsewhere may be a school's. A test holds both to the fields of all templates.
SECRETS = frozenset({"password", "current", "new", "proof", "credential"})
CODE_PAGES = frozenset({"identity", "two_step", "phone", "passkeys", "families"})
LEFT_OUT = SECRETS | {"csrf_token"}
WRITE_AGAIN = "密码和验证码不会保留，请重新填写"


def packed() -> str:
    """This request's form with where it was going, as one text."""
    secret = SECRETS | {"code"} if request.blueprint in CODE_PAGES else SECRETS
    fields = [one for one in request.form.items(multi=True) if one[0] not in secret | LEFT_OUT]
    held = {"action": request.script_root + request.path, "fields": fields}
    if secret & set(request.form):  # without it nothing can be sent again: back to the form
        came = addresses.parts(request.referrer or "")
        held["back"] = came.path if came is not None else ""
    return json.dumps(held)


def page(text: str, *, confirmed: bool = False) -> Any:
    """What was typed, one press from being sent again; elsewhere than this site it never goes."""
    try:
        held = texts.read_json(text)
        fields = [(str(name), str(value)) for name, value in held["fields"] if name not in LEFT_OUT]
        action, back = str(held["action"]), held.get("back")
    except (ValueError, KeyError, TypeError):
        return redirect(url_for("identity.choose"), 303)
    if not inside(action):
        return redirect(url_for("identity.choose"), 303)
    if back is not None:
        flash(WRITE_AGAIN)
        return redirect(str(back) if inside(str(back)) else url_for("identity.choose"), 303)
    return render_template(
        "identity/kept.html", action=action, fields=fields, confirmed=confirmed, link=""
    )


def link_page(address: str) -> Any:
    """After a step-up for a file: the press that fetches it, since a file opens no page."""
    return render_template("identity/kept.html", action="", fields=(), confirmed=True, link=address)
