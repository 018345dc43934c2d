"""The key Chinese names are sorted by: their reading, tone by tone, surnames read as surnames.

The database has no Chinese collation, so the order is made here once and stored with the pupil.
"""

from __future__ import annotations

import importlib
import os
from functools import cache
from typing import Any

from tenants.people.surnames import surname

# Single characters are all we read; its book of phrases costs 40 MB and a quarter of a second.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")

# Readings a character has as a surname only, and surnames of two characters.
_TABLE = """
仇:qiu2 任:ren2 冼:xian3 华:hua4 单:shan4 召:shao4 区:ou1 句:gou1 员:yun4 哈:ha3 尉:wei4
应:ying1 折:she2 晁:chao2 曾:zeng1 朴:piao2 查:zha1 盖:gai4 相:xiang4 瞿:qu2 祭:zhai4
秘:bi4 种:chong2 纪:ji3 缪:miao4 翟:zhai2 能:nai4 葛:ge3 覃:qin2 解:xie4 逄:pang2 那:na1
都:du1 重:chong2 隗:wei3 黑:he4 乐:yue4 乜:nie4 车:che1 过:guo1 贾:jia3 石:shi2
欧阳:ou1+yang2 上官:shang4+guan1 司马:si1+ma3 诸葛:zhu1+ge3 皇甫:huang2+fu3 慕容:mu4+rong2
令狐:ling2+hu2 端木:duan1+mu4 夏侯:xia4+hou2 尉迟:yu4+chi2 长孙:zhang3+sun1 万俟:mo4+qi2
单于:chan2+yu2 澹台:tan2+tai2 乐正:yue4+zheng4 子车:zi3+ju1 亓官:qi2+guan1
"""
SURNAMES = {
    family: reading.replace("+", " ")
    for family, reading in (entry.split(":") for entry in _TABLE.split())
}


def name_key(name: str) -> str:
    """``翟晓明`` → ``zhai2 xiao3 ming2 翟晓明``: sorts by reading, equal readings by character.

    Characters without a known reading sort after all others, by their code.
    """
    family = surname(name)
    syllables = [SURNAMES[family]] if family in SURNAMES else _read(family)
    return " ".join([*syllables, *_read(name[len(family) :]), name])


def _read(text: str) -> list[str]:
    return [_syllable(character) for character in text]


@cache
def _book() -> Any:
    """The book of readings, opened with the first name: most processes never read one."""
    return importlib.import_module("pypinyin")


@cache
def _syllable(character: str) -> str:
    book = _book()
    read = book.lazy_pinyin(character, style=book.Style.TONE3, neutral_tone_with_five=True)
    syllable = read[0].lower() if read else character
    return syllable if syllable.isascii() else f"~{syllable}"
