"""What the announcement form may hold."""

from __future__ import annotations

from marshmallow import validate

from campus import fields
from campus.forms import Form


class Announce(Form):
    """A title, a text, the classes it is for."""

    class_id = fields.List(
        fields.Integer(),
        required=True,
        validate=validate.Length(1, 60, error="请选择发给哪个班。"),
        error_messages={"required": "请选择发给哪个班。"},
    )
    title = fields.Name(required=True, validate=validate.Length(1, 60, error="标题 1 到 60 个字。"))
    body = fields.Prose(
        load_default="", validate=validate.Length(max=2000, error="内容最多 2000 个字。")
    )
    idempotency_key = fields.String(
        load_default="", validate=validate.Length(max=64, error="编号太长了，请刷新页面再试。")
    )
