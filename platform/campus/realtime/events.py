"""What a client may say over a socket: as little as possible, and always answered.

A capability adds an event by ``@socket_event(permission, "messages.typing")``. Every call reads
the person from the database again, enters the school, runs in one transaction, and is answered by
``{"ok": result}`` or ``{"error": code}``: an exception is never silence.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from campus import db, texts
from campus.actor import Actor
from campus.errors import CampusError, InvalidInput, SignInNeeded
from campus.permissions import Permission
from campus.realtime.gate import Authenticate
from campus.realtime.links import Link

Data = dict[str, Any]
Run = Callable[[Actor, Data], Any]
Answer = dict[str, Any]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Handler:
    """One event a client may send, and the permission it asks for."""

    name: str
    permission: Permission
    run: Run


HANDLERS: dict[str, Handler] = {}


def socket_event(permission: Permission, name: str) -> Callable[[Run], Run]:
    """Register ``run(actor, data)`` for the client event ``name``. Raises ValueError if taken."""

    def decorate(run: Run) -> Run:
        if name in HANDLERS:
            raise ValueError(f"the socket event {name} is registered twice")
        HANDLERS[name] = Handler(name, permission, run)
        return run

    return decorate


def answer(link: Link, authenticate: Authenticate, name: str, *arguments: Any) -> Answer:
    """Run one client event and return what its acknowledgement says; raises nothing."""
    try:
        return {"ok": _run(link, authenticate, name, arguments)}
    except CampusError as error:
        return {"error": error.code}
    except Exception:
        log.exception("the socket event %r failed", name[:64])
        return {"error": "internal"}


def _run(link: Link, authenticate: Authenticate, name: str, arguments: tuple[Any, ...]) -> Any:
    actor = authenticate(dict(link.environ))
    if actor is None or actor.session_id is None:
        raise SignInNeeded
    if name == "recheck":
        return {"n": link.queue.hints}
    handler = HANDLERS.get(name)
    if handler is None:
        raise UnknownEvent
    if len(arguments) != 1 or not isinstance(arguments[0], dict):
        raise InvalidInput({"data": "内容格式不对。"})
    if not texts.all_fit(arguments[0]):
        raise InvalidInput({"data": texts.UNFIT})
    actor.check(handler.permission)
    with db.transaction(school_id=actor.school_id):
        return handler.run(actor, arguments[0])


class UnknownEvent(CampusError):
    """No capability listens to this event."""

    status = 404
    code = "unknown-event"
    title = "没有这个操作"
    message = "没有这个操作，请刷新页面后再试。"
