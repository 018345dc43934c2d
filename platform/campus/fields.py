"""The fields of every schema: marshmallow's, which refuse what cannot be stored, in Chinese.

Whoever writes a schema imports ``fields`` from here (tests/rules/source.py sees to it), so that a
text, a number and a day mean the same in a form, in JSON and in a file from elsewhere.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from marshmallow import fields
from marshmallow.fields import UUID, Boolean, Dict, Field, List, Nested, Raw

from campus import clock, texts

__all__ = [
    "UUID",
    "AwareDateTime",
    "Boolean",
    "Date",
    "Dict",
    "Field",
    "Integer",
    "List",
    "Name",
    "Nested",
    "Prose",
    "Raw",
    "String",
]
MOST = 2**63 - 1
_NUMBER = re.compile(r"\s*[+-]?[0-9]+\s*")
Field.default_error_messages.update(
    required="请填写这一项。", null="请填写这一项。", validator_failed="内容不符合要求。"
)
Boolean.default_error_messages.update(invalid="请选择是或否。")
List.default_error_messages.update(invalid="这里应是一个列表。")
UUID.default_error_messages.update(invalid_uuid="编号不对，请刷新页面再试。")


class String(fields.String):
    """A text that can be stored and shown."""

    default_error_messages = {"invalid": "请填写文字。", "unfit": texts.UNFIT}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        text = super()._deserialize(value, attr, data, **more)
        if not texts.fit(text):
            raise self.make_error("unfit")
        return text


class Name(String):
    """One line of which people see everything: who somebody is, what something is called."""

    default_error_messages = {"hidden": texts.HIDDEN}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        text = super()._deserialize(value, attr, data, **more)
        if not texts.seen(text):
            raise self.make_error("hidden")
        return text


class Prose(String):
    """A longer text, without what turns it around: copied numbers carry such marks."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        return texts.unsteered(super()._deserialize(value, attr, data, **more))


class Integer(fields.Integer):
    """A number of at most 64 bits, written with ASCII digits."""

    default_error_messages = {"invalid": "请填写整数。", "too_large": "数字太大了。"}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        if isinstance(value, str) and not _NUMBER.fullmatch(value):
            raise self.make_error("invalid")
        number = super()._deserialize(value, attr, data, **more)
        if number is not None and not -MOST <= number <= MOST:
            raise self.make_error("too_large")
        return number


class Date(fields.Date):
    """A day no calendar of ours runs out at."""

    default_error_messages = {  # noqa: RUF012
        "invalid": "日期应像 2026-09-01 这样。",
        "beyond": clock.BEYOND,
    }

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> date:
        day = super()._deserialize(value, attr, data, **more)
        if not clock.believable(day):
            raise self.make_error("beyond")
        return day


class AwareDateTime(fields.AwareDateTime):
    """A moment with its zone, on such a day."""

    default_error_messages = {"beyond": clock.BEYOND}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> datetime:
        moment = super()._deserialize(value, attr, data, **more)
        if not clock.believable(moment):
            raise self.make_error("beyond")
        return moment
