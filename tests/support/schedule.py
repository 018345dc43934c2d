"""Which worker runs what, and on which day.

`--dist loadscope`, with folders that share one costly server whole. And a run keeps to one day:
what is planted in its first minute is still of today in its last.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from xdist.scheduler import LoadScopeScheduling

# One house and one Chromium; one gunicorn with many sockets.
WHOLE = ("tests/e2e/", "tests/campus/realtime/")
LONGEST_RUN = timedelta(minutes=12)


class Shared(LoadScopeScheduling):
    """Files are the units, except in the folders above; the order is that of the collection."""

    def __init__(self, config: Any, log: Any = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        shared = next((folder for folder in WHOLE if nodeid.startswith(folder)), None)
        return shared or super()._split_scope(nodeid)


def turn(nodeid: str) -> int:
    """When a test's folder has its turn."""
    places = (place for place, folder in enumerate(WHOLE) if nodeid.startswith(folder))
    return next(places, len(WHOLE))


def until_midnight(moment: datetime) -> timedelta:
    """How much of the day is left; ``moment`` carries the school's zone."""
    tomorrow = datetime.combine(moment.date() + timedelta(days=1), time(), moment.tzinfo)
    return tomorrow - moment
