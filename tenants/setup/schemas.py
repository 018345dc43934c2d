"""What each step's form may hold. Every sentence names its field, as the page does."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import ValidationError, post_load, pre_load, validate, validates_schema

from campus import fields
from campus.forms import Form
from tenants.people.calendar import Naming
from tenants.setup.codes import code_problem, narrow
from tenants.setup.presets import KEYS, OLDEST_GRADE, codes

Errors = dict[str, Any]
STALE = "页面放得太久，请刷新以后再填一次。"
ACCENTS = {"": "竹绿", "sky": "天蓝", "plum": "梅紫", "leaf": "叶绿", "sun": "暖阳"}
FILINGS = {
    "icp": "ICP 备案号",
    "security": "等保备案号",
    "provider": "提供者备案号",
    "user": "使用者备案号",
}
OFFICE_PHONE = re.compile(r"1[0-9]{10}|0[0-9]{2,3}-?[0-9]{7,8}(-[0-9]{1,6})?")
REGION = re.compile(r"[0-9]{6}")
MOST_SUBJECTS, MOST_HOLIDAYS = 40, 20
MOST_OF_A_NAME = 60


def words(title: str, least: int, most: int, **more: Any) -> fields.String:
    """A text of ``least`` to ``most`` characters."""
    missing = f"「{title}」还没有填写。"
    size = f"「{title}」{least} 到 {most} 个字。" if least else f"「{title}」最多 {most} 个字。"

    def check(value: str) -> None:
        if least and not value.strip():
            raise ValidationError(missing)
        if not least <= len(value) <= most:
            raise ValidationError(size)

    given: dict[str, Any] = {"required": True} if least else {"load_default": ""}
    errors: Errors = {"required": missing, "null": missing, "invalid": f"「{title}」请填写文字。"}
    errors["hidden"] = f"「{title}」里有看不见的符号，请删掉后重新填写。"
    kind = fields.Name if most <= MOST_OF_A_NAME else fields.Prose
    return kind(validate=check, error_messages=errors, **(given | more))


def chosen(title: str, among: Any) -> fields.String:
    """One of a list."""
    wrong = f"「{title}」还没有选。"
    return fields.String(
        required=True,
        validate=validate.OneOf(list(among), error=wrong),
        error_messages={"required": wrong, "null": wrong, "invalid": wrong},
    )


def number(title: str, least: int, most: int, *, required: bool = True) -> fields.Integer:
    """A whole number of a range."""
    wrong = f"「{title}」应是 {least} 到 {most} 的整数。"
    errors: Errors = {"required": wrong, "null": wrong, "invalid": wrong, "too_large": wrong}
    return fields.Integer(
        required=required, validate=validate.Range(least, most, error=wrong), error_messages=errors
    )


def day(title: str) -> fields.Date:
    """A date."""
    wrong = f"「{title}」应像 2026-09-01 这样。"
    return fields.Date(
        required=True, error_messages={"required": wrong, "null": wrong, "invalid": wrong}
    )


class StepForm(Form):
    """Every step sends the version it was drawn with."""

    version = fields.Integer(
        required=True,
        validate=validate.Range(0, error=STALE),
        error_messages={"required": STALE, "invalid": STALE, "null": STALE},
    )


class Identity(StepForm):
    """Who the school is, by the codes of the state."""

    name = words("学校全称", 2, 60)
    short_name = words("简称", 1, 12)
    code = words("学校标识码", 1, 40)
    school_type = chosen("办学类型", codes("school_type"))
    urban = chosen("城乡分类", codes("urban"))
    province = chosen("省", codes("province"))
    city = words("市（州）", 1, 30)
    county = words("县（市、区）", 1, 30)
    region_code = words("行政区划代码", 0, 12)

    @validates_schema
    def _codes_agree(self, data: dict[str, Any], **_: Any) -> None:
        wrong = code_problem(
            narrow(data["code"]), province=data["province"], school_type=data["school_type"]
        )
        if wrong:
            raise ValidationError({"code": [wrong]})
        region = narrow(data["region_code"])
        if region and not REGION.fullmatch(region):
            raise ValidationError({"region_code": ["「行政区划代码」应是 6 位数字，也可以不填。"]})
        if region and region[:2] != data["province"]:
            message = "「行政区划代码」前两位和选的「省」不一致，请核对。"
            raise ValidationError({"region_code": [message]})

    @post_load
    def _narrowed(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return data | {name: narrow(data[name]) for name in ("code", "region_code")}


class Stages(StepForm):
    """Which grades there are, and what a class is called."""

    preset = chosen("学校类型", KEYS)
    naming = chosen("班级怎么叫", Naming)
    first_grade = number("最低年级", 1, OLDEST_GRADE, required=False)
    last_grade = number("最高年级", 1, OLDEST_GRADE, required=False)

    @pre_load
    def _usual(self, data: Any, **_: Any) -> Any:
        """Nothing chosen means what is usual for the kind of school."""
        return {name: value for name, value in data.items() if value != ""}


class SpecialDays(StepForm):
    """Rows of days off and of make-up days; read further in special.py."""

    holiday = fields.List(
        words("假期名称", 0, 20),
        load_default=list,
        validate=validate.Length(max=MOST_HOLIDAYS, error=f"「假期」最多 {MOST_HOLIDAYS} 行。"),
    )
    holiday_from = fields.List(words("假期第一天", 0, 10), load_default=list)
    holiday_to = fields.List(words("假期最后一天", 0, 10), load_default=list)
    make_up = fields.List(
        words("补课日", 0, 10),
        load_default=list,
        validate=validate.Length(max=MOST_HOLIDAYS, error=f"「补课日」最多 {MOST_HOLIDAYS} 行。"),
    )
    make_up_as = fields.List(words("补星期几的课", 0, 1), load_default=list)


class OneTerm(SpecialDays):
    """One term by itself."""

    starts = day("第一天")
    ends = day("最后一天")


class Calendar(SpecialDays):
    """A school year with its two terms; checked further in terms.py."""

    year = number("学年", 2000, 2100)
    first_starts = day("上学期第一天")
    first_ends = day("上学期最后一天")
    second_starts = day("下学期第一天")
    second_ends = day("下学期最后一天")


class Subjects(StepForm):
    """Names in the order of a timetable; an empty name takes the subject away."""

    subject = fields.List(
        words("科目", 0, 20),
        required=True,
        validate=validate.Length(1, MOST_SUBJECTS, error=f"「科目」1 到 {MOST_SUBJECTS} 门。"),
        error_messages={"required": "「科目」至少要有一门。"},
    )
    subject_id = fields.List(words("科目编号", 0, 19), load_default=list)
    place = fields.List(words("顺序", 0, 4), load_default=list)


class Look(StepForm):
    """A colour of the house; the picture comes beside it."""

    accent = chosen("主色", ACCENTS)
    remove_logo = fields.Boolean(
        load_default=False, error_messages={"invalid": "「去掉标志」请勾选或不勾选。"}
    )


class Privacy(StepForm):
    """Who answers for children's information, and the filings; each has a number or a reason."""

    officer = words("负责人姓名", 2, 30)
    officer_phone = words("负责人电话", 1, 20)
    officer_email = words("负责人邮箱", 0, 60)
    complaint = words("投诉渠道", 4, 200)
    icp = words("ICP 备案号", 0, 40)
    icp_reason = words("没有 ICP 备案号的原因", 0, 200)
    security = words("等保备案号", 0, 40)
    security_reason = words("没有等保备案号的原因", 0, 200)
    provider = words("提供者备案号", 0, 40)
    provider_reason = words("没有提供者备案号的原因", 0, 200)
    user = words("使用者备案号", 0, 40)
    user_reason = words("没有使用者备案号的原因", 0, 200)

    @validates_schema
    def _number_or_reason(self, data: dict[str, Any], **_: Any) -> None:
        wrong = {
            name: [f"「{title}」请填写；暂时没有的话，请在下面写清原因。"]
            for name, title in FILINGS.items()
            if not data[name] and len(data[f"{name}_reason"]) < 4
        }
        if not OFFICE_PHONE.fullmatch(narrow(data["officer_phone"])):
            message = "「负责人电话」应是 11 位手机号，或带区号的座机（如 0731-00000000）。"
            wrong["officer_phone"] = [message]
        if data["officer_email"] and not re.fullmatch(r"[^@\s]+@[^@\s]+", data["officer_email"]):
            wrong["officer_email"] = ["「负责人邮箱」应像 name@example.cn 这样。"]
        if wrong:
            raise ValidationError(wrong)


class OpenDoors(Form):
    """Going live; ``knowing`` says that what is still missing has been read."""

    knowing = fields.Boolean(
        load_default=False, error_messages={"invalid": "「我知道还缺什么」请勾选或不勾选。"}
    )
