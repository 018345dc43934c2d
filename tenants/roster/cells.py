"""One cell at a time: what people type becomes a value, or one Chinese sentence says why not.

Cells come as clean text (campus.tables.cells): trimmed, without anything invisible.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import lru_cache

from campus.forms import PHONE, PHONE_WRONG
from tenants.people.calendar import NUMERALS, school_year_of
from tenants.people.naming import Grades

ClassKey = tuple[int, int]
LONGEST_NAME = 30
PRIMARY = 6  # 初一 is the grade after these, where a school has both stages
YOUNGEST, OLDEST = 4, 20
SEXES = {"": 0, "男": 1, "女": 2, "1": 1, "2": 2, "0": 0, "未知": 0, "男性": 1, "女性": 2}
SEXES |= {"男生": 1, "女生": 2, "m": 1, "f": 2, "male": 1, "female": 2, "男孩": 1, "女孩": 2}
RELATIONS = {
    **dict.fromkeys(("妈妈", "母亲", "母", "妈", "母子", "母女", "mother"), "妈妈"),
    **dict.fromkeys(("爸爸", "父亲", "父", "爸", "父子", "父女", "father"), "爸爸"),
    **dict.fromkeys(("爷爷", "祖父"), "爷爷"),
    **dict.fromkeys(("奶奶", "祖母"), "奶奶"),
    **dict.fromkeys(("外公", "外祖父", "姥爷"), "外公"),
    **dict.fromkeys(("外婆", "外祖母", "姥姥"), "外婆"),
    **{word: word for word in ("继父", "继母", "养父", "养母", "哥哥", "姐姐", "叔叔", "姑姑")},
    **{word: word for word in ("伯父", "伯母", "舅舅", "姨妈", "婶婶")},
    **dict.fromkeys(("", "监护人", "其他", "家长", "其他监护人"), "监护人"),
}
_DOTS = str.maketrans(dict.fromkeys("•・‧∙⋅･.．", "·"))
_NUMBER = r"(?P<number>\d{1,3}|[一二三四五六七八九十]{1,3})"
_DIGIT = "[一二三四五六七八九]"
_CLASSES = (
    re.compile(rf"(?P<year>\d{{4}})级?\(?{_NUMBER}\)?班?\s*"),
    re.compile(
        rf"(?P<middle>初)?(?P<grade>{_DIGIT}|[1-9])(?:年级|年|级|(?=\())\(?{_NUMBER}\)?班?\s*"
    ),
    re.compile(rf"(?P<middle>初)?(?P<grade>{_DIGIT}){_NUMBER}班?\s*"),
    re.compile(r"0?(?P<grade>[1-9])(?P<number>\d{2})班?\s*"),
)
_WITHIN = re.compile(r"\(?(?P<number>\d{1,2}|[一二三四五六七八九十]{1,3})\)?班?")
_STAGE = re.compile(r"^(?:小学|初中)")
_DATE = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?"
    r"|(\d{4})(\d{2})(\d{2})"
)
_LOST = re.compile(r"\d(?:\.\d+)?[eE]\+?\d{2}")
_SERIAL = re.compile(r"[34]\d{4}(?:\.\d+)?")
_ID = re.compile(r"[1-9]\d{5}(?:19|20)\d{9}[\dX]")
_REGISTER = re.compile(r"[GJL]\d{17}[\dX]")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
DIGITS_LOST = "这个号码被表格存成了数字，后面几位已经丢失：请把这一列设为文本，重新填写。"


class BadCell(ValueError):
    """A cell that cannot be used: a code for programs and a Chinese sentence for people."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def _narrow(text: str) -> str:
    """Full-width digits, letters and brackets made narrow."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def name(text: str) -> str:
    """A person's name; blanks inside a Chinese one go, every kind of middle dot becomes ``·``."""
    if text.isalpha() and len(text) <= LONGEST_NAME:
        return text
    words = text.translate(_DOTS).split()
    text = (" " if text.isascii() else "").join(words)
    if not text:
        raise BadCell("name-missing", "请填写姓名。")
    if len(text) > LONGEST_NAME or not all(map(_letter, text.replace("·", "").replace(" ", ""))):
        raise BadCell("name-wrong", "姓名应是 30 个字以内的文字，不含数字和符号。")
    if not text.strip("· "):
        raise BadCell("name-wrong", "姓名应是 30 个字以内的文字，不含数字和符号。")
    return text


def _letter(letter: str) -> bool:
    """A letter; some rare names are written with letters of a font's own (category Co)."""
    return letter.isalpha() or unicodedata.category(letter) == "Co"


def optional_name(text: str) -> str:
    """As ``name``; empty stays empty."""
    return name(text) if text else ""


def phone(text: str) -> str:
    """A phone number: 1 and ten digits; blanks and dashes between them do not matter."""
    if len(text) == 11 and text[0] == "1" and text.isascii() and text.isdigit():
        return text
    text = re.sub(r"[\s-]", "", _narrow(text))
    text = re.sub(r"^(?:\+|00)86", "", text)
    if not text:
        raise BadCell("phone-missing", "请填写手机号。")
    if _LOST.fullmatch(text):
        raise BadCell("digits-lost", DIGITS_LOST)
    if re.fullmatch(r"1\d{10}([/、,;])1\d{10}.*", text):
        raise BadCell("phone-two", "一格里只填一个手机号，另一个请填到下一位监护人。")
    if not re.fullmatch(PHONE, text) or not text.isascii():
        raise BadCell("phone-wrong", PHONE_WRONG)
    return text


@lru_cache(maxsize=1024)
def seat(text: str) -> int | None:
    """A seat number from 1 to 99, or None."""
    text = _narrow(text).removesuffix("号")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 100):
        raise BadCell("seat-wrong", "座号应是 1 到 99 的整数。")
    return int(text)


@lru_cache(maxsize=1024)
def sex(text: str) -> int:
    """GB/T 2261.1: 0 unknown, 1 male, 2 female."""
    try:
        return SEXES[_narrow(text).lower()]
    except KeyError:
        raise BadCell("sex-wrong", "性别只填男或女。") from None


@lru_cache(maxsize=1024)
def relation(text: str) -> str:
    """妈妈, 爸爸, 奶奶 …; formal words become the ones on the screen."""
    try:
        return RELATIONS[_narrow(text).lower()]
    except KeyError:
        raise BadCell("relation-wrong", "关系请填爸爸、妈妈、爷爷、奶奶等称呼。") from None


@lru_cache(maxsize=8192)
def birthday(text: str, today: date) -> date | None:
    """A date of birth, or None; ages 4 to 20 are believed."""
    if not text:
        return None
    found = _date(_narrow(text))
    if not YOUNGEST <= (today - found).days / 365.25 <= OLDEST:
        raise BadCell("birthday-age", f"出生日期 {found} 不像在校学生，请核对年份。")
    return found


def _date(text: str) -> date:
    if _SERIAL.fullmatch(text):
        raise BadCell("birthday-serial", "日期变成了一个数字：请把这一列设为日期格式再保存。")
    match = _DATE.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        year, month, day = (int(part) for part in match.groups() if part is not None)
        return date(year, month, day)
    except ValueError:
        raise BadCell("birthday-wrong", "日期应像 2018-05-03 这样。") from None


def id_number(text: str) -> str:
    """A resident ID number (GB 11643: 17 digits and a check digit), or empty."""
    if not text.strip():
        return ""
    text = re.sub(r"\s", "", _narrow(text)).upper()
    if _LOST.fullmatch(text):
        raise BadCell("digits-lost", DIGITS_LOST)
    if not _ID.fullmatch(text):
        raise BadCell("id-wrong", "身份证号应是 18 位，最后一位可以是 X。")
    if text[17] != _check_digit(text):
        raise BadCell("id-check", "身份证号的校验位不对，请核对每一位。")
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        raise BadCell("id-date", "身份证号里的出生日期不存在，请核对。") from None
    return text


def _check_digit(text: str) -> str:
    """ISO 7064 MOD 11-2 over the first 17 digits."""
    total = sum(int(digit) * weight for digit, weight in zip(text, _WEIGHTS, strict=False))
    return "10X98765432"[total % 11]


def register_number(text: str) -> str:
    """A 学籍号: G, J or L and 18 characters; after G stands an ID number with its check digit."""
    if not text.strip():
        return ""
    text = re.sub(r"\s", "", _narrow(text)).upper()
    if _LOST.fullmatch(text):
        raise BadCell("digits-lost", DIGITS_LOST)
    if not _REGISTER.fullmatch(text):
        raise BadCell("register-wrong", "学籍号应是 G、J 或 L 开头的 19 位。")
    if text[0] == "G" and text[18] != _check_digit(text[1:]):
        raise BadCell("register-check", "学籍号的校验位不对，请核对每一位。")
    return text


CLASS_WRONG = "班级应像“三年级2班”或“2024级2班”。"


@lru_cache(maxsize=8192)
def school_class(text: str, grades: Grades) -> ClassKey:
    """``三年级2班``, ``三（2）班``, ``302`` or ``2024级2班`` → (entry year, number)."""
    text = _STAGE.sub("", re.sub(r"\s", "", _narrow(text)))
    if not text:
        raise BadCell("class-missing", "请填写班级。")
    if _DATE.fullmatch(text) and len(text) != 8:
        raise BadCell("class-date", "班级被表格改成了日期：请把这一列设为文本，重新填写。")
    key, rest = leading_class(text, grades)
    if rest:
        raise BadCell("class-wrong", CLASS_WRONG)
    return key


def joined_class(grade: str, text: str) -> str:
    """The class of a sheet with two columns: ``三年级`` and ``2`` or ``2班``."""
    match = _WITHIN.fullmatch(_narrow(text))
    if not grade or match is None:
        return text
    level = _narrow(grade)
    return f"{level if level.endswith('级') else level + '年级'}{match['number']}班"


def leading_class(text: str, grades: Grades) -> tuple[ClassKey, str]:
    """The class a text begins with, and the rest of it."""
    match = next((found for one in _CLASSES if (found := one.match(text))), None)
    if match is None:
        raise BadCell("class-wrong", CLASS_WRONG)
    told, now = match.groupdict(), school_year_of(grades.today)
    level = _level(told, now, grades)
    if not grades.first <= level <= grades.last:
        raise BadCell(*_no_such_class(told, level, grades))
    key = now - level + 1, _small_number(told["number"])
    if key[1] == 0:
        raise BadCell("class-wrong", "班号从 1 开始。")
    return key, text[match.end() :]


def _level(told: dict[str, str | None], now: int, grades: Grades) -> int:
    """The grade a class is in: as written, as 初几, or from the year it came to this school."""
    if told.get("year"):
        return now - int(told["year"] or 0) + grades.first
    below = (grades.first - 1 or PRIMARY) if told.get("middle") else 0
    return _small_number(told.get("grade") or "0") + below


def _no_such_class(told: dict[str, str | None], level: int, grades: Grades) -> tuple[str, str]:
    """Code and sentence for a class that is in none of the school's grades."""
    if told.get("year"):
        return "class-gone", f"{told['year']} 年入学的班现在不在校，请核对。"
    first, last = NUMERALS[grades.first], NUMERALS[grades.last]
    named = NUMERALS[level] if level < len(NUMERALS) else str(level)
    return "class-grade", (
        f"本校是{first}到{last}年级，没有{named}年级。年级在“学校设置”的“学段与年级”里改。"
    )


def _small_number(text: str) -> int:
    """``12``, ``三``, ``十二`` → number; below one hundred."""
    if text.isdigit() and text.isascii():
        return int(text)
    tens, ten, ones = text.partition("十")
    if not ten:
        tens, ones = "", text
    return (10 * (NUMERALS.index(tens) if tens else 1) if ten else 0) + (
        NUMERALS.index(ones[:1]) if ones else 0
    )


def optional_class(text: str, grades: Grades) -> ClassKey | None:
    """As ``school_class``; empty is None."""
    return school_class(text, grades) if text else None


def class_list(text: str, grades: Grades) -> tuple[ClassKey, ...]:
    """``三年级2班、三年级3班`` → classes."""
    parts = [part for part in re.split(r"[;、,，；\s]+", _narrow(text)) if part]
    return tuple(dict.fromkeys(school_class(part, grades) for part in parts))


def subject_list(text: str) -> tuple[str, ...]:
    """``语文、书法`` → subjects."""
    return tuple(dict.fromkeys(map(_subject, re.split(r"[;、,/\s]+", _narrow(text).strip()))))


def _subject(word: str) -> str:
    if len(word) > 12:
        raise BadCell("teaching-wrong", f"“{word[:12]}…”不像科目名。")
    return word


def teaching(text: str, grades: Grades) -> tuple[tuple[ClassKey, str], ...]:
    """``三年级2班 语文; 三年级3班 语文、书法`` → ((class, subject), …)."""
    found: dict[tuple[ClassKey, str], None] = {}
    for part in re.split(r"[;\n]", _narrow(text)):
        if not part.strip():
            continue
        key, rest = leading_class(part.strip(), grades)
        subjects = [word for word in re.split(r"[、,/\s]+", rest) if word]
        if not subjects:
            raise BadCell("teaching-wrong", "任教应像“三年级2班 语文; 三年级3班 语文”。")
        for subject in subjects:
            found[key, _subject(subject)] = None
    return tuple(found)
