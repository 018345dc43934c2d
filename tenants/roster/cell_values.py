"""One cell at a time: what people type becomes a value, or one Chinese sentence says why not.

Cells come as clean text (campus.tables.cells): trimmed, without anything invisible.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import lru_cache

from campus.forms import PHONE, PHONE_WRONG
from tenants.roster import words
from tenants.roster.words import words_of

ClassKey = tuple[int, int]
LONGEST_NAME = 30
YOUNGEST, OLDEST = 4, 20
SEXES = {"": 0, "男": 1, "女": 2, "1": 1, "2": 2, "0": 0, "未知": 0, "男性": 1, "女性": 2}
SEXES |= {"男生": 1, "女生": 2, "m": 1, "f": 2, "male": 1, "female": 2, "男孩": 1, "女孩": 2}
RELATIONS = {
    **dict.fromkeys(("妈妈", "母亲", "母", "妈", "母子", "母女", "生母", "mother", "mom"), "妈妈"),
    **dict.fromkeys(("爸爸", "父亲", "父", "爸", "父子", "父女", "生父", "father", "dad"), "爸爸"),
    **dict.fromkeys(("爷爷", "祖父"), "爷爷"),
    **dict.fromkeys(("奶奶", "祖母"), "奶奶"),
    **dict.fromkeys(("外公", "外祖父", "姥爷"), "外公"),
    **dict.fromkeys(("外婆", "外祖母", "姥姥"), "外婆"),
    **{word: word for word in ("继父", "继母", "养父", "养母", "哥哥", "姐姐", "叔叔", "姑姑")},
    **{word: word for word in ("伯父", "伯母", "舅舅", "姨妈", "婶婶")},
    **dict.fromkeys(("哥", "兄", "兄长"), "哥哥"),
    **dict.fromkeys(("姐", "姊"), "姐姐"),
    **dict.fromkeys(("叔", "叔父"), "叔叔"),
    **dict.fromkeys(("姑", "姑妈", "姑母"), "姑姑"),
    **dict.fromkeys(("舅", "舅父"), "舅舅"),
    **dict.fromkeys(("姨", "姨母", "阿姨"), "姨妈"),
    **dict.fromkeys(("伯伯", "大伯"), "伯父"),
    **dict.fromkeys(("", "监护人", "其他", "家长", "其他监护人", "其他亲属", "父母"), "监护人"),
}
ANYBODY = "监护人"
NOTHING = words_of(words.NOTHING)
NOBODY = NOTHING | words_of(words.NOBODY)
_DOTS = str.maketrans(dict.fromkeys("•・‧∙⋅･.．", "·"))
DATE = re.compile(
    r"([0-9]{4})[-/.年、\\]([0-9]{1,2})[-/.月、\\]([0-9]{1,2})[日号]?"
    r"(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?"
    r"|([0-9]{4})([0-9]{2})([0-9]{2})"
)
_MONTH = re.compile(r"[0-9]{4}(?:[-/.年][0-9]{1,2}月?|[0-9]{2})")
_YEAR = re.compile(r"[0-9]{4}年?")
_LOST = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+?[0-9]{2}")
_QUOTE = re.compile(r"^['’‘`]+|\.0+$")
_BESIDE = re.compile(r"\(([^()]*)\)")
_SAID = re.compile(r"^([一-龥]{1,4}):?(?=[+0-9])|(?<=[0-9])([一-龥]{1,4})$")
_TITLES = re.compile(r"(?:女士|先生|小姐)$")
_SERIAL = re.compile(r"[34][0-9]{4}(?:\.[0-9]+)?")
_ID = re.compile(r"[1-9][0-9]{5}(?:19|20)[0-9]{9}[0-9X]")
_REGISTER = re.compile(r"[GJL][0-9]{17}[0-9X]")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
DIGITS_LOST = "这个号码被表格存成了数字，后面几位已经丢失：请把这一列设为文本，重新填写。"


class BadCell(ValueError):
    """A cell that cannot be used: a code for programs and a Chinese sentence for people."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def narrow(text: str) -> str:
    """Full-width digits, letters and brackets made narrow."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


@lru_cache(maxsize=4096)
def says_nothing(text: str) -> bool:
    """Whether a cell holds a word for "nothing": 无, -, NULL, 不详."""
    return narrow(text).strip().lower() in NOTHING


def is_nobody(text: str) -> bool:
    """Whether what stands in a name's place is no person: 合计, 待定, 男生, 妈妈."""
    if text.isalpha() and not text.isascii():
        return text in NOBODY or text in RELATIONS
    plain = re.sub(r"\s", "", narrow(text)).lower()
    return plain in NOBODY or plain in RELATIONS


def bare_number(text: str) -> str:
    """A long number without blanks and the apostrophe or ``.0`` a program put around it."""
    return _QUOTE.sub("", re.sub(r"\s", "", narrow(text)))


def name(text: str) -> str:
    """A person's name; blanks inside a Chinese one go, every kind of middle dot becomes ``·``."""
    if text.isalpha() and len(text) <= LONGEST_NAME:
        return text
    parts = text.translate(_DOTS).split()
    text = (" " if text.isascii() else "").join(parts)
    if not text:
        raise BadCell("name-missing", "请填写姓名。")
    if len(text) > LONGEST_NAME or not all(map(_letter, text.replace("·", "").replace(" ", ""))):
        raise BadCell("name-wrong", "姓名应是 30 个字以内的文字，不含数字和符号。")
    if not text.strip("· "):
        raise BadCell("name-wrong", "姓名应是 30 个字以内的文字，不含数字和符号。")
    return text


def child_name(text: str) -> str:
    """As ``name``; words that are no person are refused."""
    if is_nobody(text):
        if not text:
            raise BadCell("name-missing", "请填写姓名。")
        raise BadCell("name-word", f"姓名这一格写的是“{text}”，不是名字。")
    return name(text)


def _letter(letter: str) -> bool:
    """A letter; some rare names are written with letters of a font's own (category Co)."""
    return letter.isalpha() or unicodedata.category(letter) == "Co"


def guardian_name(text: str, child: str) -> tuple[str, str]:
    """A guardian's name and the relation that stands beside it, each maybe empty.

    ``李梅（妈妈）``, ``妈妈李梅`` and ``李梅妈妈`` tell both; ``妈妈`` tells the relation alone, as
    does ``李小明妈妈`` beside a child called 李小明.
    """
    if is_plain_name(text):
        return text, ""
    plain = re.sub(r"\s*:\s*", "", narrow(text))
    beside = _BESIDE.search(plain)
    said = RELATIONS.get(beside[1].strip(), "") if beside else ""
    plain = _BESIDE.sub("", plain).strip() if beside else plain
    if plain in RELATIONS:
        return "", RELATIONS[plain] if not said or plain else said
    for word in _RELATION_WORDS:
        if plain.startswith(word) and len(plain) - len(word) >= 2:
            plain, said = plain[len(word) :], said or RELATIONS[word]
            break
        if plain.endswith(word) and len(plain) - len(word) >= 2:
            plain, said = plain[: -len(word)], said or RELATIONS[word]
            break
    if child.endswith(plain) or is_nobody(plain):
        return "", said
    if len(plain) > 3:
        plain = _TITLES.sub("", plain)
    return name(plain), said


def is_plain_name(text: str) -> bool:
    """Whether a guardian's name is a name and nothing else, as nearly all are."""
    return text.isalpha() and len(text) <= 3 and text[-1] not in _LAST and text not in NOBODY


def is_plain_phone(text: str) -> bool:
    """Whether a phone is written as it is kept."""
    return len(text) == 11 and text[0] == "1" and text.isascii() and text.isdigit()


# The long words first; one letter alone (父, 兄) may be part of a name.
_RELATION_WORDS = sorted(
    (word for word in RELATIONS if len(word) > 1 and not word.isascii()), key=len, reverse=True
)
_LAST = frozenset(word[-1] for word in RELATIONS if word)


def guardian_phone(text: str) -> tuple[str, str, bool]:
    """A phone, the relation that stands beside it, and whether the cell held another number."""
    if is_plain_phone(text):
        return text, "", False
    plain = re.sub(r"\s", "", narrow(text))
    beside = _BESIDE.search(plain) or _SAID.search(plain)
    inside = next(filter(None, beside.groups()), "") if beside else ""
    said = RELATIONS.get(inside, "") if inside else ""
    if beside and (said or beside.re is _BESIDE):
        plain = plain[: beside.start()] + plain[beside.end() :]
    several = re.findall(r"(?<![0-9])1[0-9]{10}(?![0-9])", plain)
    if len(several) > 1:
        return several[0], said, len(set(several)) > 1
    return phone(plain), said, False


def phone(text: str) -> str:
    """A phone number: 1 and ten digits; blanks and dashes between them do not matter."""
    if is_plain_phone(text):
        return text
    text = bare_number(text).replace("-", "")
    text = re.sub(r"^(?:\+|00)?86(?=1[0-9]{10}$)|^(?:\+|00)86", "", text)
    if not text:
        raise BadCell("phone-missing", "请填写手机号。")
    if _LOST.fullmatch(text):
        raise BadCell("digits-lost", DIGITS_LOST)
    if re.fullmatch(r"1[0-9]{10}([/、,;])1[0-9]{10}.*", text):
        raise BadCell("phone-two", "一格里只填一个手机号，另一个请填到下一位监护人。")
    if re.fullmatch(r"0[0-9]{9,11}", text):
        raise BadCell("phone-landline", "这是固定电话，系统只用手机号。")
    if not re.fullmatch(PHONE, text) or not text.isascii():
        raise BadCell("phone-wrong", PHONE_WRONG)
    return text


@lru_cache(maxsize=1024)
def seat(text: str) -> int | None:
    """A seat number from 1 to 99, or None."""
    text = bare_number(text).removeprefix("第").removesuffix("号")
    if not text:
        return None
    number = int(text) if text.isascii() and text.isdigit() else _in_han(text)
    if not 0 < number < 100:
        raise BadCell("seat-wrong", "座号应是 1 到 99 的整数。")
    return number


def _in_han(text: str) -> int:
    """``二十三`` → 23; 0 for anything else."""
    match = re.fullmatch(r"([一二三四五六七八九]?)(十?)([一二三四五六七八九]?)", text)
    if match is None or not text:
        return 0
    tens, ten, ones = match.groups()
    if not ten:
        return 0 if tens and ones else "〇一二三四五六七八九".index(tens or ones)
    return 10 * ("〇一二三四五六七八九".index(tens) if tens else 1) + (
        "〇一二三四五六七八九".index(ones) if ones else 0
    )


@lru_cache(maxsize=1024)
def sex(text: str) -> int:
    """GB/T 2261.1: 0 unknown, 1 male, 2 female."""
    try:
        return SEXES[narrow(text).lower()]
    except KeyError:
        raise BadCell("sex-wrong", "性别只填男或女。") from None


@lru_cache(maxsize=1024)
def relation(text: str) -> str:
    """妈妈, 爸爸, 奶奶 …; formal words become the ones on the screen."""
    try:
        return RELATIONS[narrow(text).lower()]
    except KeyError:
        raise BadCell("relation-wrong", "关系请填爸爸、妈妈、爷爷、奶奶等称呼。") from None


@lru_cache(maxsize=8192)
def birthday(text: str, today: date) -> date | None:
    """A date of birth, or None; ages 4 to 20 are believed."""
    if not text:
        return None
    found = _date(bare_number(text) if " " not in text else narrow(text))
    if not YOUNGEST <= (today - found).days / 365.25 <= OLDEST:
        raise BadCell("birthday-age", f"出生日期 {found} 不像在校学生，请核对年份。")
    return found


def _date(text: str) -> date:
    if _SERIAL.fullmatch(text):
        raise BadCell("birthday-serial", "日期变成了一个数字：请把这一列设为日期格式再保存。")
    if _MONTH.fullmatch(text) or _YEAR.fullmatch(text):
        raise BadCell("birthday-month", "只写了年月，没有写到日：请补上，例如 2018-05-03。")
    match = DATE.fullmatch(text)
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
    text = bare_number(text).upper()
    if _LOST.fullmatch(text):
        raise BadCell("digits-lost", DIGITS_LOST)
    if not _ID.fullmatch(text):
        raise BadCell("id-wrong", "身份证号应是 18 位，最后一位可以是 X；护照和其他证件不用填。")
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
    text = bare_number(text).upper()
    if _LOST.fullmatch(text):
        raise BadCell("digits-lost", DIGITS_LOST)
    if not _REGISTER.fullmatch(text):
        raise BadCell("register-wrong", "学籍号应是 G、J 或 L 开头的 19 位；省里的编号不用填。")
    if text[0] == "G" and text[18] != _check_digit(text[1:]):
        raise BadCell("register-check", "学籍号的校验位不对，请核对每一位。")
    return text
