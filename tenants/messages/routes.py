"""The inbox, and writing to classes."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from campus import forms, pages
from campus.errors import InvalidInput
from campus.permissions import requires
from tenants.classes.own import all_classes, own_classes
from tenants.messages import actions, queries, ready, schemas
from tenants.messages.blanks import blanks_in
from tenants.messages.permissions import Messages
from tenants.people.scope import everywhere

blueprint = Blueprint("messages", __name__)
LOOK = "look"  # the button that shows whom a notice reaches
CHANGE = "change"  # the button that goes back to the words


@blueprint.get("/messages")
@requires(Messages.READ)
def inbox() -> Any:
    before = forms.cursor(request.args.get("before", ""))
    notices = queries.inbox(g.actor, before=before)
    more = notices[-1].seq if len(notices) == queries.PAGE else None
    return render_template("messages/inbox.html", notices=notices, before=more)


@blueprint.get("/messages/unread")
@requires(Messages.READ)
def unread() -> Any:
    """The badge alone."""
    return render_template("_parts/badge.html", count=pages.shell_values().unread or 0)


@blueprint.post("/messages/<int:seq>/read")
@requires(Messages.READ)
def read_one(seq: int) -> Response:
    actions.read_one(g.actor, seq=seq)
    return redirect(url_for("messages.inbox", _anchor=f"notice-{seq}"), 303)


@blueprint.post("/messages/read")
@requires(Messages.READ)
def read_all() -> Response:
    actions.read_all(g.actor)
    return redirect(url_for("messages.inbox"), 303)


@blueprint.get("/messages/announce")
@requires(Messages.ANNOUNCE)
def announce_form() -> Any:
    values = MultiDict({"idempotency_key": uuid.uuid4().hex})
    chosen = request.args.get("ready", "")
    for notice in ready.ready_notices():
        if notice.key == chosen:
            values.update({"title": notice.title, "body": notice.body})
    return _form(values, {})


def _form(values: MultiDict[str, str], errors: dict[str, str], status: int = 200) -> Any:
    classes: list[Any] = list(own_classes(pages.shell_values()))
    if everywhere(g.actor):
        classes = list(all_classes(g.actor))
    return pages.page(
        "messages/announce.html",
        status,
        classes=classes,
        values=values,
        errors=errors,
        ready=ready.ready_notices(),
        blanks=blanks_in(values.get("title", "") + values.get("body", "")),
    )


@blueprint.post("/messages/announce")
@requires(Messages.ANNOUNCE)
def announce() -> Any:
    """Send it; the page's own buttons first show whom it reaches (`LOOK`), or go back (`CHANGE`).

    Neither sends anything. A program that names neither sends at once.
    """
    if CHANGE in request.form:
        return _form(_typed(), {})
    try:
        data = forms.load(schemas.Announce, None if request.is_json else _typed())
        key = data.pop("idempotency_key")
        said = {"class_ids": data["class_id"], "title": data["title"], "body": data["body"]}
        if LOOK in request.form:
            actions.check_notice(g.actor, **said)
            return _preview(said)
        reached = actions.announce(g.actor, **said, key=key)
    except InvalidInput as error:
        return _form(_typed(), pages.refused(error), error.status)
    if pages.json_wanted():
        return {"reached": reached}, 201
    flash(f"已发出，{reached} 位家长会收到")
    return redirect(url_for("messages.announce_form"), 303)


def _typed() -> MultiDict[str, str]:
    typed = forms.typed()
    for button in (LOOK, CHANGE):
        typed.poplist(button)
    return typed


def _preview(said: dict[str, Any]) -> Any:
    """Who would get it, and how it reads, before anything is sent."""
    reach = queries.reach_of(sorted(set(said["class_ids"])))
    return pages.page("messages/preview.html", reach=reach, values=_typed(), notice=said)
