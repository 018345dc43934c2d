"""Whether there is room to write. A write that fills the disk takes the reads of everybody along.

PostgreSQL goes down altogether when its log finds no room; with a reserve left it only refuses what
would need more, and goes on reading. So writes stop while the last of the reserve is still there.
This process sees its own disk: CAMPUS_HOME, where `make run` keeps the database and photos, and the
folder for temporary files, where large uploads wait. A database elsewhere is watched by its host.
"""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from pathlib import Path

import psycopg

from campus.config import Config
from campus.errors import Unavailable

RESERVE = 64 * 1024 * 1024
FULL = "磁盘满了，暂时不能保存；查看照常。您填写的内容没有丢失，管理员清理出空间后会自动恢复。"
# No room, no quota, and a disk the kernel made read-only after an error.
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
_places: list[Path] = []


def configure(config: Config) -> None:
    """Watch the disks of this installation."""
    watch(config.home_dir, Path(tempfile.gettempdir()))


def watch(*places: Path) -> None:
    """Watch the disks under ``places``; of a folder not made yet, its parent's."""
    _places[:] = [next(one for one in (place, *place.parents) if one.exists()) for place in places]


def check() -> None:
    """Raise Unavailable while less than the reserve is free."""
    for place in _places:
        with contextlib.suppress(OSError):
            if free(place) < RESERVE:
                raise Unavailable(FULL, retry_after=60)


def free(place: Path) -> int:
    """The bytes that may still be written on the disk of ``place``. Raises OSError."""
    status = os.statvfs(place)
    return status.f_bavail * status.f_frsize


def none_left(error: BaseException) -> bool:
    """Whether an error says that a disk is full, ours or the database's."""
    cause = getattr(error, "orig", error)  # SQLAlchemy's hold the driver's
    return isinstance(cause, psycopg.errors.DiskFull) or (
        isinstance(cause, OSError) and cause.errno in NO_ROOM
    )
