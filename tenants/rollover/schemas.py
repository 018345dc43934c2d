"""What the forms of the turn of the year may hold."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, pre_load, validate
from werkzeug.datastructures import MultiDict

from campus import fields, texts
from campus.forms import Form
from tenants.rollover.groups import MOST_PARTS

MARK = validate.Regexp(r"^([0-9a-f]{16})?\Z", error="请刷新页面再试。")
CLASSES = validate.Range(0, 30, error="一个年级最多 30 个班。")
SEAT = validate.Range(1, 99, error="座号是 1 到 99 的数字。")
SEX = validate.OneOf((0, 1, 2), error="请选择性别。")
SHORT = validate.Length(max=60, error="最多 60 个字。")


def _pair(text: str) -> tuple[int, int]:
    left, _, right = text.partition(":")
    found = texts.number(left), texts.number(right)
    if found[0] is None or found[1] is None:
        raise ValidationError("请刷新页面再试。")
    return found[0], found[1]


class Pair(fields.String):
    """``12:3``, two numbers; an empty choice becomes None."""

    def _deserialize(self, value: Any, *args: Any, **more: Any) -> Any:
        text = super()._deserialize(value, *args, **more)
        return _pair(text) if text else None


class Blanks(Form):
    """A form whose empty fields mean nothing was said; a field given twice is no one answer."""

    @pre_load
    def _flatten(self, data: Any, **more: Any) -> Any:
        if not isinstance(data, MultiDict):
            return data
        said = MultiDict((key, one) for key, one in data.items(multi=True) if one.strip())
        for name, values in said.lists():
            if len(values) > 1 and not isinstance(self.fields.get(name), fields.List):
                raise ValidationError({name: ["这里只能选一个。"]})
        return super()._flatten(said, **more)


class Plan(Blanks):
    """The year's settings; what is not said stays as it is."""

    effective_on = fields.Date(load_default=None)
    new_classes = fields.Integer(load_default=None, validate=CLASSES)
    first_starts_on = fields.Date(load_default=None)
    first_ends_on = fields.Date(load_default=None)
    second_starts_on = fields.Date(load_default=None)
    second_ends_on = fields.Date(load_default=None)
    newcomers = fields.String(
        load_default="", validate=validate.Length(max=60_000, error="名单太长，请用名册导入。")
    )
    homeroom = fields.List(Pair(), load_default=list)


class ClassChoices(Blanks):
    """Who of one class repeats, which duties go on, who becomes 班主任."""

    repeat = fields.List(fields.Integer(), load_default=list)
    target = fields.Integer(load_default=None)
    keep = fields.List(fields.Integer(), load_default=list)
    homeroom = fields.Integer(load_default=None)


class Apply(Form):
    """The mark of the preview that was seen; the page always sends it."""

    seen = fields.String(load_default="", validate=MARK)


class Nothing(Form):
    """A button without fields."""


class Merge(Blanks):
    """Which classes go into which, from when."""

    class_id = fields.List(
        fields.Integer(), required=True, error_messages={"required": "请选择要并过来的班。"}
    )
    into_id = fields.Integer(required=True, error_messages={"required": "请选择并入哪个班。"})
    on = fields.Date(required=True)


class Split(Blanks):
    """Who of a class goes into which part, from when."""

    class_id = fields.Integer(required=True, error_messages={"required": "请选择要分的班。"})
    parts = fields.Integer(required=True, validate=validate.Range(2, MOST_PARTS))
    on = fields.Date(required=True)
    place = fields.List(Pair(), load_default=list)


class ChangeClass(Blanks):
    """Another class from a day."""

    class_id = fields.Integer(required=True, error_messages={"required": "请选择一个班。"})
    on = fields.Date(required=True)
    seat_no = fields.Integer(load_default=None, validate=SEAT)


class TransferOut(Blanks):
    """The last day, why, and where to."""

    on = fields.Date(required=True)
    reason = fields.Prose(required=True, validate=SHORT)
    next_school = fields.Name(load_default="", validate=SHORT)
    tell = fields.Boolean(load_default=False)


class Suspend(Blanks):
    """The last day and why."""

    on = fields.Date(required=True)
    reason = fields.Prose(required=True, validate=SHORT)


class TakeIn(Blanks):
    """A new pupil with the first class."""

    name = fields.Name(
        required=True, validate=validate.Length(2, 30, error="姓名应是 2 到 30 个字。")
    )
    sex = fields.Integer(load_default=0, validate=SEX)
    birthday = fields.Date(load_default=None)
    class_id = fields.Integer(required=True, error_messages={"required": "请选择一个班。"})
    seat_no = fields.Integer(load_default=None, validate=SEAT)
    on = fields.Date(required=True)
