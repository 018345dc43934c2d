"""A class as people write it: 三年级2班, 三（2）班, 302, 3.2, 2024级2班; alone or in a title."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import lru_cache

from tenants.people.calendar import NUMERALS, school_year_of
from tenants.people.naming import Grades
from tenants.roster.cell_values import DATE, BadCell, ClassKey, narrow

PRIMARY = 6  # 初一 is the grade after these, where a school has both stages
CLASS_WRONG = "班级应像“三年级2班”或“2024级2班”。"
_NUMBER = r"(?P<number>[0-9]{1,3}|[一二三四五六七八九十]{1,3})"
_DIGIT = "[一二三四五六七八九]"
_CLASSES = (
    re.compile(rf"(?P<year>[0-9]{{4}})级?\(?{_NUMBER}\)?班?\s*"),
    re.compile(
        rf"(?P<middle>初)?(?P<grade>{_DIGIT}|[1-9])(?:年级|年|级|(?=\())\(?{_NUMBER}\)?班?\s*"
    ),
    re.compile(rf"(?P<middle>初)?(?P<grade>{_DIGIT}){_NUMBER}班?\s*"),
    re.compile(
        rf"(?P<middle>初)?(?P<grade>{_DIGIT}|[1-9])[.\-_·—–/](?P<number>[0-9]{{1,2}}|{_DIGIT})班?\s*"
    ),
    re.compile(r"0?(?P<grade>[1-9])(?P<number>[0-9]{2})班?\s*"),
)
_WITHIN = re.compile(r"\(?0*(?P<number>[0-9]{1,2}|[一二三四五六七八九十]{1,3})(?:\.0)?\)?班?")
_STAGE = re.compile(r"^(?:小学|初中)")
_LEVEL = re.compile(rf"(?:小学|初中)?(?P<level>[0-9]{{4}}|初?{_DIGIT}|[1-9])(?:年级|级|年|\.0)?")
# A class inside other words must say 班, or 三年级20人 would be one.
_INSIDE = re.compile(
    r"(?<![0-9])[0-9]{4}级\(?[0-9]{1,2}\)?班"
    r"|初?(?:[一二三四五六七八九]|(?<![0-9])[1-9])(?:年级|年|级)?\(?(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})\)?班"
    r"|(?<![0-9])[1-9][0-9]{2}班"
)
_LABEL = re.compile(r"\s|(?:年级|班级|班别)[:：]")


@lru_cache(maxsize=8192)
def school_class(text: str, grades: Grades) -> ClassKey:
    """``三年级2班``, ``三（2）班``, ``302`` or ``2024级2班`` → (entry year, number)."""
    text = _STAGE.sub("", re.sub(r"\s", "", narrow(text)))
    if not text:
        raise BadCell("class-missing", "请填写班级。")
    if DATE.fullmatch(text) and len(text) != 8:
        raise BadCell("class-date", "班级被表格改成了日期：请把这一列设为文本，重新填写。")
    key, rest = leading_class(text, grades)
    if rest:
        raise BadCell("class-wrong", CLASS_WRONG)
    return key


def joined_class(grade: str, text: str) -> str:
    """The class of a sheet with two columns: ``三年级`` and ``2`` or ``2班``."""
    match = _WITHIN.fullmatch(re.sub(r"\s", "", narrow(text)))
    level = _LEVEL.fullmatch(re.sub(r"\s", "", narrow(grade)))
    if match is None or level is None:
        return text
    word = "级" if len(level["level"]) == 4 else "年级"
    return f"{level['level']}{word}{match['number']}班"


@lru_cache(maxsize=4096)
def class_inside(text: str, grades: Grades) -> str:
    """The one class a sheet's name or a title speaks of (枫林小学三年级1班花名册), else empty."""
    plain = _LABEL.sub("", narrow(text))
    with suppress(BadCell):
        school_class(plain, grades)
        return plain
    found: dict[ClassKey, str] = {}
    for one in _INSIDE.findall(plain):
        with suppress(BadCell):
            found.setdefault(school_class(one, grades), one)
    return next(iter(found.values())) if len(found) == 1 else ""


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
    parts = [part for part in re.split(r"[;、,，；\s]+", narrow(text)) if part]
    return tuple(dict.fromkeys(school_class(part, grades) for part in parts))


def subject_list(text: str) -> tuple[str, ...]:
    """``语文、书法`` → subjects."""
    return tuple(dict.fromkeys(map(_subject, re.split(r"[;、,/\s]+", narrow(text).strip()))))


def _subject(word: str) -> str:
    if len(word) > 12:
        raise BadCell("teaching-wrong", f"“{word[:12]}…”不像科目名。")
    return word


def teaching(text: str, grades: Grades) -> tuple[tuple[ClassKey, str], ...]:
    """``三年级2班 语文; 三年级3班 语文、书法`` → ((class, subject), …)."""
    found: dict[tuple[ClassKey, str], None] = {}
    for part in re.split(r"[;\n]", narrow(text)):
        if not part.strip():
            continue
        key, rest = leading_class(part.strip(), grades)
        subjects = [word for word in re.split(r"[、,/\s]+", rest) if word]
        if not subjects:
            raise BadCell("teaching-wrong", "任教应像“三年级2班 语文; 三年级3班 语文”。")
        for subject in subjects:
            found[key, _subject(subject)] = None
    return tuple(found)
