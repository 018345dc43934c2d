"""What a school starts with: grades, subjects, ready notices, codes, the rules of privacy.

The figures are data files beside this one, each with the standard it comes from, checked when they
are first read; a mistake in a file is an error at the first use, not a wrong page.

primary.toml junior.toml nine.toml   a kind of school: grades, subjects in timetable order, areas
notices.toml                         notices that fill title and text of 发班级通知
codes.toml                           学校标识码, 办学类型, 城乡分类, provinces
privacy.toml                         purposes, retention, rights: the public page
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from marshmallow import Schema, post_load, validate

from campus import fields
from tenants.classes.areas import AREAS

KEYS = ("primary", "junior", "nine")
OLDEST_GRADE = 9
TEXT: dict[str, Any] = {"required": True, "validate": validate.Length(1)}


@dataclass(frozen=True, slots=True)
class Preset:
    """A kind of school. ``school_types`` are the codes of GB/T 33782 it fits."""

    key: str
    title: str
    words: str
    school_types: tuple[str, ...]
    first_grade: int
    last_grade: int
    source: str
    areas: tuple[str, ...]
    areas_source: str
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadyNotice:
    """A notice that is written already; 〔…〕 marks what is still to be filled in."""

    key: str
    chip: str
    title: str
    body: str
    presets: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Purpose:
    """What children's information is used for; ``consent`` is the register's key, or empty."""

    title: str
    why: str
    kinds: str
    keep: str
    consent: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """The platform's part of 儿童个人信息保护规则; the school adds its officer and channel."""

    version: int
    source: str
    refusal: str
    stored: str
    rights: str
    purpose: tuple[Purpose, ...]


def _listed(inner: fields.Field[Any]) -> fields.List[Any]:
    return fields.List(inner, required=True, validate=validate.Length(1))


class _Made(Schema):
    """A file's table becomes one of the classes above; unknown names are refused."""

    makes: type

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Any:
        return self.makes(
            **{key: tuple(one) if isinstance(one, list) else one for key, one in data.items()}
        )


class _Preset(_Made):
    makes = Preset
    key = fields.String(required=True, validate=validate.OneOf(KEYS))
    title = fields.String(**TEXT)
    words = fields.String(**TEXT)
    school_types = _listed(fields.String())
    first_grade = fields.Integer(required=True, validate=validate.Range(1, OLDEST_GRADE))
    last_grade = fields.Integer(required=True, validate=validate.Range(1, OLDEST_GRADE))
    source = fields.String(**TEXT)
    areas = _listed(fields.String(validate=validate.OneOf(AREAS)))
    areas_source = fields.String(**TEXT)
    subjects = _listed(fields.String(validate=validate.Length(1, 20)))


class _Notice(_Made):
    makes = ReadyNotice
    key = fields.String(**TEXT)
    chip = fields.String(required=True, validate=validate.Length(1, 8))
    title = fields.String(required=True, validate=validate.Length(1, 60))
    body = fields.String(required=True, validate=validate.Length(1, 2000))
    presets = _listed(fields.String(validate=validate.OneOf(KEYS)))
    source = fields.String(**TEXT)


class _Purpose(_Made):
    makes = Purpose
    title = fields.String(**TEXT)
    why = fields.String(**TEXT)
    kinds = fields.String(**TEXT)
    keep = fields.String(**TEXT)
    consent = fields.String()


class _Rules(_Made):
    makes = Rules
    version = fields.Integer(required=True)
    source = fields.String(**TEXT)
    refusal = fields.String(**TEXT)
    stored = fields.String(**TEXT)
    rights = fields.String(**TEXT)
    purpose = _listed(fields.Nested(_Purpose))


class _Table(Schema):
    source = fields.String(**TEXT)
    codes = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


def _file(name: str) -> dict[str, Any]:
    return tomllib.loads((resources.files(__name__) / name).read_text("utf-8"))


@cache
def presets() -> Mapping[str, Preset]:
    """Every kind of school by its key. Raises marshmallow.ValidationError for a broken file."""
    return {key: _Preset().load(_file(f"{key}.toml")) for key in KEYS}


@cache
def notices() -> tuple[ReadyNotice, ...]:
    """Every ready notice, in the order of their chips."""
    found: list[ReadyNotice] = _Notice(many=True).load(_file("notices.toml")["notice"])
    return tuple(found)


@cache
def rules() -> Rules:
    """Purposes, retention and rights."""
    made: Rules = _Rules().load(_file("privacy.toml"))
    return made


@cache
def codes(table: str) -> Mapping[str, str]:
    """One table of codes.toml: ``category``, ``school_type``, ``urban`` or ``province``."""
    found: dict[str, Any] = _Table().load(_file("codes.toml")[table])
    return dict(found["codes"])
