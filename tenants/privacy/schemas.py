"""What the forms of taking away, bringing in and erasing may hold."""

from __future__ import annotations

from marshmallow import validate

from campus import fields
from campus.forms import Form

CHOOSE_PUPIL = "请选择一名学生。"
CHOOSE_REASON = "请选择一个理由。"
MOST_REASON = 20


def _reason() -> fields.String:
    wrong = validate.Length(1, MOST_REASON, error=CHOOSE_REASON)
    return fields.String(required=True, validate=wrong, error_messages={"required": CHOOSE_REASON})


def _chosen(message: str) -> fields.Integer:
    return fields.Integer(required=True, error_messages={"required": message, "invalid": message})


class AskOwn(Form):
    """Which child."""

    pupil_id = _chosen("请选择一个孩子。")


class AskPupil(Form):
    """Which pupil, and why; the class whose list was shown, so that a refusal shows it again."""

    class_id = fields.Integer(load_default=None)
    pupil_id = _chosen(CHOOSE_PUPIL)
    reason = _reason()


class AskSchool(Form):
    """Why the whole school."""

    reason = _reason()


class Bring(Form):
    """The file comes beside the form."""

    file = fields.Raw(load_default=None)


class Apply(Form):
    """Which class the child comes into."""

    class_id = _chosen("请选择一个班。")


class AskErase(Form):
    """What is erased, about whom, and why."""

    kind = fields.String(
        required=True,
        validate=validate.OneOf(
            ["erase-optional", "erase-pupil", "erase-guardian", "erase-school"],
            error="请选择要删除什么。",
        ),
        error_messages={"required": "请选择要删除什么。"},
    )
    class_id = fields.Integer(load_default=None)
    pupil_id = fields.Integer(load_default=None, allow_none=True)
    guardian_id = fields.Integer(load_default=None, allow_none=True)
    reason = _reason()
