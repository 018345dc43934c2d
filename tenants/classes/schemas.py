"""What the forms of a class may hold."""

from __future__ import annotations

from typing import Any

from marshmallow import post_load, validate

from campus import fields
from campus.forms import Form
from tenants.classes.areas import AREAS, KIND_TEXTS
from tenants.classes.attendance import HALVES, PRESENT, STATES

HALF = validate.OneOf(list(HALVES), error="请选择上午或下午。")


class TakeAttendance(Form):
    """Everybody present; exceptions as {"pupil_id": "state"} from the interface."""

    half = fields.String(
        load_default="", validate=validate.OneOf([*HALVES, ""], error="请选择上午或下午。")
    )
    exceptions = fields.Dict(keys=fields.Integer(), values=fields.String(), load_default=dict)


class MarkAttendance(Form):
    """One pupil's state."""

    state = fields.String(
        required=True, validate=validate.OneOf([PRESENT, *STATES], error="考勤状态不对。")
    )
    half = fields.String(required=True, validate=HALF)
    pupil_id = fields.List(fields.Integer(), load_default=list)
    area = fields.String(load_default="")
    kind = fields.String(load_default="")
    comment = fields.Prose(load_default="")
    idempotency_key = fields.String(load_default="")


class AwardPraise(Form):
    """Whom, in which area, a ready sentence or one's own."""

    pupil_id = fields.List(
        fields.Integer(),
        required=True,
        validate=validate.Length(1, 100, error="请先选择要点评的学生。"),
        error_messages={"required": "请先选择要点评的学生。"},
    )
    area = fields.String(
        load_default="moral", validate=validate.OneOf(list(AREAS), error="请选择一个方面。")
    )
    kind = fields.String(
        load_default="", validate=validate.OneOf([*KIND_TEXTS, ""], error="请选择一句点评。")
    )
    comment = fields.Prose(
        load_default="", validate=validate.Length(max=300, error="最多写 300 个字。")
    )
    idempotency_key = fields.String(
        load_default="", validate=validate.Length(max=64, error="编号太长了，请刷新页面再试。")
    )
    half = fields.String(load_default="")
    photo = fields.Raw(load_default=None)

    @post_load
    def _area_of_kind(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """A ready sentence knows its area, also where no script kept the two together."""
        if data["kind"]:
            data["area"] = data["kind"].split("-")[0]
        return data
