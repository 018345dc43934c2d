"""`current_user` is the actor of the session row, whatever else a browser sends."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, g, render_template_string
from flask_login import current_user, encode_cookie

from campus import login
from campus.actor import Actor
from campus.permissions import Role
from tests.support.client import PageClient

ACTOR = Actor(7, "王芳", 1, frozenset({Role.TEACHER}), 3)
WORDS = "{{ current_user.is_authenticated }} {{ current_user.name }}"


def test_it_is_whom_the_gate_found(app: Flask) -> None:
    with app.test_request_context("/"):
        g.actor = ACTOR
        assert current_user == ACTOR
        assert current_user.get_id() == "7"
        assert login.person() is ACTOR, "an action gets the actor, never the proxy"
        assert render_template_string(WORDS) == "True 王芳"


def test_nobody_is_nobody(app: Flask) -> None:
    with app.test_request_context("/"):
        assert not current_user.is_authenticated
        assert login.person() is None


def test_a_remembered_cookie_says_nothing(app: Flask) -> None:
    with app.app_context():
        forged = encode_cookie("1")
    with app.test_request_context("/", headers={"Cookie": f"remember_token={forged}"}):
        g.actor = ACTOR
        assert login.person() is ACTOR


def test_a_page_shows_who_is_signed_in_and_static_files_do_not_vary(
    client_of: Callable[[str], PageClient], app: Flask
) -> None:
    teacher = client_of("class_teacher")
    assert "remember" not in str(teacher.get("/me").headers.get_all("Set-Cookie"))
    with app.test_client() as browser:
        answer = browser.get("/static/icons/favicon.svg")
        answer.close()
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert "Set-Cookie" not in answer.headers
