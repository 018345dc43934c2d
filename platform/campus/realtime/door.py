"""Open the door, say something to somebody, shut it on whoever has lost the right."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import gevent
from flask import Flask
from flask_socketio import SocketIO
from sqlalchemy import func, select

from campus import db
from campus.config import Config
from campus.realtime import background, events, listener, metrics
from campus.realtime.fanout import RedisFanout
from campus.realtime.gate import Authenticate, Gate, same_origin
from campus.realtime.links import ANYBODY, LINKS, Link, Whom
from campus.realtime.transport import MAX_MESSAGE_BYTES, PacketQueue, Transport

BEAT_SECONDS = 25.0
RECHECK_SECONDS = 60.0
PING_SECONDS = 25
PONG_SECONDS = 20
ROOMS_AT_ONCE = 500
IDS_AT_ONCE = 300  # a notice of PostgreSQL holds less than 8,000 bytes
REVOKE_CHANNEL = "campus_revoke"

Value = int | str | bool
StillValid = Callable[[Collection[int]], set[int]]

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Door:
    """The parts one process opens its door with."""

    server: Any
    authenticate: Authenticate
    still_valid: StillValid
    fanout: RedisFanout | None


_door: Door | None = None


def init(
    app: Flask, config: Config, *, authenticate: Authenticate, still_valid: StillValid
) -> None:
    """Put Engine.IO and its gate around ``app``; the school's middleware goes around both.

    ``authenticate(environ)`` returns the actor of the session cookie in the school of the address,
    or None; ``still_valid(session_ids)`` returns those that have not ended, in one query.
    """
    global _door  # noqa: PLW0603
    fanout = RedisFanout(config.redis_url, _count_a_loss) if config.redis_url else None
    extension = SocketIO()
    extension.init_app(app, **_options(config, fanout))
    server = extension.server
    server.eio._async = {**server.eio._async, "websocket": Transport}
    server.eio.create_queue = PacketQueue
    _door = Door(server, authenticate, still_valid, fanout)
    server.on("connect", partial(_connect, _door))
    server.on("*", partial(_client_event, _door))
    app.wsgi_app = Gate(app.wsgi_app, config, authenticate)  # type: ignore[method-assign]
    listener.point_at(config.database_url)


def _options(config: Config, fanout: RedisFanout | None) -> dict[str, Any]:
    quiet = logging.getLogger("campus.realtime.engine")
    quiet.setLevel(logging.ERROR)  # it warns of every socket that has just gone
    return {
        "async_mode": "gevent",
        "transports": ["websocket"],
        "allow_upgrades": False,
        "http_compression": False,
        "max_http_buffer_size": MAX_MESSAGE_BYTES,
        "ping_interval": PING_SECONDS,
        "ping_timeout": PONG_SECONDS,
        "cors_allowed_origins": lambda origin, environ: same_origin(origin, environ, config),
        "cors_credentials": False,
        "logger": quiet,
        "engineio_logger": quiet,
        **({"client_manager": fanout} if fanout else {}),
    }


def start_background(app: Flask) -> None:
    """Begin heartbeats, rechecks, the listener and the outbox's greenlets: web processes only.

    Raises RuntimeError when gevent has not patched the process, or ``init`` was not called.
    """
    if _door is None or "socketio" not in app.extensions:
        raise RuntimeError("call realtime.init() before start_background()")
    background.start()


def _connect(door: Door, sid: str, environ: dict[str, Any], _auth: Any = None) -> bool:
    link: Link = environ["campus.link"]
    if link.engine.closed:
        return False
    actor = link.actor
    link.sid = sid
    door.server.enter_room(sid, f"account:{actor.school_id}:{actor.account_id}")
    door.server.enter_room(sid, f"session:{actor.session_id}")
    return True


def _client_event(door: Door, name: str, sid: str, *arguments: Any) -> events.Answer | None:
    link: Link | None = (door.server.get_environ(sid) or {}).get("campus.link")
    if link is None:
        return None
    answer = events.answer(link, door.authenticate, name, *arguments)
    if answer.get("error") == "sign-in-needed":
        gevent.spawn_later(0, link.cut, "signed-out")  # after the answer
    return answer


def deliver(
    event: str, school_id: int, account_ids: Iterable[int], payload: Mapping[str, Value]
) -> None:
    """Hint ``{event, …payload}`` to every socket of these accounts in this school, and no other.

    An account without a socket is no error. Without an account nothing is sent.
    """
    rooms = [f"account:{school_id}:{account_id}" for account_id in account_ids]
    if _door is None:
        return
    metrics.HINTS.inc(len(rooms))
    for start in range(0, len(rooms), ROOMS_AT_ONCE):
        room = rooms[start : start + ROOMS_AT_ONCE]
        _door.server.emit("hint", {**payload, "event": event}, to=room)


def revoke(
    *,
    session_ids: Collection[int] | None = None,
    account_ids: Collection[int] | None = None,
    school_id: int | None = None,
    reason: str,
) -> None:
    """Cut, in every process and within a second after commit, who has lost the right to a socket.

    Names sessions, accounts (only in ``school_id`` if given), or a whole school. An empty list
    names nobody. ``reason`` is a short code the client is told. Raises ValueError when nothing is
    named, LookupError outside a transaction.
    """
    if session_ids is None and account_ids is None and school_id is None:
        raise ValueError("revoke() needs sessions, accounts or a school")
    for key, ids in (("session_ids", session_ids), ("account_ids", account_ids)):
        for part in _parts(ids):
            _announce({key: part, "school_id": school_id, "reason": reason})
    if session_ids is None and account_ids is None:
        _announce({"school_id": school_id, "reason": reason})


def _parts(ids: Collection[int] | None) -> Iterable[list[int]]:
    ordered = sorted(set(ids or ()))
    return (ordered[at : at + IDS_AT_ONCE] for at in range(0, len(ordered), IDS_AT_ONCE))


def _announce(whom: dict[str, Any]) -> None:
    notice = json.dumps(whom)
    db.session().execute(select(func.pg_notify(REVOKE_CHANNEL, notice)))
    db.after_commit(partial(_cut, notice))


def _cut(notice: str) -> None:
    whom = json.loads(notice)
    reason = whom.pop("reason")
    LINKS.revoke(Whom(**{key: _frozen(value) for key, value in whom.items()}), reason)


def _frozen(value: Any) -> Any:
    return frozenset(value) if isinstance(value, list) else value


def _count_a_loss() -> None:
    for link in LINKS:
        link.queue.hints += 1


@background.task("heartbeat")
def _beat() -> None:
    gevent.sleep(BEAT_SECONDS)
    if _door and _door.fanout and _door.fanout.deaf:
        _count_a_loss()
    for number, link in enumerate(LINKS):
        link.say("beat", {"n": link.queue.hints})
        if number % 50 == 49:
            gevent.sleep(0)


@background.task("recheck")
def _recheck_each_minute() -> None:
    gevent.sleep(RECHECK_SECONDS)
    recheck()


def recheck() -> None:
    """Cut every socket whose session has ended in the database: one query for all of them."""
    sessions = LINKS.sessions()
    if _door is None or not sessions:
        return
    ended = sessions - _door.still_valid(sessions)
    LINKS.revoke(Whom(session_ids=ended), "signed-out")


# Whatever was revoked while nobody listened is found by looking at everybody once.
listener.on_connect(lambda: LINKS.suspect(ANYBODY))
listener.on_connect(recheck)
listener.follow(REVOKE_CHANNEL, _cut)
