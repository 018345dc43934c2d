"""Starting the child and believing nothing it says beyond the shape agreed on."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from dataclasses import asdict
from pathlib import Path
from time import monotonic
from typing import Any

from campus.collector import uncollected
from campus.tables.archives import MANIFEST
from campus.tables.model import SHELL, Limits, Sheet, Table, UnreadableFile

READ, EXPLAIN = "read", "explain"
PLATFORM = Path(__file__).resolve().parents[2]
BOOT = "import sys; sys.path.insert(0, sys.argv[1]); from campus.tables.child import main; main()"
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
    said, fell = _ask(data, limits, READ, limits.patience)
    if fell:
        left = max(limits.patience - (monotonic() - began), 1.0)
        said, _ = _ask(data, limits, EXPLAIN, left)
    return _understood(said)


def _ask(data: bytes, limits: Limits, mode: str, seconds: float) -> tuple[bytes, bool]:
    """What a child says, and whether it was ended by its limits."""
    shape = json.dumps(asdict(limits))
    command = [sys.executable, "-I", "-c", BOOT, str(PLATFORM), mode, shape]
    with subprocess.Popen(  # noqa: S603 - our own program, the file comes by stdin
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        close_fds=True,
        start_new_session=True,
    ) as child:
        try:
            said, _ = child.communicate(data, timeout=seconds)
        except subprocess.TimeoutExpired as error:
            child.kill()
            child.communicate()
            raise UnreadableFile(TOO_LONG) from error
    return said, child.returncode < 0


def _understood(said: bytes) -> Table:
    kind, ended = "", False
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
                    sheets.append(Sheet(str(one["sheet"]), []))
                elif "kind" in one:
                    kind = str(one["kind"])
                else:
                    ended = True
    except (ValueError, IndexError, TypeError) as error:
        raise UnreadableFile(FELL) from error
    if not ended:
        raise UnreadableFile(FELL)
    return Table(tuple(sheets), kind)
