"""A zip from elsewhere, judged before anything of it is believed.

Caps first (entries, bytes, ratio), then names from a short list, then every sum, then the data by
a schema that knows exactly version 1. Nothing is unpacked to a disk, no name becomes a path.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any

from marshmallow import RAISE, Schema, validate

from campus import fields, texts
from campus.errors import InvalidInput
from campus.tables.archives import FAULTS
from tenants.classes.areas import AREAS, KIND_TEXTS
from tenants.classes.attendance import STATES
from tenants.privacy.book import FORMAT, VERSION
from tenants.privacy.box import SUMS

MIB = 1024 * 1024
MOST_ENTRIES = 5_000
MOST_BYTES = 1024 * MIB
MOST_PART = 20 * MIB
MOST_RATIO = 200
MOST_RECORDS = 4_000
PARTS = re.compile(
    r"index\.html|book\.css|pupil\.xlsx|data\.json|SHA256SUMS|photos/[0-9]{4,6}\.jpg"
    # Chapters of capabilities that this version may not know: judged by their sums, left aside.
    r"|chapters/[a-z_]{1,30}/[A-Za-z0-9_-]{1,60}\.[a-z0-9]{2,5}"
)
PHOTO = re.compile(r"photos/[0-9]{4,6}\.jpg")
LINE = re.compile(r"([0-9a-f]{64})  (\S+)")
NO_ZIP = "这个文件打不开，请选择从成长册下载的 zip 文件，不要先解压。"
NOT_OURS = "这个 zip 不是成长册：里面的文件和成长册不一样。"
TOO_BIG = "这个文件太大了，或者压缩得不正常，不能带入。"
BROKEN = "文件不完整或被改动过（{name} 对不上），请向原学校或家长重新要一份。"
OTHER_VERSION = (
    "这份成长册的格式版本是 {version}，这里只认识 {known}。请让原学校用新版本再整理一份。"
)
WRONG_DATA = "成长册里的内容不合格式（{where}），不能带入。"

PLACES = {
    "made_at": "整理时间",
    "school": "学校名称",
    "pupil": "学生",
    "guardians": "监护人",
    "classes": "所在班级",
    "attendance": "出勤",
    "records": "成长记录",
    "photos": "照片",
}


def _text(most: int, least: int = 0) -> fields.String:
    kind = fields.Prose if most > 120 else fields.Name
    return kind(required=True, validate=validate.Length(least, most))


class _Strict(Schema):
    class Meta:
        unknown = RAISE


class _Pupil(_Strict):
    name = _text(60, 1)
    sex = fields.Integer(required=True, validate=validate.OneOf([0, 1, 2, 9]))
    birthday = fields.Date(required=True, allow_none=True)


class _Guardian(_Strict):
    relation = _text(20)
    name = _text(60)


class _Stay(_Strict):
    label = _text(40)
    entry_year = fields.Integer(required=True, validate=validate.Range(1950, 2200))
    number = fields.Integer(required=True, validate=validate.Range(0, 999))
    seat_no = fields.Integer(required=True, allow_none=True, validate=validate.Range(0, 9999))
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True, allow_none=True)


class _Term(_Strict):
    term = _text(60)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True)
    half_days = fields.Integer(required=True, validate=validate.Range(0, 10_000))
    states = fields.Dict(
        keys=fields.String(validate=validate.OneOf(list(STATES))),
        values=fields.Integer(validate=validate.Range(0, 10_000)),
        required=True,
    )


class _Record(_Strict):
    at = fields.AwareDateTime(required=True)
    area = fields.String(required=True, validate=validate.OneOf(list(AREAS)))
    kind = fields.String(required=True, validate=validate.OneOf([*KIND_TEXTS, ""]))
    text = _text(2000)
    author = _text(120, 1)
    photo = fields.String(
        required=True, allow_none=True, validate=validate.Regexp(PHOTO.pattern + r"\Z")
    )


class _Photo(_Strict):
    file = fields.String(required=True, validate=validate.Regexp(PHOTO.pattern + r"\Z"))
    sha256 = fields.String(required=True, validate=validate.Regexp(r"[0-9a-f]{64}\Z"))
    width = fields.Integer(required=True, validate=validate.Range(1, 20_000))
    height = fields.Integer(required=True, validate=validate.Range(1, 20_000))


def _list(inner: type[Schema], most: int) -> fields.List[Any]:
    limit = validate.Length(max=most)
    return fields.List(fields.Nested(inner), required=True, validate=limit)


class _File(_Strict):
    """data.json, version 1 (docs/takeaway.md)."""

    format = fields.String(required=True, validate=validate.Equal(FORMAT))
    version = fields.Integer(required=True, validate=validate.Equal(VERSION))
    made_at = fields.AwareDateTime(required=True)
    school = _text(60, 1)
    pupil = fields.Nested(_Pupil, required=True)
    guardians = _list(_Guardian, 20)
    classes = _list(_Stay, 100)
    attendance = _list(_Term, 100)
    records = _list(_Record, MOST_RECORDS)
    photos = _list(_Photo, MOST_RECORDS)


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it comes; ``photo`` names a part of the zip."""

    at: datetime
    area: str
    kind: str
    text: str
    author: str
    photo: str | None


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a judged zip holds about one child."""

    school: str
    made_at: datetime
    name: str
    sex: int
    birthday: date | None
    classes: list[str]
    records: list[Record]
    photos: list[str]

    def summary(self) -> dict[str, Any]:
        """What the preview says."""
        return {
            "school": self.school,
            "made_at": self.made_at.isoformat(),
            "name": self.name,
            "sex": self.sex,
            "birthday": self.birthday.isoformat() if self.birthday else "",
            "classes": self.classes,
            "records": len(self.records),
            "photos": len(self.photos),
            "first": min((one.at for one in self.records), default=self.made_at).isoformat(),
            "last": max((one.at for one in self.records), default=self.made_at).isoformat(),
        }


class Parcel:
    """An opened zip. Raises InvalidInput (field ``file``) wherever something is not right."""

    def __init__(self, file: IO[bytes]) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
        except FAULTS as error:
            raise _wrong(NO_ZIP) from error
        self._parts = {info.filename: info for info in self._zip.infolist()}
        self._check_caps()

    def _check_caps(self) -> None:
        infos = self._zip.infolist()
        if len(infos) > MOST_ENTRIES or sum(info.file_size for info in infos) > MOST_BYTES:
            raise _wrong(TOO_BIG)
        if len(self._parts) != len(infos) or {"data.json", SUMS} - self._parts.keys():
            raise _wrong(NOT_OURS)
        for info in infos:
            if not PARTS.fullmatch(info.filename) or info.flag_bits & 1:
                raise _wrong(NOT_OURS)
            if info.file_size > MOST_PART or info.file_size > MOST_RATIO * max(
                info.compress_size, 64
            ):
                raise _wrong(TOO_BIG)

    def read(self, name: str) -> bytes:
        """One part; what its header lied about is an error, not memory."""
        info = self._parts[name]
        try:
            with self._zip.open(info) as part:
                data = part.read(info.file_size + 1)
        except FAULTS as error:
            raise _wrong(BROKEN.format(name=name)) from error
        if len(data) != info.file_size:
            raise _wrong(BROKEN.format(name=name))
        return data

    def arrival(self) -> Arrival:
        """Every sum checked, the data read."""
        self._check_sums()
        found = _File().load(self._data())
        names = {one["file"] for one in found["photos"]}
        used = {one["photo"] for one in found["records"] if one["photo"]}
        if names - self._parts.keys() or used - names:
            raise _wrong(WRONG_DATA.format(where="photos"))
        pupil = found["pupil"]
        return Arrival(
            found["school"],
            found["made_at"],
            pupil["name"],
            pupil["sex"],
            pupil["birthday"],
            [stay["label"] for stay in found["classes"]],
            [Record(**one) for one in found["records"]],
            sorted(used),
        )

    def _check_sums(self) -> None:
        listed = dict(_sums(self.read(SUMS)))
        if listed.keys() != self._parts.keys() - {SUMS}:
            raise _wrong(BROKEN.format(name=SUMS))
        for name, digest in listed.items():
            if hashlib.sha256(self.read(name)).hexdigest() != digest:
                raise _wrong(BROKEN.format(name=name))

    def _data(self) -> Any:
        try:
            data = texts.parsed(self.read("data.json"))
        except ValueError as error:
            raise _wrong(WRONG_DATA.format(where="data.json")) from error
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise _wrong(NOT_OURS)
        if data.get("version") != VERSION:
            version = str(data.get("version"))[:10]
            raise _wrong(OTHER_VERSION.format(version=version, known=VERSION))
        errors = _File().validate(data)
        if errors:
            raise _wrong(WRONG_DATA.format(where=_place(errors)))
        return data


def _place(errors: Mapping[str, Any]) -> str:
    """Where the first mistake is, as a reader of the book would say it."""
    name, found = next(iter(errors.items()))
    number = next(iter(found)) if isinstance(found, dict) else None
    nth = f"第 {number + 1} 条" if isinstance(number, int) else ""
    return f"{PLACES.get(str(name), 'data.json')}{nth}"


def _sums(data: bytes) -> Iterator[tuple[str, str]]:
    for line in data.decode("utf-8", "replace").splitlines():
        match = LINE.fullmatch(line)
        if match is None:
            raise _wrong(BROKEN.format(name=SUMS))
        yield match[2], match[1]


def _wrong(message: str) -> InvalidInput:
    return InvalidInput({"file": message})
