"""Text, addresses and JSON enter through one place each; what nothing can hold is told by field."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from marshmallow import ValidationError

from campus import addresses, clock, fields, texts
from tests.factories import PASSWORD, Seed
from tests.support.client import JSON, SEED, PageClient

ClientOf = Callable[[str], PageClient]
HALF = "\ud800"
DEEP = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize("text", ["", "李", "𠮷\n\t", "a\u202eb", "\ufffe", "ü" * 9_000])
def test_a_text_that_fits(text: str) -> None:
    assert texts.fit(text)


@pytest.mark.parametrize("value", ["a\0b", HALF, {"a": [HALF]}, {HALF: 1}, ["x", ("\0",)]])
def test_a_text_that_nothing_holds(value: Any) -> None:
    assert not texts.all_fit(value)


@pytest.mark.parametrize(
    "data", [DEEP, "NaN", "9" * 5_000, '"\\ud800"', "[" * 40 + "]" * 40, b"\xff"]
)
def test_no_json(data: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        texts.read_json(data)


@pytest.mark.parametrize(
    "address", ["//[", "/\r\nSet-Cookie: a=b", "/\0", f"/{HALF}", "//a", "/\\a", "http://[::1", ""]
)
def test_an_address_that_is_not_inside(address: str) -> None:
    assert not addresses.inside(address)


def test_an_address_inside() -> None:
    assert addresses.inside("/s/jiaxiao/children/1?area=moral&q=李#x")


@pytest.mark.parametrize("origin", ["http://[::1", "http://[", "null", "http://", "ü", "http://℀"])
def test_an_origin_that_is_none(origin: str, client_of: ClientOf) -> None:
    """Refused like a foreign one."""
    assert addresses.origin(origin) is None
    headers = {"Origin": origin.encode().decode("latin-1")}
    client_of("guardian").post("/me/devices/end", {}, 403, headers=headers)


@pytest.mark.parametrize("token", ["ü" * 56, "0123456789abcdefü", "\xff", "李"])
def test_a_csrf_token_beyond_ascii(token: str, client_of: ClientOf) -> None:
    """In the form and in the header: a refusal."""
    browser = client_of("guardian")
    browser.open("POST", "/me/devices/end", 403, data={"csrf_token": token})
    header = {"X-CSRF-Token": token.encode().decode("latin-1")}
    browser.open("POST", "/me/devices/end", 403, headers=header)


@pytest.mark.parametrize("wanted", ["//[", "/\r\nX: y", "/\u2028", "http://[::1"])
def test_no_way_on_is_an_error(wanted: str, client_of: ClientOf, seed: Seed) -> None:
    """Signing in, and opening the door signed in already."""
    form = {"account": seed.people["guardian"].phone, "password": PASSWORD, "next": wanted}
    assert client_of("anonymous").post("/login", form).headers["Location"].startswith("/")
    client_of("guardian").get("/login", 302, query_string={"next": wanted})
    client_of("guardian").post("/me/confirm", {"proof": PASSWORD, "next": wanted})


@pytest.mark.parametrize("held", ['"a\\000b"', "x" * 5_000, '"\\303\\274"', "a b", "ü"])
def test_a_device_that_is_none(held: str, client_of: ClientOf, seed: Seed) -> None:
    """A cookie that cannot be ours is not there; the device gets a key of its own."""
    browser = client_of("anonymous")
    headers = cookies(browser, f"seed={SEED}; device={held}")
    form = {"account": seed.people["guardian"].phone, "password": PASSWORD}
    answer = browser.post("/login", form, headers=headers)
    assert "device=" in str(answer.headers)


@pytest.mark.parametrize("held", ['"a\\000b"', "ü", "\xff", '"\\377"', "\ud7ff"])
@pytest.mark.parametrize("path", ["/nothing", "/s/jiaxiao/nothing", "/home"])
def test_a_session_that_is_none(held: str, path: str, client_of: ClientOf) -> None:
    """Pages and the page of errors alike."""
    browser = client_of("anonymous")
    headers = cookies(browser, f"sid={held}; seed={held}; flash={held}; device={held}")
    browser.get(path, None, headers=headers)


def cookies(browser: PageClient, sent: str) -> dict[str, str]:
    """These bytes for the browser's own cookies."""
    browser.http = browser.app.test_client(use_cookies=False)
    return {"Cookie": sent.encode("latin-1" if "\xff" in sent else "utf-8").decode("latin-1")}


def test_json_names_the_field(client_of: ClientOf, seed: Seed) -> None:
    """Half a character in a title, a name, a phone: 422 with the field, as in any other mistake."""
    ids, teacher = seed.schools["a"].ids, client_of("class_teacher")
    notice = {"class_id": [ids["class"]], "title": f"春游{HALF}", "body": "带水"}
    assert told(teacher, "/messages/announce", notice) == {"title": texts.UNFIT}
    colleague = {"name": HALF, "phone": "12000008888"}
    assert told(client_of("admin"), "/staff", colleague) == {"name": texts.UNFIT}
    person = {"account": "12000000001", "password": f"a{HALF}"}
    assert told(client_of("anonymous"), "/login", person) == {"password": texts.UNFIT}


def told(browser: PageClient, path: str, body: dict[str, Any]) -> dict[str, str]:
    """What a program is told of its mistakes."""
    headers = {**JSON, "X-CSRF-Token": browser.token(), "Content-Type": "application/json"}
    answer = browser.open("POST", path, 422, data=json.dumps(body), headers=headers)
    return dict(answer.get_json()["errors"])


@pytest.mark.parametrize(
    "body", [DEEP, f'{{"title": {DEEP}}}', "{", "\ud7ff", '{"a": NaN}', '["\\ud800"]']
)
def test_json_that_is_none(body: str, client_of: ClientOf) -> None:
    browser = client_of("class_teacher")
    headers = {"X-CSRF-Token": browser.token(), "Content-Type": "application/json"}
    browser.open("POST", "/messages/announce", 422, data=body.encode(), headers=headers)


@pytest.mark.parametrize(
    "path", ["/staff?q=%00", "/login?next=%00", "/children/1?before=%00", "/join/%00"]
)
def test_a_nul_in_an_address(path: str, client_of: ClientOf) -> None:
    for name in ("anonymous", "admin", "guardian"):
        answer = client_of(name).get(path, None)
        assert answer.status_code in (404, 422), path


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31"])
def test_a_day_beyond_our_calendars(day: str) -> None:
    """Typed into a form, written in an address."""
    assert clock.day_in(day) is clock.moment_in(f"{day}T00:00:00+14:00") is None
    with pytest.raises(ValidationError, match="1900"):
        fields.Date().deserialize(day)
    with pytest.raises(ValidationError, match="1900"):
        fields.AwareDateTime().deserialize(f"{day}T00:00:00-12:00")


def test_a_field_takes_what_can_be_stored() -> None:
    assert fields.Date().deserialize("2026-09-01") == clock.day_in("2026-09-01")
    assert fields.Integer().deserialize(str(2**63 - 1)) == 2**63 - 1
    for field, wrong in ((fields.Integer(), 2**63), (fields.Integer(), 1e999)):
        with pytest.raises(ValidationError, match="太大"):
            field.deserialize(wrong)
    for text in ("a\0", HALF):
        with pytest.raises(ValidationError, match="无法保存"):
            fields.String().deserialize(text)


@pytest.mark.parametrize("key", ["x" * 3_000, "ü"])
def test_a_key_against_repeats_that_no_row_holds(key: str, client_of: ClientOf, seed: Seed) -> None:
    ids, teacher = seed.schools["a"].ids, client_of("class_teacher")
    praise = {"pupil_id": [ids["child"]], "area": "moral", "comment": "好"}
    headers = {**JSON, "Idempotency-Key": key.encode().decode("latin-1")}
    teacher.post(f"/classes/{ids['class']}/praise", None, 422, json=praise, headers=headers)
