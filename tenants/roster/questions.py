"""What is asked instead of guessed, in words, and the answers each question takes.

An answer is kept with the run by (sheet, row, column); without one, the row waits or goes on
without what is asked (`Question.holds`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tenants.roster.report import Place, Question

Takes = Mapping[tuple[str, int, str], str]
BRING, LEAVE_OUT = "bring", "leave-out"
BY_CELL, BY_NUMBER = "by-cell", "by-number"
ZERO_BOY, ZERO_GIRL = "zero-boy", "zero-girl"
ANSWERS = frozenset({BRING, LEAVE_OUT, BY_CELL, BY_NUMBER, ZERO_BOY, ZERO_GIRL})
_ONE_OF_OURS = re.compile(r"held-[0-9]{1,18}")
WHETHER, WHO, SHARED = "去留", "是哪一个", "共用的手机"
HOMEROOM = "班主任班级"
SEX, BIRTHDAY = "性别", "出生日期"
BRING_OR_NOT = ((BRING, "照样导入"), (LEAVE_OUT, "不导入这个孩子"))


def is_answer(take: str) -> bool:
    """Whether a question may be answered so."""
    return take in ANSWERS or bool(_ONE_OF_OURS.fullmatch(take))


def one_of_ours(number: int) -> str:
    """The answer that a row is this child (an id)."""
    return f"held-{number}"


def sex_coding(place: Place, codes: str) -> Question:
    """What 0 and 1 mean in a column of sexes."""
    words = f"这一列写的是{codes}，不知道哪个是男、哪个是女：先不导入性别，请选择。"
    choices = ((ZERO_GIRL, "1 是男，0 是女"), (ZERO_BOY, "0 是男，1 是女"))
    return Question(place, SEX, "sex-coding", words, choices)


def sex_differs(place: Place, written: str, told: str) -> Question:
    """The cell and the ID number tell different sexes."""
    words = f"写的是{written}，身份证号说是{told}：先不记性别，请选择。"
    choices = ((BY_NUMBER, f"按身份证号：{told}"), (BY_CELL, f"按表里写的：{written}"))
    return Question(place, SEX, "sex-differs", words, choices)


def birthday_differs(place: Place, written: str, told: str) -> Question:
    """The cell and the ID number tell different days of birth."""
    words = f"写的是 {written}，身份证号里是 {told}：先不记出生日期，请选择。"
    choices = ((BY_NUMBER, f"按身份证号：{told}"), (BY_CELL, f"按表里写的：{written}"))
    return Question(place, BIRTHDAY, "birthday-differs", words, choices)


def leaving(place: Place, said: str) -> Question:
    """A child who is marked as leaving, and whom the school does not have."""
    words = f"表里写着“{said[:30]}”，可能已经不在校：先不导入，请选择。"
    return Question(place, WHETHER, "maybe-left", words, BRING_OR_NOT, holds=True)


def hidden(place: Place) -> Question:
    """A child in a row that is hidden or filtered out."""
    words = "这一行在表格里是隐藏的（或被筛选掉了）：先不导入，请选择。"
    return Question(place, WHETHER, "row-hidden", words, BRING_OR_NOT, holds=True)


def in_two_classes(place: Place, name: str, others: str) -> Question:
    """What looks like one child in two classes."""
    words = f"{name}在{others}也有，像是同一个孩子：先不导入，请选择。"
    choices = ((BRING, "导入到这个班"), (LEAVE_OUT, "不导入这一行"))
    return Question(place, WHETHER, "in-two-classes", words, choices, holds=True)


def shared_phone(place: Place, tail: str, children: int, names: str) -> Question:
    """One phone for many children who are hardly of one family."""
    words = (
        f"手机尾号 {tail} 写给了 {children} 个孩子（{names}），像是老师或学校的号码："
        "先不把它记成监护人，请选择。"
    )
    choices = ((LEAVE_OUT, "不是监护人的号码"), (BRING, "是这些孩子的监护人"))
    return Question(place, f"{SHARED}（尾号 {tail}）", "phone-shared", words, choices)


def namesakes(place: Place, name: str, ours: Sequence[tuple[int, str]]) -> Question:
    """A row that may be any of several children of that name; ``ours`` as (id, words)."""
    words = f"班里有同名的{name}，分不清是哪一个：先不动，请选择。"
    choices = (
        *((one_of_ours(number), f"是{told}") for number, told in ours),
        (BRING, "是另一个孩子，照常导入"),
        (LEAVE_OUT, "不导入这一行"),
    )
    return Question(place, WHO, "namesakes", words, choices, holds=True)


def maybe_moved(place: Place, room: str) -> Question:
    """A new child who has name and birthday of one in another class."""
    words = f"{room}已有同名、同生日的学生，可能是换班：先不导入，请选择。"
    choices = ((LEAVE_OUT, "是换班，不导入这一行，在“异动”里办"), (BRING, "是另一个孩子，照常导入"))
    return Question(place, WHETHER, "maybe-moved", words, choices, holds=True)


def homeroom_taken(place: Place) -> Question:
    """The class has another class teacher."""
    words = "这个班已有班主任：先不导入这位老师，请选择。要换班主任，请先结束原来的。"
    choices = ((BRING, "班主任不变，导入这位老师"), (LEAVE_OUT, "不导入这一行"))
    return Question(place, HOMEROOM, "homeroom-taken", words, choices, holds=True)
