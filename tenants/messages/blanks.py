"""The places a ready notice leaves to be filled in, written 〔…〕."""

from __future__ import annotations

import re

# The number of a document is written with the same brackets: 教基〔2025〕1 号.
BLANK = re.compile(r"〔(?![0-9]{4}〕)[^〔〕]*〕")
SHOWN = 4


def blanks_in(text: str) -> list[str]:
    """Every place that is still to be filled in, each once, in order."""
    return list(dict.fromkeys(BLANK.findall(text)))


def unfilled(text: str) -> str:
    """One sentence that names what is still to be filled in; empty when nothing is."""
    found = blanks_in(text)
    if not found:
        return ""
    named = "".join(found[:SHOWN]) + ("等" if len(found) > SHOWN else "")
    return f"还有 {len(found)} 处没有填：{named}。填好或删掉以后再发。"
