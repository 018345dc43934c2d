"""What a web process does beside answering requests: greenlets that never die silently.

A task is a function that does one step (it may wait) and is called again for ever. When a step
raises, that is logged and tried again after 0.5 s, then 1, 2, 4 … at most 10 s.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import gevent
import gevent.monkey

Step = Callable[[], None]

FIRST_DELAY = 0.5
LONGEST_DELAY = 10.0

log = logging.getLogger(__name__)

_tasks: dict[str, Step] = {}
_greenlets: list[gevent.Greenlet] = []


def task(name: str) -> Callable[[Step], Step]:
    """Run the decorated step again and again once this process is a web process."""

    def decorate(step: Step) -> Step:
        _tasks[name] = step
        return step

    return decorate


def start() -> None:
    """Make this process a web process. Raises RuntimeError unless gevent has patched it."""
    if not gevent.monkey.is_module_patched("select"):
        raise RuntimeError("gevent must patch the process before psycopg is imported")
    if not _greenlets:
        _greenlets.extend(gevent.spawn(_for_ever, name, step) for name, step in _tasks.items())


def running() -> bool:
    """Whether this is a web process: only then hints are sent from here at once."""
    return bool(_greenlets)


def _for_ever(name: str, step: Step) -> None:
    delay = FIRST_DELAY
    while True:
        try:
            step()
            delay = FIRST_DELAY
        except Exception:
            log.exception("the task %s failed and goes on in %.1f s", name, delay)
            gevent.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY)
