"""What every page may use: the menu, times in words, tokens, assets.

The frame's data (badges, a teacher's classes) comes from one statement that joins the scalar
queries of all capabilities, asked only when a template draws the frame.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import Flask, Response, current_app, flash, g, render_template, request, url_for
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy import select

from campus import clock, csrf, db, forms, headers, login
from campus.actor import Actor
from campus.assets import asset_url
from campus.capability import Capability, MenuItem
from campus.errors import CampusError, InvalidInput
from campus.guides import guide_of
from campus.identity import party
from campus.permissions import STAFF, TABLE, Role, access_of

ACCEPTED = frozenset({302, 303})
NUMBER = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One drawn entry of the navigation."""

    title: str
    url: str
    icon: str
    active: bool
    badge: int
    group: str
    order: int


class Menu:
    """The navigation of this request; asks the database only when it is iterated."""

    def __iter__(self) -> Iterator[MenuEntry]:
        return iter(self._drawn())

    def __getitem__(self, part: slice) -> list[MenuEntry]:
        return self._drawn()[part]

    def _drawn(self) -> list[MenuEntry]:
        if "menu" not in g:
            g.menu = _entries(g.actor, shell_name()) if shell_name() != "plain" else []
        return g.menu  # type: ignore[no-any-return]


def capabilities() -> tuple[Capability, ...]:
    """The capabilities the application was made with."""
    return current_app.extensions["capabilities"]  # type: ignore[no-any-return]


def shell_name() -> str:
    """``teacher``, ``family`` or ``plain``: which frame this person sees around this page."""
    actor = login.person()
    if actor is None or g.get("school") is None or actor.school_id is None:
        return "plain"
    access = access_of(current_app.view_functions[request.endpoint or "static"])
    if access is not None and access.permission is not None:
        roles = TABLE[access.permission]
        if roles <= STAFF:
            return "teacher"
        if roles == {Role.GUARDIAN}:
            return "family"
    return "teacher" if actor.staff else "family"


def shell_values() -> Any:
    """The answers to all capabilities' frame queries, in one statement, once per request."""
    if "shell_values" not in g:
        with_frame()
    return g.shell_values


def with_frame(*asked: tuple[db.Query, dict[str, Any]], last: bool = False) -> list[list[Any]]:
    """Ask a page's own queries together with the frame's, in one round trip; ``last`` as there."""
    frame: db.Query = current_app.extensions["frame"]
    mine = frame.asked(account=g.actor.account_id, today=clock.today())
    [g.shell_values], *found = db.gather(mine, *asked, last=last)
    return found


def _entries(actor: Actor, shell: str) -> list[MenuEntry]:
    values = shell_values()
    found = [
        _entry(item, values)
        for capability in capabilities()
        for item in capability.menu
        if item.frame == shell and actor.can(item.permission)
    ]
    if shell == "teacher":
        for capability in capabilities():
            for place in capability.places(actor, values) if capability.places else ():
                active = place.url == request.script_root + request.path
                found.append(
                    MenuEntry(
                        place.title, place.url, place.icon, active, 0, place.group, place.order
                    )
                )
    return sorted(found, key=lambda entry: entry.order)


def _entry(item: MenuItem, values: Any) -> MenuEntry:
    badge = int(getattr(values, item.badge) or 0) if item.badge else 0
    active = request.endpoint in (item.endpoint, *item.also)
    url = address(item.endpoint)
    return MenuEntry(item.title, url, item.icon, active, badge, item.group, item.order)


def address(endpoint: str, **values: Any) -> str:
    """`url_for`, which templates call under that name, remembered by school.

    An address depends on nothing but the school's prefix, unless it names a host.
    """
    if "_external" in values or endpoint[0] == ".":
        return url_for(endpoint, **values)
    return _address(request.script_root, endpoint, tuple(values.items()))


@lru_cache(maxsize=8192)
def _address(_: str, endpoint: str, values: tuple[tuple[str, Any], ...]) -> str:
    return url_for(endpoint, **dict(values))


def frame() -> tuple[Markup, Markup]:
    """The staff's rail and tabs for this person and place."""
    actor = login.person()
    where = (request.script_root, request.path, request.endpoint, g.get("school"), clock.today())
    person = (actor.account_id, actor.name, actor.roles) if actor is not None else None
    values = repr(shell_values()) if shell_name() != "plain" else ""
    return _frame(person, where, values)


@lru_cache(maxsize=2048)
def _frame(*_: Any) -> tuple[Markup, Markup]:
    """Remembered by all it is made of, the account first, so nobody is shown another's frame."""
    return tuple(Markup(render_template(f"_parts/{part}.html")) for part in ("rail", "tabs"))  # type: ignore[return-value]  # noqa: S704


def fragment_wanted() -> bool:
    """Whether a script asked for a piece of a page rather than a page."""
    return "HX-Request" in request.headers or request.headers.get("X-Requested-With") == "fetch"


def json_wanted() -> bool:
    """Whether the caller speaks JSON: the same address serves the page and the interface."""
    best = request.accept_mimetypes.best_match(("text/html", "application/json"))
    return best == "application/json" and not request.accept_mimetypes.accept_html


def page(template: str, /, status: int = 200, **context: Any) -> tuple[str, int]:
    """Render a template with a status."""
    return render_template(template, **context), status


def refused(error: CampusError, at: str = "form") -> dict[str, str]:
    """The sentences of a refusal by field, for the page that comes back; ``at`` is the whole's.

    What the action had begun is taken back first: a page drawn over it showed the refused act as
    done. A program gets the error itself.
    """
    if json_wanted():
        raise error
    if db.current_unit() is not None:
        db.undo()
    return dict(error.fields) if isinstance(error, InvalidInput) else {at: error.message}


def frame_query(capabilities: tuple[Capability, ...]) -> db.Query:
    """One statement of all capabilities' frame queries."""
    columns = [
        query.label(name) for capability in capabilities for name, query in capability.frame.items()
    ]
    return db.Query(select(*columns))


def _live() -> bool:
    """Whether this page listens for hints: only where the door for sockets would let it in."""
    actor = login.person()
    school = g.get("school")
    if actor is None or school is None or actor.school_id != school.id:
        return False
    return not school.suspended and (actor.staff or not school.preparing)


def _icons(app: Flask) -> Any:
    """The macro of _parts/icon.html, each icon drawn once."""

    @lru_cache(maxsize=512)
    def icon(name: str, css: str = "") -> Markup:
        part: Any = app.jinja_env.get_template("_parts/icon.html").module
        return Markup(part.icon(name, css))  # noqa: S704

    return icon


def _name_taken(response: Response) -> Response:
    """A kept form was accepted: the next page tells the browser to forget its draft."""
    if request.method == "POST" and response.status_code in ACCEPTED:
        draft = request.form.get(forms.DRAFT, "")
        if NUMBER.fullmatch(draft):
            flash(draft, "sent")
    return response


def install(app: Flask) -> None:
    """Give the application's templates their globals and filters."""
    app.jinja_env.globals.update(
        asset=asset_url,
        csrf_token=csrf.token,
        frame=frame,
        guide_of=guide_of,
        icon=_icons(app),
        menu=Menu(),
        passkeys_here=party.offered_here,
        shell_values=shell_values,
        url_for=address,
    )
    app.jinja_env.filters.update(hm=clock.hm, day=clock.day, ago=clock.ago, date=clock.date_words)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True

    app.after_request(_name_taken)

    @app.context_processor
    def of_request() -> dict[str, Any]:
        return {
            "current_user": current_user,
            "school": g.get("school"),
            "now": clock.now(),
            "script_root": request.script_root,
            "csp_nonce": headers.nonce(),
            "shell": shell_name() if request.endpoint else "plain",
            "live": _live(),
        }
