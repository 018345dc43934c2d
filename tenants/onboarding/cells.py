"""One cell at a time: what people type becomes a value, or one Chinese sentence says why not."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta

from campus.forms import PHONE, PHONE_WRONG
from tenants.people.calendar import NUMERALS, school_year_of

CellValue = str | float | bool | date | time | timedelta
ClassKey = tuple[int, int]
LONGEST_NAME = 30
OLDEST_GRADE = 9
YOUNGEST, OLDEST = 4, 20
SEXES = {"": 0, "男": 1, "女": 2, "1": 1, "2": 2, "0": 0, "未知": 0}
RELATIONS = {
    **dict.fromkeys(("妈妈", "母亲", "母", "妈"), "妈妈"),
    **dict.fromkeys(("爸爸", "父亲", "父", "爸"), "爸爸"),
    **dict.fromkeys(("爷爷", "祖父"), "爷爷"),
    **dict.fromkeys(("奶奶", "祖母"), "奶奶"),
    **dict.fromkeys(("外公", "外祖父", "姥爷"), "外公"),
    **dict.fromkeys(("外婆", "外祖母", "姥姥"), "外婆"),
    **{word: word for word in ("继父", "继母", "养父", "养母", "哥哥", "姐姐", "叔叔", "姑姑")},
    **{word: word for word in ("伯父", "伯母", "舅舅", "姨妈", "婶婶")},
    **dict.fromkeys(("", "监护人", "其他"), "监护人"),
}
_DOTS = str.maketrans(dict.fromkeys("•・‧∙⋅･.．", "·"))
_INVISIBLE = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0xAD))
_NUMBER = r"(\d{1,2}|[一二三四五六七八九十]{1,3})"
_CLASS = re.compile(
    rf"(?:(\d{{4}})级\(?{_NUMBER}\)?班?|([一二三四五六七八九1-9])(?:年级)?\(?{_NUMBER}\)?班)\s*"
)
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{4})(\d{2})(\d{2})")


class BadCell(ValueError):
    """A cell that cannot be used: a code for programs and a Chinese sentence for people."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def plain(cell: CellValue | None) -> str:
    """A cell as text: trimmed, without invisible characters, whole numbers without ``.0``."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return str(cell).translate(_INVISIBLE).strip()


def _narrow(cell: CellValue) -> str:
    """As ``plain``, with full-width digits, letters and brackets made narrow."""
    return unicodedata.normalize("NFKC", plain(cell))


def name(cell: CellValue) -> str:
    """A person's name; blanks inside a Chinese one go, every kind of middle dot becomes ``·``."""
    words = plain(cell).translate(_DOTS).split()
    text = (" " if plain(cell).isascii() else "").join(words)
    if not text:
        raise BadCell("name-missing", "请填写姓名。")
    if len(text) > LONGEST_NAME or not re.sub("[· ]", "", text).isalpha():
        raise BadCell("name-wrong", "姓名应是 30 个字以内的文字，不含数字和符号。")
    return text


def optional_name(cell: CellValue) -> str:
    """As ``name``; empty stays empty."""
    return name(cell) if plain(cell) else ""


def phone(cell: CellValue) -> str:
    """A phone number: 1 and ten digits; blanks and dashes between them do not matter."""
    text = re.sub(r"[\s-]", "", _narrow(cell)).removeprefix("+86")
    if not text:
        raise BadCell("phone-missing", "请填写手机号。")
    if not re.fullmatch(PHONE, text):
        raise BadCell("phone-wrong", PHONE_WRONG)
    return text


def seat(cell: CellValue) -> int | None:
    """A seat number from 1 to 99, or None."""
    text = _narrow(cell)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 100):
        raise BadCell("seat-wrong", "座号应是 1 到 99 的整数。")
    return int(text)


def sex(cell: CellValue) -> int:
    """GB/T 2261.1: 0 unknown, 1 male, 2 female."""
    try:
        return SEXES[_narrow(cell)]
    except KeyError:
        raise BadCell("sex-wrong", "性别只填男或女。") from None


def relation(cell: CellValue) -> str:
    """妈妈, 爸爸, 奶奶 …; formal words become the ones on the screen."""
    try:
        return RELATIONS[_narrow(cell)]
    except KeyError:
        raise BadCell("relation-wrong", "关系请填爸爸、妈妈、爷爷、奶奶等称呼。") from None


def birthday(cell: CellValue, today: date) -> date | None:
    """A date of birth, or None; ages 4 to 20 are believed."""
    if isinstance(cell, datetime):
        found = cell.date()
    elif isinstance(cell, date):
        found = cell
    elif not plain(cell):
        return None
    else:
        found = _date(_narrow(cell))
    if not YOUNGEST <= (today - found).days / 365.25 <= OLDEST:
        raise BadCell("birthday-age", f"出生日期 {found} 不像在校学生，请核对年份。")
    return found


def _date(text: str) -> date:
    match = _DATE.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        year, month, day = (int(part) for part in match.groups() if part is not None)
        return date(year, month, day)
    except ValueError:
        raise BadCell("birthday-wrong", "日期应像 2018-05-03 这样。") from None


def school_class(cell: CellValue, today: date) -> ClassKey:
    """``三年级2班``, ``三（2）班`` or ``2024级2班`` → (entry year, number)."""
    text = _narrow(cell)
    if not text:
        raise BadCell("class-missing", "请填写班级。")
    key, rest = _leading_class(text, today)
    if rest:
        raise BadCell("class-wrong", "班级应像“三年级2班”或“2024级2班”。")
    return key


def _leading_class(text: str, today: date) -> tuple[ClassKey, str]:
    match = _CLASS.match(text)
    if match is None:
        raise BadCell("class-wrong", "班级应像“三年级2班”或“2024级2班”。")
    year, number, grade, number_in_grade = match.groups()
    now = school_year_of(today)
    entry = int(year) if year else now - _small_number(grade) + 1
    if not now - OLDEST_GRADE < entry <= now:
        raise BadCell("class-gone", f"{entry} 年入学的班现在不在校，请核对。")
    key = entry, _small_number(number or number_in_grade)
    if key[1] == 0:
        raise BadCell("class-wrong", "班号从 1 开始。")
    return key, text[match.end() :]


def _small_number(text: str) -> int:
    """``12``, ``三``, ``十二`` → number; below one hundred."""
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.partition("十")
    if not ten:
        tens, ones = "", text
    return (10 * (NUMERALS.index(tens) if tens else 1) if ten else 0) + (
        NUMERALS.index(ones[:1]) if ones else 0
    )


def optional_class(cell: CellValue, today: date) -> ClassKey | None:
    """As ``school_class``; empty is None."""
    return school_class(cell, today) if plain(cell) else None


def teaching(cell: CellValue, today: date) -> tuple[tuple[ClassKey, str], ...]:
    """``三年级2班 语文; 三年级3班 语文、书法`` → ((class, subject), …)."""
    found: dict[tuple[ClassKey, str], None] = {}
    for part in re.split(r"[;\n]", _narrow(cell)):
        if not part.strip():
            continue
        key, rest = _leading_class(part.strip(), today)
        subjects = [word for word in re.split(r"[、,/\s]+", rest) if word]
        if not subjects:
            raise BadCell("teaching-wrong", "任教应像“三年级2班 语文; 三年级3班 语文”。")
        for subject in subjects:
            if len(subject) > 12:
                raise BadCell("teaching-wrong", f"“{subject[:12]}…”不像科目名。")
            found[key, subject] = None
    return tuple(found)
