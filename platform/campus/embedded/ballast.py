"""A file that is given up when the disk is full, so that the database can go on.

PostgreSQL needs a little room even for reading (its log says which rows are known to be good) and
goes down without it. The room of this file is less than the reserve below which the web takes no
writes (campus.room), so what it frees stays for the reading. It comes back when there is plenty.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from campus import room
from campus.embedded import screen

SIZE = 48 * 1024 * 1024
GIVEN_UP = room.RESERVE // 4
PLENTY = room.RESERVE + 2 * SIZE


class Ballast:
    """The file of one home, on the disk of its database."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "ballast"

    def tend(self) -> None:
        """Give it up or take it back, as the disk is; a full one is no reason to stop."""
        with contextlib.suppress(OSError):
            free = room.free(self.path.parent)
            there = self.path.exists()
            if there and free < GIVEN_UP:
                self.path.unlink()
                screen.say("磁盘满了：现在只能查看，不能保存。清理出空间后会自动恢复。")
            elif not there and free > PLENTY:
                with self.path.open("wb") as file:
                    os.posix_fallocate(file.fileno(), 0, SIZE)
