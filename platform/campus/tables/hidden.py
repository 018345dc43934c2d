"""Which rows of a workbook are hidden or filtered out: calamine reads them like any other.

A school that filters out the children who left and saves the sheet sends them along unseen.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import PurePosixPath

from campus.tables import biff
from campus.tables.archives import FAULTS

Hidden = dict[str, frozenset[int]]
WORKBOOK, RELATIONS, CONTENT = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "content.xml"
CHUNK = 1 << 20
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b[^>]*>")
_LINK = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?\bhidden=[\"'](?:1|true)[\"'][^>]*>")
_NUMBER = re.compile(rb"\br=[\"']([0-9]{1,7})[\"']")
_ODS = re.compile(rb"<table:table-row\b[^>]*>|<table:table(?=[\s>])[^>]*>")
_REPEATED = re.compile(rb"number-rows-repeated=[\"']([0-9]{1,7})[\"']")
_AWAY = re.compile(rb"table:visibility=[\"'](?:collapse|filter)[\"']")
MOST = 200_000


def hidden_rows(data: bytes) -> Hidden:
    """Numbers (from 1) of hidden rows by sheet; what cannot be told counts as visible."""
    if not data.startswith(b"PK"):
        return biff.hidden_rows(data)
    with suppress(*FAULTS), zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = set(archive.namelist())
        if CONTENT in names and WORKBOOK not in names:
            return _of_ods(archive.read(CONTENT))
        if {WORKBOOK, RELATIONS} <= names:
            return {
                name: _of_sheet(archive, part) for name, part in _parts(archive) if part in names
            }
    return {}


def _parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Name and place in the archive of every sheet."""
    links = {
        _attribute(one, b"Id"): _attribute(one, b"Target")
        for one in _LINK.findall(archive.read(RELATIONS))
    }
    for one in _SHEET.findall(archive.read(WORKBOOK)):
        target = links.get(_attribute(one, rb"\w+:id"), "")
        inside = target.startswith("/")
        yield _attribute(one, b"name"), target[1:] if inside else str(PurePosixPath("xl") / target)


def _attribute(tag: bytes, name: bytes) -> str:
    found = re.search(rb"[\s]" + name + rb"=(?:\"([^\"]*)\"|'([^']*)')", tag)
    return html.unescape((found[1] or found[2] or b"").decode("utf-8", "replace")) if found else ""


def _of_sheet(archive: zipfile.ZipFile, part: str) -> frozenset[int]:
    found: set[int] = set()
    tail = b""
    with archive.open(part) as stream:
        while chunk := stream.read(CHUNK):
            piece = tail + chunk
            if b"hidden=" in piece:
                for row in _ROW.findall(piece):
                    if number := _NUMBER.search(row):
                        found.add(int(number[1]))
            tail = piece[piece.rfind(b"<") :][-4096:]
    return frozenset(found)


def _of_ods(content: bytes) -> Hidden:
    found: Hidden = {}
    name, number, rows = "", 0, set[int]()
    if not _AWAY.search(content):
        return {}
    for match in _ODS.finditer(content):
        tag = match[0]
        if tag.startswith(b"<table:table-row"):
            repeated = _REPEATED.search(tag)
            many = int(repeated[1]) if repeated else 1
            if _AWAY.search(tag) and many <= MOST:
                rows.update(range(number + 1, number + many + 1))
            number += many
            continue
        found[name] = frozenset(rows)
        name, number, rows = _attribute(tag, b"table:name"), 0, set()
    found[name] = frozenset(rows)
    return found
