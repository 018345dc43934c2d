"""Hints between web processes over Redis, with its silences made visible.

When Redis is away Socket.IO only logs, and hints for sockets of other processes are lost. So every
loss raises ``lost``: the heartbeat then counts one hint more than arrived, and each client catches
up over HTTP. PostgreSQL stays the truth.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import gevent
from socketio import RedisManager

PUBLISH_SECONDS = 2.0
RETRY_SECONDS = 1.0

log = logging.getLogger(__name__)


class RedisFanout(RedisManager):  # type: ignore[misc]
    """Socket.IO's client manager over Redis. ``deaf`` while it hears nothing."""

    def __init__(self, url: str, lost: Callable[[], None]) -> None:
        options = {"socket_connect_timeout": PUBLISH_SECONDS, "socket_keepalive": True}
        super().__init__(url, channel="campus", redis_options=options)
        self.deaf = True
        self._lost = lost

    def _publish(self, data: dict[str, Any]) -> Any:
        result = None
        with gevent.Timeout(PUBLISH_SECONDS, False):
            result = super()._publish(data)
        if result is None:
            self.connected = False
            self._lost()
        return result

    def _redis_listen_with_retries(self) -> Iterator[Any]:
        while True:
            try:
                self._redis_connect()
                self.pubsub.subscribe(self.channel)
                self._lost()  # what was said before we subscribed was not heard
                self.deaf = False
                yield from self.pubsub.listen()
            except Exception as error:
                log.error("Redis is away: %s", error)  # noqa: TRY400
            self.deaf = True
            gevent.sleep(RETRY_SECONDS)
