"""Asking a child (campus.confined) and believing nothing it says beyond the shape agreed on."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import asdict
from pathlib import Path
from time import monotonic
from typing import Any

from campus import confined
from campus.collector import uncollected
from campus.tables.archives import MANIFEST
from campus.tables.model import SHELL, Limits, Sheet, Table, UnreadableFile

CHILD = "campus.tables.child"
TOO_LONG = "读这个文件超过 20 秒，已经停下：请只留下名册，另存为 xlsx 再试。"
FELL = "这个表格打不开，可能已损坏或内容太多：请在 Excel 里另存为没有密码的 xlsx 再试。"


def read_path(path: Path, limits: Limits = SHELL) -> Table:
    """Read a file, or a folder with the files of OneRoster. Raises UnreadableFile."""
    try:
        if path.is_dir():
            return read_bytes(_packed(path, limits), limits)
        with path.open("rb") as stream:
            return read_bytes(stream.read(limits.size + 1), limits)
    except OSError as error:
        raise UnreadableFile(f"打不开文件 {path.name}：{error.strerror}。") from error


def _packed(folder: Path, limits: Limits) -> bytes:
    paths = sorted(path for path in folder.iterdir() if path.is_file())
    if MANIFEST not in {path.name.lower() for path in paths}:
        raise UnreadableFile(f"文件夹里没有 {MANIFEST}，不是 OneRoster。")
    out, left = io.BytesIO(), limits.size
    with zipfile.ZipFile(out, "w") as archive:
        for path in paths:
            read = path.suffix.lower() == ".csv"
            left -= path.stat().st_size if read else 0
            if left < 0:
                size = limits.size // 2**20
                raise UnreadableFile(f"文件夹超过 {size} MB，请分成几份。")
            archive.writestr(path.name, path.read_bytes() if read else b"")
    return out.getvalue()


def read_bytes(data: bytes, limits: Limits) -> Table:
    """Read the bytes of a file in a child process. Raises UnreadableFile with one sentence."""
    if len(data) > limits.size:
        size = limits.size // 2**20
        raise UnreadableFile(f"文件超过 {size} MB，请删去图片或分成几个文件。")
    began = monotonic()
    try:
        return _understood(_asked(data, limits, limits.patience))
    except confined.TookTooLong as error:
        raise UnreadableFile(TOO_LONG) from error
    except confined.Fell:
        left = max(limits.patience - (monotonic() - began), 1.0)
    try:
        return _understood(_asked(data, limits, left, explain=True))
    except confined.Fell as error:
        raise UnreadableFile(FELL) from error


def _asked(data: bytes, limits: Limits, patience: float, *, explain: bool = False) -> bytes:
    """What a child says about the file, or about the place another child fell on."""
    bounds = confined.Bounds(limits.memory, limits.seconds, patience, limits.characters * 8)
    return confined.run(CHILD, data, {"limits": asdict(limits), "explain": explain}, bounds)


def _understood(said: bytes) -> Table:
    kind, ended = "", False
    unseen: tuple[str, ...] = ()
    sheets: list[Sheet] = []
    try:
        with uncollected():
            for line in said.splitlines():
                one: Any = json.loads(line)
                if type(one) is list:
                    sheets[-1].rows.extend(one)
                elif "error" in one:
                    raise UnreadableFile(str(one["error"]))
                elif "sheet" in one:
                    sheets.append(_sheet(one))
                elif "kind" in one:
                    kind, unseen = str(one["kind"]), tuple(map(str, one.get("unseen", ())))
                else:
                    ended = True
    except (ValueError, IndexError, TypeError) as error:
        raise UnreadableFile(FELL) from error
    if not ended:
        raise UnreadableFile(FELL)
    return Table(tuple(sheets), kind, unseen)


def _sheet(said: dict[str, Any]) -> Sheet:
    hidden = frozenset(map(int, said.get("hidden", ())))
    remarks = tuple((int(row), str(words)) for row, words in said.get("remarks", ()))
    return Sheet(str(said["sheet"]), [], hidden, remarks)
