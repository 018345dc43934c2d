"""What the forms of families may hold."""

from __future__ import annotations

from typing import Any

from marshmallow import validate

from campus import fields
from campus.forms import PHONE, PHONE_WRONG, Form
from tenants.people.consents import CLASS_PHOTO, GROWTH_PHOTO, REMINDERS

_PHONE = validate.Regexp(PHONE, error=PHONE_WRONG)
_PASSWORD = validate.Length(1, 128, error="请填写密码。")
_RELATION = validate.Length(1, 12, error="称呼 1 到 12 个字，例如 妈妈。")
_CODE = validate.Length(8, 20, error="请填写入校单上的 8 位码。")


class Paper(Form):
    """Which slips of a class: every missing place, or one for each child."""

    which = fields.String(
        load_default="missing",
        validate=validate.OneOf(["missing", "each"], error="请选择打印哪些。"),
    )


class Invite(Form):
    """One place of a child; without a guardian it is another parent's."""

    guardian_id = fields.Integer(load_default=None)


class Nothing(Form):
    """A button without fields."""


class Details(Form):
    """Relation and custody of one guardian."""

    relation = fields.Name(required=True, validate=_RELATION)
    contact_order = fields.Integer(
        required=True, validate=validate.Range(1, 9, error="联系次序是 1 到 9。")
    )
    may_pick_up = fields.Boolean(load_default=False)
    may_see_health = fields.Boolean(load_default=False)
    limited = fields.Boolean(load_default=False)


class WrongNumber(Form):
    """Whether the number on file is not theirs."""

    wrong = fields.Boolean(required=True)


class Phone(Form):
    """A corrected number."""

    phone = fields.String(required=True, validate=_PHONE)


class ShortCode(Form):
    """The code from the paper, as typed."""

    code = fields.String(required=True, validate=_CODE)


class Join(Form):
    """Phone and password of who joins; name and relation of another parent."""

    phone = fields.String(required=True, validate=_PHONE)
    password = fields.String(required=True, validate=_PASSWORD)
    name = fields.Name(
        load_default="", validate=validate.Length(max=30, error="姓名最多 30 个字。")
    )
    relation = fields.Name(
        load_default="", validate=validate.Length(max=12, error="称呼最多 12 个字。")
    )


class Confirm(Form):
    """Somebody who is signed in says yes; another parent says what they are."""

    confirm = fields.Boolean(
        required=True,
        validate=validate.Equal(True, error="请确认这是您的孩子。"),
        error_messages={"required": "请确认这是您的孩子。"},
    )
    relation = fields.Name(
        load_default="", validate=validate.Length(max=12, error="称呼最多 12 个字。")
    )


class Reset(Form):
    """A reset code and the new password."""

    phone = fields.String(required=True, validate=_PHONE)
    code = fields.String(
        required=True, validate=validate.Length(8, 20, error="请填写 8 位重设码。")
    )
    new = fields.String(required=True, validate=_PASSWORD)


def _answer(key: str) -> fields.Boolean:
    chosen = "请选择同意或不同意。"
    return fields.Boolean(
        required=True, data_key=key, error_messages={"required": chosen, "invalid": chosen}
    )


class Answers(Form):
    """A yes or a no to every purpose of the register; a test keeps the two equal."""

    growth_photo = _answer(GROWTH_PHOTO)
    class_photo = _answer(CLASS_PHOTO)
    reminders = _answer(REMINDERS)


def answers_of(data: dict[str, Any]) -> dict[str, bool]:
    """The loaded answers by purpose."""
    return {
        GROWTH_PHOTO: data["growth_photo"],
        CLASS_PHOTO: data["class_photo"],
        REMINDERS: data["reminders"],
    }
