"""What the forms of an import may hold."""

from __future__ import annotations

from typing import Any

from marshmallow import validate

from campus import fields
from campus.errors import InvalidInput
from campus.forms import Form

LONGEST_PASTE = 4_000_000


class Upload(Form):
    """A file or a paste."""

    file = fields.Raw(load_default=None)
    pasted = fields.String(
        load_default="", validate=validate.Length(max=LONGEST_PASTE, error="粘贴的内容太多了。")
    )
    idempotency_key = fields.String(load_default="", validate=validate.Length(max=64))


class Columns(Form):
    """``kind``: ``0:学生`` for a sheet; ``column``: ``0:3:座号`` for a column of it;
    ``room``: the class of everybody in the sheet that ``room_of`` names at the same place.
    """

    kind = fields.List(fields.String(), load_default=list)
    column = fields.List(fields.String(), load_default=list)
    room = fields.List(fields.String(), load_default=list)
    room_of = fields.List(fields.Integer(), load_default=list)


class Answer(Form):
    """One conflict settled, or all that are open."""

    place = fields.String(load_default="")
    column = fields.String(load_default="")
    take = fields.String(required=True)
    every = fields.Boolean(load_default=False)


class Find(Form):
    """A name or class to look for; sent as a form, so that no name stands in an address."""

    words = fields.String(load_default="", validate=validate.Length(max=40))


def split_columns(
    data: dict[str, Any],
) -> tuple[dict[int, str], dict[tuple[int, int], str], dict[int, str]]:
    """The choices by sheet, by (sheet, column), and classes by sheet.

    Raises InvalidInput for another shape.
    """
    try:
        kinds = {int(sheet): kind for sheet, kind in (one.split(":") for one in data["kind"])}
        parts = [one.split(":") for one in data["column"]]
        places = {(int(sheet), int(at)): name for sheet, at, name in parts}
        rooms = dict(zip(data["room_of"], map(str.strip, data["room"]), strict=True))
    except ValueError as error:
        raise InvalidInput({"form": "请刷新页面再选一次。"}) from error
    return kinds, places, rooms
