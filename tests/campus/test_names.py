"""Names hold nothing hidden, numbers only ASCII digits, wherever people type them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from marshmallow import Schema, ValidationError, validate

import tenants
from campus import fields, texts
from campus.forms import PHONE
from tests.support.client import JSON, PageClient
from tests.support.seed import Seed

ClientOf = Callable[[str], PageClient]
HIDDEN = {
    "zero width space": "\u200b",
    "right-to-left override": "\u202e",
    "pop directional": "\u202c",
    "isolate": "\u2066",
    "joiner": "\u200d",
    "word joiner": "\u2060",
    "byte order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "Arabic letter mark": "\u061c",
    "Mongolian vowel separator": "\u180e",
    "tag": "\U000e0041",
    "Hangul filler": "\u3164",
    "half-width filler": "\uffa0",
    "blank Braille": "\u2800",
    "grapheme joiner": "\u034f",
    "line separator": "\u2028",
    "escape": "\x1b",
    "delete": "\x7f",
    "C1": "\x9b",
    "tab": "\t",
    "line end": "\n",
}
GOOD = ("张三", "𠮷田", "阿依古丽·买买提", "上官 莉", "O'Neil", "\ue863", "开学啦🎉", "❤️ 三（2）班")
# Keys of fields that say who somebody is or what something is called.
CALLED = re.compile(r"(^|_)(name|title|relation|school|city|county|label|author|term|holiday)$")
OTHER_DIGITS = ("１２０", "١٢٠", "१२०", "²", "1_0", "12.0", "")


@pytest.mark.parametrize("letter", HIDDEN.values(), ids=HIDDEN)
def test_a_name_holds_nothing_hidden(letter: str) -> None:
    for text in (f"张{letter}三", f"{letter}张三", f"张三{letter}"):
        with pytest.raises(ValidationError, match="看不见"):
            fields.Name().deserialize(text)
    assert texts.clean(f"张{letter}三") in ("张三", "张 三", "张\n三")


@pytest.mark.parametrize("name", GOOD)
def test_a_name_that_people_have_is_taken(name: str) -> None:
    assert fields.Name().deserialize(name) == name
    assert texts.clean(name) == name


def test_a_longer_text_keeps_its_lines_and_loses_what_turns_it_around() -> None:
    """A number copied from a phone's contacts carries such marks; families of emoji are joined."""
    copied = "请拨打\u202d120 0000 0001\u202c\n👨‍👩‍👧 见\x1b"
    assert fields.Prose().deserialize(copied) == "请拨打120 0000 0001\n👨‍👩‍👧 见"


@pytest.mark.parametrize("text", OTHER_DIGITS)
def test_a_number_is_written_with_ascii_digits(text: str) -> None:
    assert texts.number(text) is None
    with pytest.raises(ValidationError):
        fields.Integer().deserialize(text)
    assert not re.match(PHONE, f"1200000{text}"[:11].ljust(11, text[:1] or "x"))


def test_a_phone_ends_where_it_ends() -> None:
    assert re.match(PHONE, "12000000001")
    for wrong in ("12000000001\n", "１２０００００００１１", "1200000000١", " 12000000001"):
        assert not re.match(PHONE, wrong)


def schemas(base: type[Schema] = Schema) -> Iterator[type[Schema]]:
    for one in base.__subclasses__():
        yield one
        yield from schemas(one)


def test_every_field_that_names_is_a_name() -> None:
    """Of every schema of the house; what is chosen from a list needs no such look."""
    assert tenants.CAPABILITIES
    wrong, seen = [], 0
    for schema in schemas():
        if not schema.__module__.startswith(("campus.", "tenants.")):
            continue
        if schema.__module__.startswith("tenants.setup.presets"):
            continue  # our own files
        for key, field in schema().fields.items():
            inner = field.inner if isinstance(field, fields.List) else field
            if not CALLED.search(key) or not isinstance(inner, fields.String):
                continue
            chosen = any(isinstance(one, validate.OneOf) for one in inner.validators)
            seen += 1
            if not chosen and not isinstance(inner, fields.Name):
                wrong.append(f"{schema.__module__}.{schema.__name__}.{key}: make it fields.Name")
    assert wrong == []
    assert seen > 15


def test_people_are_told_where_the_hidden_sign_is(
    client_of: ClientOf, seed: Seed, fresh: str
) -> None:
    """A few of the doors themselves, as a browser and a program come to them."""
    ids = seed.schools["a"].ids
    admin, teacher = client_of("admin"), client_of("class_teacher")
    phone = "12000000777"
    asked = [
        (admin, "/staff", {"name": "王\u202e明", "phone": phone}, "name"),
        (admin, "/staff", {"name": "王明", "phone": "１２０００００００７７"}, "phone"),
        (admin, "/staff", {"name": "王明", "phone": f"{phone}\n\u200b"}, "phone"),
        (teacher, "/messages/announce", {"title": "停\u200b课", "class_id": ids["class"]}, "title"),
    ]
    for browser, path, data, field in asked:
        answer = browser.post(path, data, 422, headers=JSON)
        assert field in answer.get_json()["errors"], (path, data)
    client_of("anonymous").post(
        "/login", {"account": "１２０００００００１１", "password": "x"}, 422, headers=JSON
    )
    assert teacher.get(f"/classes/{ids['class']}").status_code == 200
    full_width = "".join(chr(ord(digit) + 0xFEE0) for digit in str(ids["class"]))
    teacher.get(f"/classes/{full_width}", 404)
