"""What may be a text here: whatever the database can store, a page show and JSON carry."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

UNFIT = "这里有无法保存的字符，请删掉后重新填写。"
# PostgreSQL stores no NUL; a lone surrogate is half a character, which no UTF-8 holds.
_UNFIT = re.compile("[\0\ud800-\udfff]")
DEEPEST = 32


def fit(text: str) -> bool:
    """Whether a text can be stored and shown."""
    return _UNFIT.search(text) is None


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
