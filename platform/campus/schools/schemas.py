"""What an operator types to open a school."""

from __future__ import annotations

from marshmallow import validate

from campus import fields
from campus.forms import PHONE, PHONE_WRONG, Form
from campus.middleware import SLUG

SLUG_WRONG = "网址用小写字母开头，2 到 31 个小写字母、数字或短横线。"


class SetStatus(Form):
    """Stop a school or let it go on: the state it shall be in."""

    slug = fields.String(required=True)
    suspended = fields.Boolean(required=True)


class OpenSchool(Form):
    """A school and its first administrator."""

    name = fields.Name(required=True, validate=validate.Length(2, 60, error="校名 2 到 60 个字。"))
    slug = fields.String(
        required=True, validate=validate.Regexp(rf"^{SLUG.pattern}\Z", error=SLUG_WRONG)
    )
    short_name = fields.Name(
        load_default="", validate=validate.Length(max=12, error="简称最多 12 个字。")
    )
    admin_name = fields.Name(
        load_default="", validate=validate.Length(max=30, error="姓名最多 30 个字。")
    )
    admin_phone = fields.String(
        load_default="", validate=validate.Regexp(rf"^\Z|{PHONE}", error=PHONE_WRONG)
    )
    prepare = fields.Boolean(load_default=False)
