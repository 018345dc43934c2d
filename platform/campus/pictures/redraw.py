"""Asking for a drawing. This process never decodes: the child does (campus.confined)."""

from __future__ import annotations

import json
from dataclasses import dataclass

from campus import confined
from campus.errors import InvalidInput

LONGEST_SIDE = 1600
MEGABYTE = 1024 * 1024
BOUNDS = confined.Bounds(memory=512 * MEGABYTE, seconds=10, patience=15.0, answer=8 * MEGABYTE)
CHILD = "campus.pictures.child"
WORDS = {
    "none": "这个文件不是能用的照片，请选 JPG、PNG 或 WebP 图片。",
    "large": "照片尺寸太大（超过 4000 万像素，或一边超过 12000 像素），请换一张小一些的。",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of our own making; width and height in pixels."""

    data: bytes
    width: int
    height: int


def redrawn(data: bytes) -> Picture:
    """``data`` drawn anew as JPEG, upright, at most 1600 px on its longer side.

    Raises InvalidInput (field ``photo``) for anything that is no picture or too large, Unavailable
    when too many are being drawn.
    """
    return _asked(data, LONGEST_SIDE, square=False)


def squared(data: bytes, side: int) -> bytes:
    """``data`` drawn anew whole, on a white square of ``side`` pixels, as PNG. Raises as above."""
    return _asked(data, side, square=True).data


def _asked(data: bytes, side: int, *, square: bool) -> Picture:
    try:
        said = confined.run(CHILD, data, {"side": side, "square": square}, BOUNDS)
    except confined.Fell as error:
        raise InvalidInput({"photo": WORDS["none"]}) from error
    line, _, drawn = said.partition(b"\n")
    found = json.loads(line)
    if "refused" in found:
        raise InvalidInput({"photo": WORDS[found["refused"]]})
    return Picture(drawn, int(found["width"]), int(found["height"]))
