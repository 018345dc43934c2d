"""The whole application, real sockets: who loses the right hears `bye`, and nothing after it.

What counts is the order of events. The second each cut should take is written down and only held
to a time no loaded machine needs; test_revoke.py holds the second itself on a quiet server.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
import websocket

from campus import assets, db, outbox
from campus.actor import Actor
from campus.embedded.postgres import Postgres
from campus.identity.actions import disable_account, end_session
from campus.schools.standing import suspend_school
from tenants.families.guardians import unlink
from tenants.people.roles import leave_school
from tests.campus.realtime.client import Client, Closed
from tests.campus.realtime.parts import HANG_SECONDS, ROOT, free_port
from tests.factories import SECRET
from tests.support.seed import Seed

GENEROUS = 10.0  # a cut that hangs takes as long as the session's regular recheck, a minute
NOTHING = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def port(server: Postgres, database: str) -> Iterator[int]:
    """wsgi.py under gunicorn and gevent as in production, on this module's database."""
    assets.build_if_stale()
    port = free_port()
    settings = {
        "CAMPUS_ENV": "dev",
        "CAMPUS_SECRET_KEY": SECRET,
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "DATABASE_URL": server.url("web", database),
        "S3_ENDPOINT": NOTHING,
        "S3_ACCESS_KEY": "none",
        "S3_SECRET_KEY": "none",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
    }
    conf = ROOT / "platform" / "campus" / "gunicorn_conf.py"
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", str(conf), "wsgi:app"],
        cwd=ROOT,
        env=os.environ | settings,
    )
    try:
        _wait(port, process)
        yield port
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(HANG_SECONDS)
        process.kill()  # does nothing to one that has ended
        process.wait()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + HANG_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended while starting"
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz"):
            return
        time.sleep(0.05)
    raise AssertionError("the server did not start")


def connect(port: int, seed: Seed, name: str) -> Client:
    """The person's phone."""
    person = seed.people[name]
    return Client(port, person.token, seed.schools[person.school or ""].slug)


def hint(seed: Seed, *names: str) -> None:
    """News for people of one school, as an action publishes it."""
    school = seed.schools[seed.people[names[0]].school or ""].id
    with db.transaction(school_id=school):
        accounts = [seed.people[name].account_id for name in names]
        outbox.publish("messages.changed", to=accounts, data={"seq": 1})


def session_ended(seed: Seed) -> None:
    with db.transaction():
        actor = seed.actor("subject_teacher")
        end_session(actor, session_id=actor.session_id or 0)


def account_disabled(seed: Seed) -> None:
    with db.transaction():
        disable_account(Actor.system(), account_id=seed.people["far_guardian"].account_id)


def tie_removed(seed: Seed) -> None:
    school = seed.schools["a"]
    with db.transaction(school_id=school.id):
        ids = {"pupil_id": school.ids["child"], "guardian_id": school.ids["guardian_row"]}
        unlink(seed.actor("class_teacher"), **ids)


def colleague_left(seed: Seed) -> None:
    school = seed.schools["a"]
    with db.transaction(school_id=school.id):
        leave_school(seed.actor("admin"), staff_id=school.ids["staff_other_teacher"])


def school_suspended(seed: Seed) -> None:
    with db.transaction():
        suspend_school(Actor.system(), slug=seed.schools["b"].slug)


CUTS: list[tuple[Callable[[Seed], None], str, str]] = [
    (session_ended, "subject_teacher", "signed-out"),
    (account_disabled, "far_guardian", "signed-out"),
    (tie_removed, "guardian", "unlinked"),
    (colleague_left, "other_teacher", ""),
    (school_suspended, "guardian_b", "suspended"),
]


@pytest.mark.parametrize(
    ("act", "who", "reason"), CUTS, ids=lambda one: getattr(one, "__name__", "")
)
def test_cut_and_silent(
    act: Callable[[Seed], None],
    who: str,
    reason: str,
    port: int,
    seed: Seed,
    record_property: Callable[[str, object], None],
) -> None:
    """Hears what comes before, then `bye`, then the line is dead; the others hear on."""
    with connect(port, seed, who) as cut, connect(port, seed, "head") as witness:
        hint(seed, who)
        cut.wait_for("hint", GENEROUS)
        heard = cut.hints
        began = time.monotonic()
        act(seed)
        said = cut.wait_for("bye", GENEROUS)
        record_property("seconds", time.monotonic() - began)
        assert said["reason"] == reason or not reason
        with pytest.raises(Closed):
            cut.wait_for("hint", GENEROUS)
        hint(seed, who)  # after the cut: to nobody
        hint(seed, "head")
        witness.wait_for("hint", GENEROUS)
        assert cut.hints == heard
        with pytest.raises(websocket.WebSocketException):
            connect(port, seed, who)
