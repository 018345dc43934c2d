"""Which of their children a family is looking at: chosen once, it stays so on every page.

The choice is a cookie of this school and this account, so that two people with one phone keep
theirs apart. It is a convenience and no right: a child that is no longer one's own is nobody's
choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import after_this_request, current_app, g, request, url_for
from werkzeug.wrappers import Response

from campus import login
from campus.errors import NotFound
from tenants.people.queries import Child, children

YEAR = 365 * 24 * 3600
TIMELINE = ("growth.timeline", "growth.first_timeline")


def chosen(asked: int | None) -> dict[str, Any]:
    """For a page about one child: the switcher and the child asked for, else the one last chosen.

    Raises NotFound for a child that is not the actor's own.
    """
    own = _own()
    if asked is None:
        return {"children": entries(), "child": _remembered(own)}
    child = next((one for one in own if one.id == asked), None)
    if child is None:
        raise NotFound
    _remember(child)
    return {"children": entries(child), "child": child}


def entries(child: Child | None = None) -> list[dict[str, Any]]:
    """The switcher: on the growth page it leads to another growth page, elsewhere to a home."""
    own = _own()
    current = child or _remembered(own)
    endpoint = TIMELINE[0] if request.endpoint in TIMELINE else "growth.child_home"
    return [
        {
            "url": url_for(endpoint, pupil_id=one.id),
            "active": one is current,
            "call": one.call,
            "tail": one.tail,
            "tint": one.tint,
        }
        for one in own
    ]


def _own() -> Sequence[Child]:
    if "own_children" not in g:
        actor = login.person()
        g.own_children = children(actor) if actor is not None and actor.guardian else []
    return g.own_children  # type: ignore[no-any-return]


def _cookie() -> str:
    return f"child-{g.actor.account_id}"


def _remembered(own: Sequence[Child]) -> Child | None:
    kept = request.cookies.get(_cookie(), "")
    first = own[0] if own else None
    return next((one for one in own if str(one.id) == kept), first)


def _remember(child: Child) -> None:
    if request.cookies.get(_cookie()) == str(child.id):
        return
    secure = current_app.config["CAMPUS"].secure

    @after_this_request
    def keep(response: Response) -> Response:
        response.set_cookie(
            _cookie(),
            str(child.id),
            max_age=YEAR,
            path=f"{request.script_root}/",
            secure=secure,
            httponly=True,
            samesite="Lax",
        )
        return response
