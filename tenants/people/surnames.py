"""Which part of a name is the family's: 上官莉 is of the family 上官.

The surnames of two characters are those of the 百家姓 and a few that came later and are borne
today. A name of two characters is always one and one: 司马 alone is a 司.
"""

from __future__ import annotations

_TABLE = """
万俟 司马 上官 欧阳 夏侯 诸葛 闻人 东方 赫连 皇甫 尉迟 公羊 澹台
公冶 宗政 濮阳 淳于 单于 太叔 申屠 公孙 仲孙 轩辕 令狐 钟离 宇文
长孙 慕容 鲜于 闾丘 司徒 司空 亓官 司寇 子车 颛孙 端木 巫马 公西
漆雕 乐正 壤驷 公良 拓跋 夹谷 宰父 谷梁 榖梁 段干 百里 东郭 南门
呼延 羊舌 微生 梁丘 左丘 东门 西门 南宫 第五 独孤 完颜 耶律 贺兰
哥舒 相里 毌丘 即墨 达奚 褚师 歐陽 諸葛 東方 赫連 尉遲 單于 鍾離
長孫 鮮于 閭丘 司馬 獨孤 賀蘭
"""
COMPOUND = frozenset(_TABLE.split())
DOT = "·"


def surname(name: str) -> str:
    """``上官莉`` → ``上官``, ``李明`` → ``李``; a name with a middle dot has none."""
    return "" if DOT in name else _first(name)


def _first(name: str) -> str:
    return name[:2] if len(name) > 2 and name[:2] in COMPOUND else name[:1]


def split(name: str) -> tuple[str, str]:
    """(family, given) for a standard that wants both, neither of them empty.

    ``阿依古丽·买买提`` and ``Anna Smith`` have the given name in front.
    """
    for mark in (DOT, " "):
        given, found, family = name.partition(mark)
        if found and given and family:
            return family, given
    family = _first(name)
    return family, name[len(family) :] or name
