"""What the forms of the access pages may hold."""

from __future__ import annotations

from marshmallow import EXCLUDE, pre_load, validate

from campus import fields
from campus.forms import PHONE, PHONE_WRONG, Form
from campus.permissions import STAFF
from tenants.oversight.reveal import REASONS, WHY

LONG = "最多 200 个字。"
WHO = "请选择一位老师。"
ID = validate.Range(1, error="请刷新页面再试。")


class Reveal(Form):
    """Why a number is looked at."""

    reason = fields.String(
        required=True,
        validate=validate.OneOf(list(REASONS), error=WHY),
        error_messages={"required": WHY},
    )
    note = fields.Prose(load_default="", validate=validate.Length(max=200, error=LONG))


class Looks(Form):
    """The filter of the records; whatever else stands in the address is ignored."""

    class Meta:
        unknown = EXCLUDE

    since = fields.Date(load_default=None, allow_none=True)
    until = fields.Date(load_default=None, allow_none=True)
    pupil_id = fields.Integer(load_default=None, allow_none=True, validate=ID)
    staff_id = fields.Integer(load_default=None, allow_none=True, validate=ID)
    before = fields.Integer(load_default=None, allow_none=True, validate=ID)

    @pre_load
    def _drop_empty(self, data: dict[str, str], **_: object) -> dict[str, str]:
        return {name: value for name, value in data.items() if value != ""}


class Ask(Form):
    """A question to the second person; ``token`` is what the export's own page signed."""

    token = fields.String(required=True)
    reason = fields.Prose(
        required=True, validate=validate.Length(2, 200, error="请写两个字以上，最多 200 个字。")
    )


class Decide(Form):
    """The answer."""

    answer = fields.String(
        required=True, validate=validate.OneOf(["yes", "no"], error="请选择同意或不同意。")
    )


class NewColleague(Form):
    """A person who begins to work here."""

    name = fields.Name(
        required=True, validate=validate.Length(1, 40, error="请填写姓名，最多 40 个字。")
    )
    phone = fields.String(required=True, validate=validate.Regexp(PHONE, error=PHONE_WRONG))
    title = fields.Name(load_default="", validate=validate.Length(max=20, error="最多 20 个字。"))
    met = fields.Boolean(load_default=False)


class Dated(Form):
    """From a day, to a day or for good."""

    starts_on = fields.Date(required=True)
    ends_on = fields.Date(load_default=None, allow_none=True)


class NewDuty(Dated):
    """An office or a lesson: which grade, class or subject depends on the kind."""

    kind = fields.String(required=True)
    entry_year = fields.Integer(load_default=None, allow_none=True)
    class_id = fields.Integer(load_default=None, allow_none=True)
    subject_id = fields.Integer(load_default=None, allow_none=True)


class NewDeputy(Dated):
    """Who stands in, from when to when."""

    deputy_id = fields.List(
        fields.Integer(error_messages={"invalid": WHO}),
        required=True,
        validate=validate.Length(equal=1, error=WHO),
    )
    ends_on = fields.Date(required=True)


class HeldRole(Form):
    """A role that came with the roster."""

    held = fields.String(
        required=True,
        validate=validate.OneOf([role.value for role in STAFF], error="请刷新页面再试。"),
    )
