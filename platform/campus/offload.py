"""CPU-heavy calls that release the GIL, off the event loop.

Under gevent one greenlet that computes stops everybody. argon2id and picture encoding run in a
small native thread pool instead; without gevent (commands, worker, tests) they run where they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from gevent import monkey
from gevent.threadpool import ThreadPool

from campus import holding

Result = TypeVar("Result")
_pools: list[ThreadPool] = []


def offload(call: Callable[..., Result], *arguments: Any) -> Result:
    """Return ``call(*arguments)``, computed by at most two threads; exceptions pass through.

    Raises RuntimeError while a connection is held: others would wait for it all the while.
    """
    holding.check_released(getattr(call, "__qualname__", repr(call)))
    if not monkey.is_module_patched("socket"):
        return call(*arguments)
    if not _pools:
        _pools.append(ThreadPool(2))
    return _pools[0].apply(call, arguments)  # type: ignore[no-any-return]
