"""A small Socket.IO client over one real websocket, that waits for what a test expects."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from types import TracebackType
from typing import Any

import websocket


class Closed(Exception):
    """The server ended the connection."""


class Client:
    """Connected and in its rooms when the constructor returns. A context manager."""

    def __init__(self, port: int, cookie: str, school: str = "first", **options: Any) -> None:
        self.hints = 0
        self.wire = open_wire(port, cookie=f"sid={cookie}", school=school, **options)
        self._asked = 0
        try:
            self._enter()
        except BaseException:
            self.close()
            raise

    def _enter(self) -> None:
        self.wire.send("40")
        while not self._receive(5).startswith("40"):
            pass

    @property
    def raw(self) -> socket.socket:
        """The socket below the protocol, for what no client should send."""
        assert self.wire.sock is not None
        return self.wire.sock

    def _receive(self, seconds: float) -> str:
        self.wire.settimeout(max(0.001, seconds))
        try:
            packet = str(self.wire.recv())
        except (websocket.WebSocketConnectionClosedException, ConnectionError) as error:
            raise Closed from error
        if packet == "2":
            self.wire.send("3")
        if packet in ("", "1", "41"):
            raise Closed
        self.hints += packet.startswith('42["hint"')
        return packet

    def wait_for(self, event: str, seconds: float = 3.0) -> dict[str, Any]:
        """The data of the next ``event``. Raises Closed, or TimeoutError."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                packet = self._receive(deadline - time.monotonic())
            except websocket.WebSocketTimeoutException as error:
                raise TimeoutError(event) from error
            if packet.startswith("42"):
                name, data = json.loads(packet[2:])
                if name == event:
                    return dict(data)

    def hears(self, event: str, seconds: float) -> bool:
        """Whether ``event`` comes within ``seconds``."""
        try:
            self.wait_for(event, seconds)
        except TimeoutError:
            return False
        return True

    def ask(self, event: str, *data: Any) -> dict[str, Any]:
        """Send an event and return its acknowledgement."""
        self._asked += 1
        self.wire.send(f"42{self._asked}{json.dumps([event, *data])}")
        start = f"43{self._asked}["
        while True:
            packet = self._receive(3)
            if packet.startswith(start):
                return dict(json.loads(packet[len(start) - 1 :])[0])

    def close(self) -> None:
        """End it from our side."""
        with contextlib.suppress(OSError, websocket.WebSocketException):
            self.wire.close(timeout=0.1)
        self.wire.shutdown()  # type: ignore[no-untyped-call]

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()


def open_wire(
    port: int, *, school: str = "first", query: str = "EIO=4&transport=websocket", **options: Any
) -> websocket.WebSocket:
    """A bare websocket to the school's Socket.IO address. Raises WebSocketBadStatusException."""
    return websocket.create_connection(
        f"ws://127.0.0.1:{port}/s/{school}/socket.io/?{query}", timeout=5, **options
    )
