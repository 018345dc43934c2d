"""The door before a grave act: who asks has proved within a quarter of an hour who they are.

A route says so where it says whom it is for: ``@requires(…, step_up=True)``. The gate asks here
after the permission, so a stranger learns nothing. Signing in counts as proof; later the page of
two_step.py asks an account with a second step for a code, any other for its password, and takes a
passkey that saw its owner instead; the form that was on its way goes on with one press. A program
reads ``confirm-needed`` (403).

Such acts: giving and taking offices, agreeing to an export, fetching one, erasing, suspending,
importing, handing out a code that opens another's account, correcting the number it is opened by,
beginning a second step. Not such an act: seeing one phone with a reason, which a teacher needs
while a child is ill and which is logged.
What takes a code or the password in its own form (two-step off, a new password) needs no door.
"""

from __future__ import annotations

from flask import g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from campus import db
from campus.actor import Actor
from campus.errors import ConfirmNeeded
from campus.identity import kept, totp, two_step

READS = frozenset({"GET", "HEAD"})


def check(actor: Actor) -> None:
    """Raise ConfirmNeeded unless the actor proved who they are within a quarter of an hour."""
    if not totp.stepped_up(actor):
        raise ConfirmNeeded


def ask() -> Response:
    """Where the refused request is answered: the page that asks, with what was typed."""
    if request.method in READS:
        back = request.script_root + request.full_path.rstrip("?")
        return redirect(url_for("two_step.confirm_page", next=back, file="1"))
    held = {"kept": kept.packed()}
    with db.joined(read_only=True):
        how = two_step.ways(g.actor)
    page = render_template("identity/confirm.html", **how, values=held, errors={}, around="plain")
    return make_response(page, ConfirmNeeded.status)
