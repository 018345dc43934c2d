"""The way into a view: who is it, in which school, may they; and the transaction around it.

A GET runs READ ONLY. A write commits only when its answer is a success; whatever was published is
sent after that commit.
"""

from __future__ import annotations

from flask import Response, current_app, g, request

from campus import csrf, db
from campus.errors import (
    CampusError,
    Forbidden,
    NotFound,
    SchoolNotFound,
    SignInNeeded,
    TooLarge,
    Unavailable,
)
from campus.identity import entry
from campus.permissions import Access, Platform, access_of

READS = frozenset({"GET", "HEAD", "OPTIONS"})
SUSPENDED = "学校已暂停使用，资料都还在。请联系学校管理员。"


def enter() -> None:
    """Before the view: size, CSRF, session, school, membership, permission."""
    if request.endpoint is None or request.endpoint == "static":
        return
    access = access_of(current_app.view_functions[request.endpoint])
    assert access is not None, f"{request.endpoint} declares no access"
    if (request.content_length or 0) > current_app.config["MAX_CONTENT_LENGTH"]:
        raise TooLarge
    csrf.check()
    _open(access)
    if not access.public:
        _admit(access)


def _open(access: Access) -> None:
    slug = request.environ.get("campus.school")
    token = request.cookies.get(entry.cookie_name(current_app.config["CAMPUS"].secure))
    if access.public and not slug and not token:
        return
    found = entry.statement(slug, token)
    unit = db.begin(entry=found, read_only=request.method in READS)
    g.unit = unit
    g.entry = here = entry.read(unit.entered)
    g.school = here.school
    g.actor = here.actor
    if here.member and here.school is not None:
        unit.school_id = here.school.id
    if slug and here.school is None:
        raise SchoolNotFound


def _admit(access: Access) -> None:
    here = g.entry
    if here.actor is None:
        raise SignInNeeded
    platform_wide = access.permission is None or isinstance(access.permission, Platform)
    if platform_wide:
        if access.permission is not None and not here.actor.can(access.permission):
            raise NotFound
        return
    if here.school is None:
        raise NotFound
    if not here.member:
        raise SchoolNotFound
    if here.school.suspended:
        raise Unavailable(SUSPENDED, retry_after=3600)
    if not here.actor.can(access.permission):
        raise Forbidden


def leave(response: Response) -> Response:
    """After the view: commit a success, undo anything else, and keep the session awake."""
    unit = g.pop("unit", None)
    if unit is not None:
        db.finish(unit, commit=response.status_code < 400)
        here = g.get("entry")
        if here is not None and here.touch and here.actor is not None:
            entry.touch(here.actor.session_id)
    return response


def abandon(_: BaseException | None = None) -> None:
    """Roll back what an exception left open."""
    unit = g.pop("unit", None)
    if unit is not None:
        db.finish(unit, commit=False)


def wrong_size(_: object) -> CampusError:
    """Werkzeug's own refusal of an oversized body, in our words."""
    return TooLarge()
