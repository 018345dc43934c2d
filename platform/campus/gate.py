"""The way into a view: who is it, in which school, may they; and the transaction around it.

A GET runs READ ONLY. A write commits only when its answer is a success; whatever was published is
sent after that commit.
"""

from __future__ import annotations

import contextlib
import threading

from flask import Response, current_app, g, request

from campus import body, csrf, db, incoming, login, room
from campus.actor import Actor
from campus.engines import LOST
from campus.errors import (
    CampusError,
    Forbidden,
    NotFound,
    NotOpenYet,
    SchoolNotFound,
    SchoolSuspended,
    TooLarge,
    Unavailable,
)
from campus.identity import entry, step_up, totp
from campus.permissions import Access, Platform, access_of

READS = frozenset({"GET", "HEAD", "OPTIONS"})
SUSPENDED = SchoolSuspended.message
TURN_SECONDS = 25.0
CROWDED = "现在登录的人很多，请过几秒再试一次。"
ENROL_FIRST = "管理员和运维账号要先开启两步验证：点“我的”，再点“两步验证”。"


def enter() -> None:
    """Before the view: body, CSRF, session, school, membership, permission, step-up."""
    if request.endpoint is None:
        return
    incoming.check_address()
    if request.endpoint == "static":
        return
    access = access_of(current_app.view_functions[request.endpoint])
    assert access is not None, f"{request.endpoint} declares no access"
    if request.method not in READS:
        body.read(access.most_bytes if access.public or _has_cookie() else None)
        if request.blueprint != "health":
            room.check()
        incoming.check_body()
    csrf.check()
    if access.public and request.method not in READS:
        _take_turn()
    _open(access)
    if not access.public:
        _admit(access)
        if access.step_up:
            step_up.check(g.actor)


def _take_turn() -> None:
    """Strangers' forms (signing in, joining, codes) take half the connections at most.

    However many come at once, those who are in go on. Raises Unavailable for whoever has waited
    too long; the view's answer lets the next one in.
    """
    door: threading.BoundedSemaphore = current_app.extensions["door"]
    if not door.acquire(timeout=TURN_SECONDS):
        raise Unavailable(CROWDED, retry_after=5)
    g.door = door


def _let_next_in() -> None:
    door = g.pop("door", None)
    if door is not None:
        door.release()


def _has_cookie() -> bool:
    """A large body is read before anybody is known; a stranger's is not."""
    return entry.cookie_name(current_app.config["CAMPUS"].secure) in request.cookies


def _open(access: Access) -> None:
    if request.blueprint == "health":
        return  # it must answer while the database does not, whoever asks
    slug, token = _asked()
    if access.public and not slug and not token:
        return
    found = entry.statement(slug, token)
    unit = db.begin(entry=found, read_only=request.method in READS)
    g.unit = unit
    g.entry = here = entry.read(unit.entered)
    g.school = here.school
    g.actor = here.actor
    if here.member and here.school is not None:
        unit.school_id, unit.school = here.school.id, here.school
    if slug and here.school is None:
        raise SchoolNotFound


def _asked() -> tuple[str | None, str | None]:
    token = request.cookies.get(entry.cookie_name(current_app.config["CAMPUS"].secure))
    return request.environ.get("campus.school"), token


def recognise() -> Actor | None:
    """Who asks for an address that leads nowhere: the error page offers them their own schools."""
    slug, token = _asked()
    if not token:
        return None
    unit = db.begin(entry=entry.statement(slug, token), read_only=True)
    db.finish(unit, commit=False)
    return entry.read(unit.entered).actor


def _admit(access: Access) -> None:
    here = g.entry
    if here.actor is None:
        login.manager.unauthorized()  # raises SignInNeeded
    platform_wide = access.permission is None or isinstance(access.permission, Platform)
    if platform_wide:
        if access.permission is not None and not here.actor.can(access.permission):
            raise NotFound
        if access.permission is not None:
            _second_step(here.actor)
        return
    if here.school is None:
        raise NotFound
    if not here.member:
        raise SchoolNotFound
    if here.school.suspended:
        raise SchoolSuspended
    if here.school.preparing and not here.actor.staff:
        raise NotOpenYet
    if not here.actor.can(access.permission):
        raise Forbidden
    _second_step(here.actor)


def _second_step(actor: Actor) -> None:
    """Where it is required, administrators reach only their own account until they have it."""
    required = current_app.config["CAMPUS"].two_step_required
    if required and totp.wanted(actor) and not totp.enrolled(actor.account_id):
        raise Forbidden(ENROL_FIRST)


def leave(response: Response) -> Response:
    """After the view: commit a success, undo anything else, and keep the session awake."""
    unit = g.pop("unit", None)
    if unit is not None:
        db.finish(unit, commit=response.status_code < 400)
        here = g.get("entry")
        if here is not None and here.touch and here.actor is not None:
            with contextlib.suppress(*LOST):  # then the session ends earlier; the page is read
                entry.touch(here.actor.session_id)
    _let_next_in()
    return response


def abandon(_: BaseException | None = None) -> None:
    """Roll back what an exception left open."""
    _let_next_in()
    unit = g.pop("unit", None)
    if unit is not None:
        db.finish(unit, commit=False)


def wrong_size(_: object) -> CampusError:
    """Werkzeug's own refusal of an oversized body, in our words."""
    return TooLarge()
