"""Forms, JSON and files into one marshmallow schema per intention; errors in Chinese, by field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request
from marshmallow import RAISE, Schema, ValidationError, fields, pre_load
from werkzeug.datastructures import MultiDict

from campus.errors import InvalidInput
from campus.incoming import NO_JSON

IGNORED = frozenset({"csrf_token"})
MOST = 2**63 - 1
TWICE = "这一项只能选一个。"
PHONE = r"^1\d{10}$"
PHONE_WRONG = "手机号应是 1 开头的 11 位数字。"
fields.Field.default_error_messages.update(
    required="请填写这一项。", null="请填写这一项。", validator_failed="内容不符合要求。"
)
fields.String.default_error_messages.update(invalid="请填写文字。")
fields.Integer.default_error_messages.update(invalid="请填写整数。", too_large="数字太大了。")
fields.Boolean.default_error_messages.update(invalid="请选择是或否。")
fields.Date.default_error_messages.update(invalid="日期应像 2026-09-01 这样。")
fields.List.default_error_messages.update(invalid="这里应是一个列表。")
fields.UUID.default_error_messages.update(invalid_uuid="编号不对，请刷新页面再试。")


class Form(Schema):
    """Base of every schema: unknown fields are refused, text is trimmed."""

    error_messages = {  # noqa: RUF012
        "unknown": "这里不接受这个字段。",
        "type": "内容格式不对。",
    }

    class Meta:
        unknown = RAISE

    @pre_load
    def _flatten(self, data: Any, **_: Any) -> Any:
        if not isinstance(data, MultiDict):
            return data
        flat: dict[str, Any] = {}
        for name in data:
            if name in IGNORED:
                continue
            listed = isinstance(self.fields.get(name), fields.List)
            # One that is looked at and another that is used: a number stands once.
            if isinstance(self.fields.get(name), fields.Integer) and len(data.getlist(name)) > 1:
                raise ValidationError(TWICE, name)
            if not listed and self._left_empty(name, data[name]):
                continue
            flat[name] = data.getlist(name) if listed else data[name].strip()
        return flat

    def _left_empty(self, name: str, value: str) -> bool:
        """A number or a day nobody chose: a browser sends an empty text, JSON leaves it out."""
        field = self.fields.get(name)
        if not isinstance(field, fields.Integer | fields.Date):
            return False
        return not field.required and not value.strip()


def load(schema: type[Form], data: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Validate ``data`` (default: this request's JSON or form). Raises InvalidInput."""
    try:
        loaded = schema().load(_body() if data is None else data)
    except ValidationError as error:
        raise InvalidInput(_flat(error.messages)) from error
    for name, value in loaded.items():
        _storable(str(name), value)
    return dict(loaded)


def typed() -> MultiDict[str, str]:
    """This request's form, to be shown once more: every value of every name."""
    items = request.form.items(multi=True)
    return MultiDict((name, value) for name, value in items if name not in IGNORED)


def cursor(text: str) -> int | None:
    """The number an address asks to go on from; None for whatever else stands there."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _storable(name: str, value: Any) -> None:
    """Refuse what the database cannot hold: a NUL in a text, a number beyond 64 bits."""
    if isinstance(value, str) and "\0" in value:
        raise InvalidInput({name: "请填写文字。"})
    if isinstance(value, int) and not -MOST <= value <= MOST:
        raise InvalidInput({name: "数字太大了。"})
    if isinstance(value, list | dict):
        for part in [*value, *(value.values() if isinstance(value, dict) else ())]:
            _storable(name, part)


def _body() -> Mapping[str, Any]:
    if request.is_json:
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            raise InvalidInput({"form": NO_JSON})
        return body
    return request.form


def _flat(messages: Any) -> dict[str, str]:
    if not isinstance(messages, dict):
        return {"form": _first(messages)}
    return {str(name): _first(found) for name, found in messages.items()}


def _first(found: Any) -> str:
    while not isinstance(found, str):
        found = next(iter(found.values() if isinstance(found, dict) else found))
    return found
