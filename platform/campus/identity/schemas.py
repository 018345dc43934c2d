"""What the sign-in and password forms may hold."""

from __future__ import annotations

from marshmallow import validate

from campus import fields
from campus.forms import PHONE, PHONE_WRONG, Form


class SignIn(Form):
    """`account` is a phone number: 1 and ten digits (demo numbers use an unassigned prefix)."""

    account = fields.String(required=True, validate=validate.Regexp(PHONE, error=PHONE_WRONG))
    password = fields.String(required=True, validate=validate.Length(1, 128, error="请填写密码。"))
    next = fields.String(load_default="")
    kept = fields.String(load_default="")


_ANSWER = validate.Length(2, 20_000, error="浏览器的回答不完整，请再试一次。")
_KEY_NAME = validate.Length(1, 40, error="名字 1 到 40 个字，例如 我的手机。")


class PasskeySignIn(Form):
    """What the browser made of our question, as JSON text."""

    credential = fields.String(required=True, validate=_ANSWER)
    next = fields.String(load_default="")
    kept = fields.String(load_default="")


class PasskeyName(Form):
    """What its owner calls a passkey."""

    name = fields.Name(required=True, validate=_KEY_NAME)


class NewPasskey(PasskeyName):
    """A passkey the browser has just made, as JSON text."""

    credential = fields.String(required=True, validate=_ANSWER)


class ChangePassword(Form):
    """The old one proves who asks; the new one is judged in passwords.weakness."""

    current = fields.String(required=True)
    new = fields.String(required=True)


class ChangePhone(Form):
    """The password proves who asks; the number must be nobody else's (phones.py)."""

    phone = fields.String(required=True, validate=validate.Regexp(PHONE, error=PHONE_WRONG))
    current = fields.String(required=True, validate=validate.Length(1, 128, error="请填写密码。"))


class Password(Form):
    """The password once more."""

    current = fields.String(required=True, validate=validate.Length(1, 128, error="请填写密码。"))
