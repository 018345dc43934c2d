"""Forms, JSON and files into one marshmallow schema per intention; errors in Chinese, by field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request
from marshmallow import RAISE, Schema, ValidationError, pre_load
from werkzeug.datastructures import MultiDict

from campus import fields, texts
from campus.errors import InvalidInput
from campus.incoming import NO_JSON

DRAFT = "draft"  # the number a browser keeps unsent words under (static/base/keep.js)
IGNORED = frozenset({"csrf_token", DRAFT})
TWICE = "这一项只能选一个。"
PHONE = r"^1[0-9]{10}\Z"
PHONE_WRONG = "手机号应是 1 开头的 11 位数字。"


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
    return dict(loaded)


def typed() -> MultiDict[str, str]:
    """This request's form, to be shown once more: every value of every name."""
    items = request.form.items(multi=True)
    return MultiDict((name, value) for name, value in items if name not in IGNORED)


def cursor(text: str) -> int | None:
    """The number an address asks to go on from; None for whatever else stands there."""
    return texts.number(text)


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
