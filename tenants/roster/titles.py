"""What one heading means: the many names schools give to the same few columns.

A heading is compared without blanks, stars, brackets and case. A child's own columns are known by
their whole name; what is said of guardians is taken apart into words (who, which, what), because
families of such headings have no end: 家长1手机, 母亲姓名, 监护人(父亲)电话, 第一联系人, 成员2关系.
Which guardian a column belongs to is decided among its neighbours (guardian_columns.py).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from tenants.roster import words
from tenants.roster.words import words_of

PUPILS, STAFF = "学生", "教职工"
GUARDIAN_SLOTS = (1, 2, 3)
GUARDIAN_FIELDS = ("姓名", "关系", "手机")
NAME, RELATION, PHONE, OTHER = "姓名", "关系", "手机", "其他"
LONE_PHONE, STATUS, REMARK = "联系电话", "状态", "备注"
SECRET_COLUMNS = ("学籍号", "身份证号")
PUPIL_COLUMNS = (
    *("班级", "座号", "姓名", "性别", "出生日期"),
    *(f"监护人{slot}{name}" for slot in GUARDIAN_SLOTS for name in GUARDIAN_FIELDS),
    *SECRET_COLUMNS,
)
STAFF_COLUMNS = ("姓名", "手机", "职务", "班主任班级", "任教")
REQUIRED = {PUPILS: ("班级", "姓名"), STAFF: ("姓名", "手机")}
# What a column may be said to hold; 年级, 学科 and 任教班级 complete another column.
FIELDS = {
    PUPILS: (*PUPIL_COLUMNS, "年级", LONE_PHONE, STATUS, REMARK),
    STAFF: (*STAFF_COLUMNS, "学科", "任教班级"),
}
WORDS: dict[str, dict[str, str]] = {
    PUPILS: {
        "班级": "班级 所在班级 班 班号 班级名称 行政班 行政班级 就读班级 班别 年级班级 年级班 "
        "班级号 现班级 class classname 所属班级 学生班级 现在班级 目前班级 班名 班级名 "
        "年级及班级 年级和班级 homeroom",
        "年级": "年级 所在年级 就读年级 grade 年级名称 学生年级 现年级",
        "座号": "座号 座位号 座次 班内座号 学号 班内学号 班内序号 座位 seat seatno "
        "班级学号 班级座号",
        "姓名": "姓名 学生姓名 学生 名字 孩子姓名 学生名字 学员姓名 幼儿姓名 name 中文姓名 "
        "studentname student fullname 学生名 孩子名字 学生的姓名 宝贝姓名 儿童姓名 姓名中文",
        "性别": "性别 学生性别 sex gender 孩子性别",
        "出生日期": "出生日期 出生年月 出生年月日 生日 出生 出生时间 学生生日 学生出生年月 "
        "学生出生日期 孩子生日 birthday birthdate dateofbirth dob",
        "学籍号": "学籍号 全国学籍号 国网学籍号 学籍编号 学生学籍号 学籍号码 全国学籍编号",
        "身份证号": "身份证号 身份证 身份证号码 身份证件号 身份证件号码 证件号码 证件号 "
        "公民身份号码 "
        "居民身份证号 学生身份证号 学生身份证 学生身份证号码 居民身份证号码 学生证件号码",
        STATUS: "状态 学生状态 学籍状态 就读状态 在读状态 在校状态 是否在校 是否在读 是否在籍 "
        "在籍状态 学生类别状态 异动 异动情况 学籍异动 变动情况 status 当前状态",
        REMARK: "备注 说明 备考 注 备注说明 备注信息 其他说明 remark remarks note notes",
    },
    STAFF: {
        "姓名": "姓名 教师姓名 老师姓名 教职工姓名 教师 老师 名字 "
        "员工姓名 职工姓名 name teachername",
        "手机": "手机 手机号 手机号码 电话 电话号码 联系电话 联系方式 "
        "移动电话 教师手机 phone mobile tel 教师电话 联系手机 教师手机号",
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
# Columns that say "the child's name" and nothing else; a bare 姓名 may also be a guardian's.
CHILD_NAMES = frozenset(WORDS[PUPILS]["姓名"].split()) - {"姓名", "名字", "name", "fullname"}
UNUSED = words_of(words.UNUSED)
RELATED = {
    **dict.fromkeys(("父亲", "爸爸", "父", "爸", "父方", "father", "dad"), "爸爸"),
    **dict.fromkeys(("母亲", "妈妈", "母", "妈", "母方", "mother", "mom", "mum"), "妈妈"),
    **dict.fromkeys(("爷爷", "祖父"), "爷爷"),
    **dict.fromkeys(("奶奶", "祖母"), "奶奶"),
    **dict.fromkeys(("外公", "外祖父", "姥爷"), "外公"),
    **dict.fromkeys(("外婆", "外祖母", "姥姥"), "外婆"),
    **{word: word for word in ("继父", "继母", "养父", "养母")},
}
ORDINALS = {word: number for number, word in enumerate("一二三四五六", 1)}
ORDINALS |= {str(number): number for number in range(1, 7)}
ORDINALS |= {f"第{word}": number for word, number in list(ORDINALS.items())}
_KINDS = (
    *((word, OTHER) for word in words.ASIDES_SAID.split()),
    *((word, PHONE) for word in words.PHONES.split()),
    *((word, RELATION) for word in words.RELATIONS_SAID.split()),
    *((word, NAME) for word in words.NAMES_SAID.split()),
    *((word, "related") for word in RELATED),
    *((word, "anybody") for word in words.ANYBODY.split()),
    *((word, "pupil") for word in words.PUPIL_SAID.split()),
    *((word, "number") for word in ORDINALS),
    *((word, "spare") for word in words.SPARE.split()),
    *((word, "filler") for word in words.FILLERS.split()),
)
_KIND_OF = dict(_KINDS)
_WORD = re.compile("|".join(sorted((re.escape(word) for word, _ in _KINDS), key=len, reverse=True)))
_NOISE = re.compile(r"[\s*:：、,/_\-—()（）\[\]【】'’‘\"“”|+&]+|必填|选填|可选")
_ASIDE = re.compile(r"[(（\[【]([^)）\]】]*)[)）\]】]")
_SUFFIX = re.compile(r"\.[0-9]{1,2}$")


class Title(NamedTuple):
    """What a heading says of a guardian: a relation or a word for anybody, which one, and what."""

    related: str = ""
    anybody: str = ""
    number: int = 0
    what: str = NAME
    spare: bool = False
    pupil: bool = False

    @property
    def bare(self) -> bool:
        """Whether it names nobody: 电话, 关系."""
        return not (self.related or self.anybody or self.number)


def plain_title(cell: object) -> str:
    """A heading as it is compared: ``* 手机号码（必填）`` → ``手机号码``.

    What stands in brackets is dropped unless it says whose: ``电话(父亲)`` → ``电话父亲``. Pandas
    writes ``.1`` behind a repeated heading.
    """
    text = _SUFFIX.sub("", unicodedata.normalize("NFKC", str(cell)).lower())
    whole = _NOISE.sub("", text)
    if "(" not in text and "[" not in text and "【" not in text:
        return whole
    if {kind for kind, _ in _words(whole)} & {"related", "anybody"}:
        return whole
    return _NOISE.sub("", _ASIDE.sub("", text)) or whole


def _words(text: str) -> list[tuple[str, str]]:
    """(kind, word) of every word, or nothing when a part of the text is none of them."""
    found, at = [], 0
    while at < len(text):
        match = _WORD.match(text, at)
        if match is None:
            return []
        found.append((_KIND_OF[match[0]], match[0]))
        at = match.end()
    return found


@lru_cache(maxsize=4096)
def guardian_title(title: str) -> Title | None:
    """What a plain heading says about a guardian; None for any other."""
    parts = _words(title)
    if not parts:
        return None
    kinds = [kind for kind, _ in parts]
    related = list(dict.fromkeys(RELATED[word] for kind, word in parts if kind == "related"))
    anybody = next((word for kind, word in parts if kind == "anybody"), "")
    if len(related) > 1:  # 父亲/母亲电话 names neither
        related, anybody = [], anybody or "父母"
    number = next((ORDINALS[word] for kind, word in parts if kind == "number"), 0)
    what = next((kind for kind in kinds if kind in {OTHER, PHONE, RELATION, NAME}), "")
    pupil = "pupil" in kinds and not related and not anybody
    if not what and not related and not anybody:
        return None
    if (what == NAME or not what) and not related and not anybody and not number:
        return None
    if what == OTHER and not related and not anybody:
        return None
    if pupil and what not in {PHONE, RELATION}:
        return None
    person = related[0] if related else ""
    return Title(person, anybody, number, what or NAME, "spare" in kinds, pupil and what == PHONE)


def names_guardian(text: str) -> bool:
    """Whether a group's heading over several columns speaks of a guardian: 父亲信息, 家庭成员一."""
    found = guardian_title(plain_title(text))
    return found is not None and not found.bare and found.what == NAME and not found.pupil
