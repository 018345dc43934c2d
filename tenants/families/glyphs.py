"""Which characters the paper's fonts can print, and what stands in the place of others.

Three fonts of one family share the work: Noto Sans SC has every character of the 通用规范汉字表,
the others the rarer ones of names (𠮷, 𠝹). No font in a wheel has all of Extension B and
beyond, some 60,000; what none of them has is printed as □ and whoever prints is told.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pylopdf_fonts_jp
import pylopdf_fonts_zh_cn
import pylopdf_fonts_zh_tw

MISSING = "□"
# The order in which a character is looked for.
FONTS = tuple(
    Path(str(package.__file__)).with_name(f"NotoSans{place}-Regular.otf")
    for package, place in (
        (pylopdf_fonts_zh_cn, "SC"),
        (pylopdf_fonts_zh_tw, "TC"),
        (pylopdf_fonts_jp, "JP"),
    )
)
SEGMENTS = 12  # the format of a character map that reaches beyond U+FFFF


def printable(text: str) -> str:
    """The text with □ for what no font has."""
    if text.isascii():
        return text
    return "".join(letter if has_glyph(letter) else MISSING for letter in text)


def prints(text: str) -> bool:
    """Whether paper shows all of the text."""
    return text.isascii() or all(map(has_glyph, text))


def has_glyph(letter: str) -> bool:
    """Whether one of the fonts has the character; controls are not for them to have."""
    code = ord(letter)
    if code < 0x20:
        return True
    first, last = _covered()
    at = bisect_right(first, code) - 1
    return at >= 0 and code <= last[at]


@cache
def _covered() -> tuple[list[int], list[int]]:
    """First and last code of every stretch any of the fonts has, in order."""
    stretches = sorted(pair for path in FONTS for pair in _stretches(path.read_bytes()))
    first, last = [stretches[0][0]], [stretches[0][1]]
    for start, end in stretches:
        if start <= last[-1] + 1:
            last[-1] = max(last[-1], end)
        else:
            first.append(start)
            last.append(end)
    return first, last


def _stretches(font: bytes) -> Iterator[tuple[int, int]]:
    """The character map of an OpenType font (table ``cmap``, format 12)."""
    (tables,) = struct.unpack_from(">H", font, 4)
    records = [struct.unpack_from(">4sLLL", font, 12 + 16 * at) for at in range(tables)]
    start = next(offset for tag, _, offset, _ in records if tag == b"cmap")
    (maps,) = struct.unpack_from(">H", font, start + 2)
    for at in range(maps):
        _, _, offset = struct.unpack_from(">HHL", font, start + 4 + 8 * at)
        (kind,) = struct.unpack_from(">H", font, start + offset)
        if kind == SEGMENTS:
            (groups,) = struct.unpack_from(">L", font, start + offset + 12)
            for group in range(groups):
                first, last, _ = struct.unpack_from(">LLL", font, start + offset + 16 + 12 * group)
                yield first, last
            return
    raise ValueError("a font without a full character map")
