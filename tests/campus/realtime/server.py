"""The web process of the realtime tests: gunicorn, gevent, the real gate, a plain sign-in.

The cookie says ``sid=<session>.<account>``; a session listed in the table ``ended`` has ended.
"""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

import os  # noqa: E402
import resource  # noqa: E402
from collections.abc import Collection  # noqa: E402
from typing import Any  # noqa: E402

from flask import Flask, jsonify, request  # noqa: E402
from gunicorn.app.base import BaseApplication  # noqa: E402
from sqlalchemy import text  # noqa: E402

from campus import db, outbox, permissions, realtime  # noqa: E402
from campus.actor import Actor  # noqa: E402
from campus.config import load  # noqa: E402
from campus.middleware import SchoolMiddleware  # noqa: E402
from campus.permissions import Permission, Role  # noqa: E402
from campus.realtime import door, links  # noqa: E402
from campus.schools.models import School  # noqa: E402

SCHOOLS = {"first": 1, "second": 2}
REFERRED_TO = School  # the outbox's foreign key needs the table to be known


class Test(Permission):
    """Permissions of the test events."""

    SPEAK = "test.speak"
    RULE = "test.rule"


permissions.register({Test.SPEAK: frozenset({Role.TEACHER}), Test.RULE: frozenset({Role.ADMIN})})


@realtime.socket_event(Test.SPEAK, "test.echo")
def echo(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
    """Answer with who asked and what."""
    return {"account": actor.account_id, "school": db.school_id(), "data": data}


@realtime.socket_event(Test.SPEAK, "test.fail")
def fail(actor: Actor, data: dict[str, Any]) -> None:
    """Raise what no handler should."""
    raise RuntimeError("as asked")


@realtime.socket_event(Test.RULE, "test.rule")
def rule(actor: Actor, data: dict[str, Any]) -> None:
    """Never reached by a teacher."""


def authenticate(environ: dict[str, Any]) -> Actor | None:
    """The stand-in for identity.entry.authenticate_socket."""
    school = SCHOOLS.get(environ.get("campus.school", ""))
    cookie = environ.get("HTTP_COOKIE", "").removeprefix("sid=")
    if school is None or "." not in cookie:
        return None
    session, account = map(int, cookie.split("."))
    if not valid({session}):
        return None
    return Actor(account, "某人", school, frozenset({Role.TEACHER}), session)


def valid(session_ids: Collection[int]) -> set[int]:
    """The stand-in for identity.entry.valid_sessions."""
    with db.transaction(read_only=True) as session:
        ended = set(session.scalars(text("SELECT session_id FROM ended")))
    return set(session_ids) - ended


def build() -> Flask:
    """The application: a page that publishes, one that tells of the process, and the sockets."""
    config = load()
    app = Flask("realtime-tests")
    db.connect(config.database_url, pool_size=5)
    outbox.register(["test.news"])
    app.add_url_rule("/publish", view_func=publish)
    app.add_url_rule("/stats", view_func=stats)
    realtime.init(app, config, authenticate=authenticate, still_valid=valid)
    app.wsgi_app = SchoolMiddleware(app.wsgi_app)  # type: ignore[method-assign]
    return app


def publish() -> Any:
    """Publish ``times`` hints to ``account`` of ``school``, each in its own transaction."""
    wanted = {key: int(value) for key, value in request.args.items()}
    for number in range(wanted.get("times", 1)):
        data: dict[str, int | str | bool] = {
            "number": number,
            "pad": "x" * 64,
            "sent": wanted.get("sent", 0),
        }
        with db.transaction(school_id=wanted["school"]):
            outbox.publish("test.news", to=[wanted["account"]], data=data)
    return jsonify(done=True)


def stats() -> Any:
    """Memory at its peak (bytes), sockets, and what waits for them."""
    return jsonify(
        peak=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        sockets=len(links.LINKS),
        listening=links.LINKS.revocations > 0,  # each new listening connection counts one
        waiting=sum(link.engine.queue.waiting_bytes for link in links.LINKS),
    )


class Gunicorn(BaseApplication):  # type: ignore[misc]
    """gunicorn without its command line."""

    def load_config(self) -> None:
        """As in production: one gevent worker."""
        self.cfg.set("bind", f"127.0.0.1:{os.environ['PORT']}")
        self.cfg.set("worker_class", "gevent")
        self.cfg.set("worker_connections", 5000)
        self.cfg.set("loglevel", "warning")
        self.cfg.set("graceful_timeout", 1)
        self.cfg.set("control_socket_disable", True)
        self.cfg.set("post_worker_init", lambda worker: realtime.start_background(self.flask))

    def load(self) -> Any:
        """Called in the worker, after the fork."""
        self.flask = build()
        return self.flask


if __name__ == "__main__":
    door.BEAT_SECONDS = float(os.environ.get("TEST_BEAT", "25"))
    Gunicorn().run()
