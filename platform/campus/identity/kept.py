"""A form that could not be taken yet, kept in the page that stands in its way.

It travels as a hidden field, never in an address, and is sent again by one press of the person's:
after signing in again, after a step-up. Files do not travel, nor do passwords.
"""

from __future__ import annotations

import json
from typing import Any

from flask import redirect, render_template, request, url_for

from campus import texts
from campus.addresses import inside

# What is a secret under whatever form, and what is one only where an account is opened by it: a
# `code` elsewhere may be a school's. A test holds both to the fields of all templates.
SECRETS = frozenset({"password", "current", "new", "proof"})
ACCOUNT_PAGES = frozenset({"identity", "two_step", "phone", "passkeys"})
LEFT_OUT = SECRETS | {"csrf_token"}


def packed() -> str:
    """This request's form with where it was going, as one text."""
    left_out = LEFT_OUT | {"code"} if request.blueprint in ACCOUNT_PAGES else LEFT_OUT
    fields = [one for one in request.form.items(multi=True) if one[0] not in left_out]
    return json.dumps({"action": request.script_root + request.path, "fields": fields})


def page(text: str, *, confirmed: bool = False) -> Any:
    """What was typed, one press from being sent again; elsewhere than this site it never goes."""
    try:
        held = texts.read_json(text)
        fields = [(str(name), str(value)) for name, value in held["fields"] if name not in LEFT_OUT]
        action = str(held["action"])
    except (ValueError, KeyError, TypeError):
        return redirect(url_for("identity.choose"), 303)
    if not inside(action):
        return redirect(url_for("identity.choose"), 303)
    return render_template(
        "identity/kept.html", action=action, fields=fields, confirmed=confirmed, link=""
    )


def link_page(address: str) -> Any:
    """After a step-up for a file: the press that fetches it, since a file opens no page."""
    return render_template("identity/kept.html", action="", fields=(), confirmed=True, link=address)
