"""What goes wrong says so in words, costs nothing typed, and comes back by itself."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from campus import db, storage
from campus.embedded import files
from campus.embedded.postgres import Postgres
from campus.migrations.steps import upgrade
from tests import factories
from tests.conftest import config_of, point_at
from tests.support.client import FRAGMENT, JSON, PageClient
from tests.support.memory_store import MemoryStore
from tests.support.seed import Seed

ClientOf = Callable[[str], PageClient]
HUGE = 10**20


def test_an_address_that_is_nothing_offers_one_s_own_school(client_of: ClientOf) -> None:
    """Whoever is signed in is not told to sign in."""
    page = client_of("guardian").page("/nothing", 404)
    assert page.find("a", href="/s/jiaxiao/home")
    assert page.find("a", href="/login") is None
    assert client_of("anonymous").page("/nothing", 404).find("a", href="/login")


@pytest.mark.parametrize("name", ["anonymous", "guardian"])
def test_health_is_told_while_the_database_is_dead(
    name: str, client_of: ClientOf, fresh: str
) -> None:
    """Always JSON with each part's state, a session's cookie or not."""
    browser = client_of(name)
    assert browser.get("/healthz").get_json()["parts"]["database"] == "ok"
    db.connect("postgresql+psycopg://nobody@127.0.0.1:9/none", pool_size=2)
    response = browser.get("/healthz", 503)
    assert response.get_json()["parts"] == {"database": "down", "objects": "down", "web": "ok"}
    browser.get("/nothing", 404)


def test_health_is_well(client_of: ClientOf, fresh: str, store: object) -> None:
    assert client_of("guardian").get("/healthz").get_json()["status"] == "ok"


def test_an_unknown_school_offers_one_s_own(client_of: ClientOf) -> None:
    page = client_of("guardian").page("/s/no-such-school/home", 404)
    assert "甲山小学" in page.get_text()
    assert page.find("a", href="/s/jiaxiao/home")


def test_a_school_one_does_not_belong_to_is_unknown(client_of: ClientOf) -> None:
    """B's existence is told by nothing but its public sign-in page."""
    own = client_of("guardian").page("/s/yixiao/home", 404)
    assert "/s/jiaxiao/home" in str(own)
    assert own.find("a", href="/s/yixiao/home") is None


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/classes/x", "/classes/-1", f"/classes/{HUGE}", "/s/", "/%00", "/classes//1"],
)
def test_addresses_that_are_nothing(path: str, client_of: ClientOf) -> None:
    """A page that says so; never a 500, whatever the address holds."""
    client_of("class_teacher").get(path, None)
    client_of("anonymous").get(path, None)


def test_a_number_beyond_64_bits_is_no_id(client_of: ClientOf) -> None:
    client_of("class_teacher").get(f"/classes/{HUGE}", 404)
    client_of("guardian").get(f"/children/{HUGE}", 404)


def test_the_interface_gets_problem_details(client_of: ClientOf) -> None:
    """RFC 9457, with the reference people may quote."""
    response = client_of("guardian").get("/classes", 403, headers=JSON)
    body = response.get_json()
    assert response.mimetype == "application/problem+json"
    assert body["status"] == 403
    assert body["type"] == "urn:campus:forbidden"
    assert body["instance"]
    assert (
        client_of("anonymous").get("/s/jiaxiao/home", 401, headers=JSON).get_json()["status"] == 401
    )


def test_a_fragment_gets_a_fragment(client_of: ClientOf) -> None:
    assert "<html" not in client_of("guardian").get("/classes", 403, headers=FRAGMENT).get_data(
        as_text=True
    )


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods(method: str, client_of: ClientOf) -> None:
    browser = client_of("class_teacher")
    headers = {"X-CSRF-Token": browser.token()}
    assert browser.open(method, "/classes", None, headers=headers).status_code == 405


class Unread(io.RawIOBase):
    """A body that notes whether anybody read it."""

    asked = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        self.asked += 1
        return 0


def test_an_oversized_upload_is_refused_unread(client_of: ClientOf, seed: Seed) -> None:
    browser, body = client_of("class_teacher"), Unread()
    path = f"{browser.base}/classes/{seed.schools['a'].ids['class']}/praise"
    environ = EnvironBuilder(path, method="POST", headers=JSON).get_environ() | {
        "wsgi.input": body,
        "CONTENT_LENGTH": str(16 * 1024 * 1024),
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
        "HTTP_COOKIE": f"sid={browser.person.token}",
    }
    chunks, status, _ = run_wsgi_app(browser.app, environ)
    assert status.startswith("413")
    assert "15 MB" in b"".join(chunks).decode()
    assert body.asked == 0


def test_a_fault_of_ours_has_a_number_and_no_traceback(
    app: Flask, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch, log_lines: list[str]
) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setitem(app.view_functions, "classes.index", broken)
    monkeypatch.setattr(broken, "access", object(), raising=False)
    monkeypatch.setattr("campus.gate._open", lambda access: None)
    monkeypatch.setattr("campus.gate._admit", lambda access: None)
    broken.access = type("Access", (), {"public": True, "permission": None, "most_bytes": None})()
    text = client_of("class_teacher").get("/classes", 500).get_data(as_text=True)
    assert "secret detail" not in text
    assert any("secret detail" in line for line in log_lines)


def test_a_get_writes_nothing(seed: Seed, database: str) -> None:
    """A page's transaction is READ ONLY: a write hidden in a GET is an error, not a surprise."""
    unit = db.begin(school_id=seed.schools["a"].id, read_only=True)
    with pytest.raises(Exception, match="read-only"):
        db.session().execute(factories.update(factories.Account).values(name="x"))
    db.finish(unit, commit=False)


@pytest.fixture(scope="module")
def own_server(app: Flask) -> Iterator[tuple[Postgres, Seed]]:
    """A server of this module, seeded."""
    with files.temporary_home() as home:
        server = Postgres(home, durable=False)
        server.start()
        upgrade(server.url("migrator"))
        storage._configured[:] = [MemoryStore()]  # type: ignore[list-item]
        point_at(server, "campus")
        yield server, factories.plant()
        storage.configure(config_of())
        server.stop()


@pytest.fixture
def mortal(own_server: tuple[Postgres, Seed]) -> Iterator[tuple[Postgres, Seed]]:
    """The server, running, that a test may kill."""
    server, seed = own_server
    if not server.running():
        server.start()
    point_at(server, "campus")
    yield server, seed
    db.disconnect("web")
    db.disconnect("worker")


def test_a_dead_database_is_a_503_and_comes_back(app: Flask, mortal: tuple[Postgres, Seed]) -> None:
    """Killed, every page says so with Retry-After; started again, the same process serves."""
    server, seed = mortal
    browser = PageClient(app, seed, seed.people["class_teacher"])
    ids = seed.schools["a"].ids
    browser.get("/classes")
    server.stop()
    for path, how in (("/classes", {}), ("/classes", JSON), ("/classes", FRAGMENT)):
        started = time.monotonic()
        response = browser.get(path, 503, headers=how)
        assert int(response.headers["Retry-After"]) > 0
        assert time.monotonic() - started < 4
    data = {"pupil_id": ids["child"], "area": "moral", "comment": "x"}
    browser.post(f"/classes/{ids['class']}/praise", data, 503)
    prober = PageClient(app, seed, seed.people["anonymous"])
    assert prober.get("/healthz", 503).get_json()["parts"]["database"] == "down"
    server.start()
    browser.get("/classes")
    browser.post(f"/classes/{ids['class']}/praise", data)
    for _ in range(6):  # every connection of the pool
        browser.get("/classes")


def test_a_database_that_restarts_between_two_pages_is_not_noticed(
    app: Flask, mortal: tuple[Postgres, Seed]
) -> None:
    """Connections that died in the pool are replaced before anybody sees them."""
    server, seed = mortal
    browser = PageClient(app, seed, seed.people["guardian"])
    browser.get("/home")
    server.stop()
    server.start()
    browser.get("/home")


def test_a_connection_cut_in_the_middle_is_a_503(
    app: Flask, mortal: tuple[Postgres, Seed], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server dies while a page is made: rolling back what is gone is no second fault."""
    server, seed = mortal
    browser = PageClient(app, seed, seed.people["class_teacher"])
    show = app.view_functions["classes.index"]

    def dies() -> object:
        server.stop()
        return show()

    dies.access = show.access  # type: ignore[attr-defined]
    monkeypatch.setitem(app.view_functions, "classes.index", dies)
    assert int(browser.get("/classes", 503).headers["Retry-After"]) > 0
    server.start()
    monkeypatch.undo()
    browser.get("/classes")
