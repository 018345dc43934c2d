"""What a heading means: the many names schools give to the same few columns.

A title is compared without blanks, stars, brackets and case. Guardians come in families of titles
(家长1手机, 母亲姓名, 监护人二 联系电话): who and what are read apart, and 父亲 or 母亲 also says
the relation.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

PUPILS, STAFF = "学生", "教职工"
GUARDIAN_SLOTS = (1, 2, 3)
GUARDIAN_FIELDS = ("姓名", "关系", "手机")
SECRET_COLUMNS = ("学籍号", "身份证号")
PUPIL_COLUMNS = (
    *("班级", "座号", "姓名", "性别", "出生日期"),
    *(f"监护人{slot}{name}" for slot in GUARDIAN_SLOTS for name in GUARDIAN_FIELDS),
    *SECRET_COLUMNS,
)
STAFF_COLUMNS = ("姓名", "手机", "职务", "班主任班级", "任教")
REQUIRED = {PUPILS: ("班级", "姓名"), STAFF: ("姓名", "手机")}
# What a column may be said to hold; 年级, 学科 and 任教班级 complete another column.
FIELDS = {PUPILS: (*PUPIL_COLUMNS, "年级"), STAFF: (*STAFF_COLUMNS, "学科", "任教班级")}
WORDS: dict[str, dict[str, str]] = {
    PUPILS: {
        "班级": "班级 所在班级 班 班号 班级名称 行政班 行政班级 就读班级 班别 年级班级 年级班 "
        "班级号 现班级 class classname 所属班级",
        "年级": "年级 所在年级 就读年级 grade 年级名称",
        "座号": "座号 座位号 座次 班内座号 学号 班内学号 班内序号 座位 seat seatno",
        "姓名": "姓名 学生姓名 学生 名字 孩子姓名 学生名字 学员姓名 幼儿姓名 name 中文姓名 "
        "studentname student fullname",
        "性别": "性别 学生性别 sex gender",
        "出生日期": "出生日期 出生年月 出生年月日 生日 出生 "
        "学生出生日期 birthday birthdate "
        "dateofbirth dob",
        "学籍号": "学籍号 全国学籍号 国网学籍号 学籍编号 学生学籍号",
        "身份证号": "身份证号 身份证 身份证号码 身份证件号 身份证件号码 "
        "证件号码 证件号 公民身份号码 "
        "居民身份证号 学生身份证号 学生身份证 学生身份证号码",
    },
    STAFF: {
        "姓名": "姓名 教师姓名 老师姓名 教职工姓名 教师 老师 名字 "
        "员工姓名 职工姓名 name teachername",
        "手机": "手机 手机号 手机号码 电话 电话号码 联系电话 联系方式 "
        "移动电话 教师手机 phone mobile tel",
        "职务": "职务 岗位 身份 角色 职位 行政职务 校内职务 role title",
        "班主任班级": "班主任班级 班主任 担任班主任 所带班级 带班 任班主任班级 班主任的班级",
        "任教": "任教 任教情况 任课 任课情况 授课 任教班级和科目 任教班级科目 任课安排",
        "学科": "学科 任教学科 科目 任教科目 授课科目 任课科目 教学科目 主教学科 subject subjects",
        "任教班级": "任教班级 任课班级 授课班级 教学班级 classes",
    },
}
MEANING = {
    kind: {title: name for name, titles in words.items() for title in titles.split()}
    for kind, words in WORDS.items()
}
# Columns offices keep for themselves; their content is left alone without a word.
NOTE_COLUMNS = frozenset(
    (
        "备注",
        "说明",
        "原因",
        "序号",
        "序",
        "编号",
        "no",
        "状态",
        "民族",
        "籍贯",
        "政治面貌",
        "户口所在地",
        "家庭住址",
        "住址",
        "地址",
        "现住址",
    )
)
RELATED = {
    **dict.fromkeys(("父亲", "爸爸", "父", "father"), "爸爸"),
    **dict.fromkeys(("母亲", "妈妈", "母", "mother"), "妈妈"),
    **dict.fromkeys(("爷爷", "奶奶", "外公", "外婆"), ""),
}
RELATED |= {word: word for word, meant in RELATED.items() if not meant}
_WHO = "监护人|家长|联系人|亲属|家庭成员|parent|guardian|" + "|".join(
    sorted(RELATED, key=len, reverse=True)
)
_PHONE = "联系电话|联系方式|手机号码|手机号|手机|电话号码|电话|移动电话|phone|mobile|tel"
_RELATION = "与学生关系|与孩子关系|与本人关系|关系|称谓|relation|relationship"
_WHAT = rf"(?P<name>的?姓名|名字|name)|(?P<phone>{_PHONE})|(?P<relation>{_RELATION})"
_ORDINAL = "[一二三123]"
_GUARDIAN = re.compile(
    rf"(?:第(?P<first>{_ORDINAL}))?(?P<who>{_WHO})?(?P<one>{_ORDINAL})?(?P<what>{_WHAT})?"
    rf"(?P<two>{_ORDINAL})?"
)
_NOISE = re.compile(r"[\s*:：、,/_\-—()（）\[\]【】]+|必填|选填|可选")
_ASIDE = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]")
NUMBERS = {"一": 1, "二": 2, "三": 3, "1": 1, "2": 2, "3": 3}


def plain_title(cell: object) -> str:
    """A heading as it is compared: ``* 手机号码（必填）`` → ``手机号码``."""
    text = unicodedata.normalize("NFKC", str(cell)).lower()
    return _NOISE.sub("", _ASIDE.sub("", text)) or _NOISE.sub("", text)


@dataclass(slots=True)
class Meant:
    """What a row of headings says: field → position, and relations a heading already tells."""

    places: dict[str, int] = field(default_factory=dict)
    fixed: dict[str, str] = field(default_factory=dict)
    twice: list[str] = field(default_factory=list)
    unknown: list[int] = field(default_factory=list)


def meaning_of(kind: str, titles: Sequence[str], habits: dict[str, str]) -> Meant:
    """Map the headings of a row; ``habits`` (heading → field) is what this school chose before."""
    found, slots = Meant(), Slots()
    for at, title in enumerate(titles):
        note = title in NOTE_COLUMNS and title not in habits
        name = habits.get(title, MEANING[kind].get(title))
        if name is None and kind == PUPILS:
            name = slots.field_of(title, found)
        if not title or note or name == "":
            continue
        if name is None:
            found.unknown.append(at)
        elif name in found.places:
            if not (name == "座号" and "学号" in title):
                found.twice.append(name)
        else:
            found.places[name] = at
    return found


@dataclass(slots=True)
class Slots:
    """Which of the three guardians a title speaks of: by number, else in order of appearance."""

    taken: dict[str, int] = field(default_factory=dict)

    def field_of(self, title: str, found: Meant) -> str | None:
        """``监护人1手机`` for a title about a guardian, None for any other."""
        match = _GUARDIAN.fullmatch(title)
        if match is None or not title or not (match["who"] or match["phone"] or match["relation"]):
            return None
        number = NUMBERS.get(match["first"] or match["one"] or match["two"] or "")
        slot = self._slot(match["who"] or "", number)
        if slot is None:
            return None
        relation = RELATED.get(match["who"] or "")
        if relation:
            found.fixed.setdefault(f"监护人{slot}关系", relation)
        what = "手机" if match["phone"] else "关系" if match["relation"] else "姓名"
        return f"监护人{slot}{what}"

    def _slot(self, who: str, number: int | None) -> int | None:
        key = who if who in RELATED else str(number or 1)
        if key not in self.taken:
            wanted = number if number and who not in RELATED else len(self.taken) + 1
            free = [slot for slot in GUARDIAN_SLOTS if slot not in self.taken.values()]
            if not free:
                return None
            self.taken[key] = wanted if wanted in free else free[0]
        return self.taken[key]
