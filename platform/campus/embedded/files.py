"""The home folder: private files, secrets, remembered state, and one start at a time."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

LOG_BYTES = 5 * 1024 * 1024
FREE_BYTES = 32 * 1024 * 1024


class PartError(Exception):
    """A part cannot be started; the message is one Chinese sentence that says how to go on."""


class AlreadyRunning(PartError):
    """Another start of the same home is under way or running."""


def prepare(home: Path) -> Path:
    """Make ``home`` with its folders and return it, absolute. Raises PartError."""
    home = home.expanduser().resolve()
    try:
        # 0711: the unprivileged account must reach its own folder below, and list nothing.
        home.mkdir(mode=0o711, parents=True, exist_ok=True)
        for name, mode in (("secrets", 0o700), ("logs", 0o711), ("locks", 0o700)):
            (home / name).mkdir(mode=mode, exist_ok=True)
    except OSError as error:
        raise PartError(
            f"数据目录 {home} 不能写入（{error.strerror}），请换一个：CAMPUS_HOME=目录 make run"
        ) from error
    return home


@contextmanager
def temporary_home() -> Iterator[Path]:
    """A home for tests, removed afterwards. pytest's own folders are closed to other accounts, so
    for root the database would move out of them and stay behind."""
    with tempfile.TemporaryDirectory(prefix="campus-test-") as name:
        Path(name).chmod(0o711)
        yield prepare(Path(name) / "home")


def require_room(folder: Path) -> None:
    """Raise PartError when the disk under ``folder`` has less than 32 MB left."""
    status = os.statvfs(folder)
    free = status.f_bavail * status.f_frsize
    if free < FREE_BYTES:
        raise PartError(
            f"磁盘快满了：{folder} 所在的磁盘只剩 {free // 2**20} MB，"
            f"已保存的数据没有丢失，请清理出至少 {FREE_BYTES // 2**20} MB 后重新运行 make run"
        )


def write_private(path: Path, text: str) -> None:
    """Replace ``path`` by ``text``, for us alone; a crash leaves the old or the new file."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise _unwritten(path, error) from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise _unwritten(path, error) from error


def _unwritten(path: Path, error: OSError) -> PartError:
    return PartError(f"写不进文件 {path}（{error.strerror}），请检查磁盘空间和权限")


def secret(home: Path, name: str) -> str:
    """The secret ``name`` of this home: 256 random bits in hex, made at the first call."""
    path = home / "secrets" / name
    kept = path.read_text("utf-8").strip() if path.is_file() else ""
    if not kept:
        kept = secrets.token_hex(32)
        write_private(path, kept + "\n")
    return kept


def remember(home: Path, name: str, state: dict[str, Any]) -> None:
    """Keep small facts (ports, pids, folders) of one part for the next start."""
    write_private(home / f"{name}.json", json.dumps(state, indent=1) + "\n")


def recall(home: Path, name: str) -> dict[str, Any]:
    """What remember() kept, or nothing if it is missing or was cut off."""
    try:
        state = json.loads((home / f"{name}.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def open_log(home: Path, name: str) -> int:
    """A descriptor that appends to logs/<name>.log; past 5 MB the old log moves to .log.1."""
    path = home / "logs" / f"{name}.log"
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)


def log_tail(home: Path, name: str, start: int = 0) -> str:
    """The last 4,000 bytes of a log, nothing older than offset ``start``."""
    path = home / "logs" / f"{name}.log"
    try:
        data = path.read_bytes()
    except OSError:
        return ""
    return data[start:][-4000:].decode("utf-8", "replace")


def log_size(home: Path, name: str) -> int:
    """Bytes in a log now, 0 when there is none."""
    path = home / "logs" / f"{name}.log"
    return path.stat().st_size if path.exists() else 0


class Lock:
    """One holder per part and home; the kernel releases it when the holder dies."""

    def __init__(self, home: Path, name: str, what: str) -> None:
        self.path = home / "locks" / f"{name}.lock"
        self.what = what
        self._handle: int | None = None

    def take(self) -> None:
        """Take the lock, or raise AlreadyRunning naming the process that holds it."""
        if self._handle is not None:
            return
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(handle, 20).decode("ascii", "replace").strip() or "未知"
            os.close(handle)
            raise AlreadyRunning(
                f"{self.what}已经在运行（进程 {holder}，数据目录 {self.path.parent.parent}）："
                "请用那一个，或先按 Ctrl-C 停掉它，或用另一个 CAMPUS_HOME"
            ) from error
        with suppress(OSError):  # only the name of its holder, and the disk may be full
            os.ftruncate(handle, 0)
            os.write(handle, f"{os.getpid()}\n".encode())
        self._handle = handle

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._handle is not None

    def release(self) -> None:
        """Let the next one in. Harmless when not held."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
