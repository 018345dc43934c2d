"""What may be a text here: whatever the database can store, a page show and JSON carry."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

UNFIT = "这里有无法保存的字符，请删掉后重新填写。"
# PostgreSQL stores no NUL; a lone surrogate is half a character, which no UTF-8 holds.
_UNFIT = re.compile("[\0\ud800-\udfff]")
DEEPEST = 32
HIDDEN = "这里有看不见的符号（常由复制带来），请删掉后重新填写。"
# Controls, formats (U+200B, U+202E and kin), halves, ends of lines and paragraphs.
_NEVER_SEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Letters and marks by their class, and yet nothing to see.
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
# What turns the direction of the text around it, and controls other than tab and line ends.
_STEERING = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def fit(text: str) -> bool:
    """Whether a text can be stored and shown."""
    return _UNFIT.search(text) is None


@lru_cache(maxsize=4096)
def hidden(letter: str) -> bool:
    """Whether nobody can see this character: with it two names look like one."""
    return letter in _FILLERS or unicodedata.category(letter) in _NEVER_SEEN


def seen(text: str) -> bool:
    """Whether people see all of a text: what a name, a title or a relation must be."""
    return not any(map(hidden, text))


def unsteered(text: str) -> str:
    """A longer text without what turns it around; joined emoji and line ends stay."""
    return _STEERING.sub("", text)


def clean(text: str) -> str:
    """A cell of a table: trimmed, every blank a plain one, nothing hidden left but line ends."""
    if not text.isprintable() or not _FILLERS.isdisjoint(text):
        text = "".join(map(_cleaned, text))
    return text.strip()


@lru_cache(maxsize=4096)
def _cleaned(letter: str) -> str:
    if letter == "\n":
        return letter
    if letter in "\t\r" or unicodedata.category(letter) in {"Zs", "Zl", "Zp"}:
        return " "
    return "" if hidden(letter) else letter  # private letters (Co) stay, some names need them


def number(text: str, digits: int = 18) -> int | None:
    """The number a text says with ASCII digits, at most so many; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None


def all_fit(value: Any) -> bool:
    """Whether every text in a value can be, names of fields too; nothing is nested beyond 32."""
    level, depth = [value], 0
    while level:
        if depth > DEEPEST:
            return False
        below: list[Any] = []
        for one in level:
            if isinstance(one, str) and not fit(one):
                return False
            if isinstance(one, Mapping):
                below += [*one.keys(), *one.values()]
            elif isinstance(one, list | tuple):
                below += one
        level, depth = below, depth + 1
    return True


def read_json(data: str | bytes) -> Any:
    """What strangers' JSON says. Raises ValueError for anything else, or what is not fit."""
    found = parsed(data)
    if not all_fit(found):
        raise ValueError("a text that nothing can hold, or nested too deep")
    return found


def parsed(data: str | bytes) -> Any:
    """The same with its texts unchecked, for whoever tells which field is wrong."""
    try:
        return json.loads(data, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
