"""One websocket: what may come in, what may wait to go out, and how it is ended for certain.

Engine.IO builds one Transport for each connection. Three faults of the stock driver are mended:
its message limit is never passed to simple-websocket, its packet queue has no end, and its
``send`` writes only what fits into the kernel's buffer, which tears frames of a slow reader.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any

import gevent
import gevent.event
import gevent.lock
import gevent.selectors
import simple_websocket
from engineio.async_drivers.gevent import Thread
from gevent.queue import JoinableQueue
from wsproto.utilities import LocalProtocolError

from campus.realtime import metrics
from campus.realtime.links import LINKS, Link

MAX_MESSAGE_BYTES = 64 * 1024
MAX_QUEUED_PACKETS = 256
MAX_QUEUED_BYTES = 1024 * 1024
MAX_MESSAGES_PER_MINUTE = 100
KERNEL_BUFFER_BYTES = 64 * 1024
GRACE_SECONDS = 0.5
HINT_PREFIX = '2["hint",'


class PacketQueue(JoinableQueue):  # type: ignore[misc]
    """What waits for one client: at most 256 packets or 1 MiB, then the socket is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting_bytes = 0
        self.hints = 0
        self.overflown = False
        self.on_end: Callable[[float], None] = lambda _seconds: None

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        """Queue one packet; None ends the connection after what is queued has left."""
        if item is None:
            super().put(None)
            self.on_end(GRACE_SECONDS)
            return
        size = _size(item)
        if self.qsize() >= MAX_QUEUED_PACKETS or self.waiting_bytes + size > MAX_QUEUED_BYTES:
            self._overflow()
            return
        self.waiting_bytes += size
        self.hints += isinstance(item.data, str) and item.data.startswith(HINT_PREFIX)
        super().put(item, block, timeout)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """The next packet, or None at the end. Raises queue.Empty after ``timeout`` seconds."""
        item = super().get(block, timeout)
        self.waiting_bytes -= _size(item)
        return item

    def _overflow(self) -> None:
        if not self.overflown:
            self.overflown = True
            metrics.OVERFLOWS.inc()
            self.on_end(0)


def _size(packet: Any) -> int:
    data = getattr(packet, "data", None)
    return len(data) if isinstance(data, str | bytes) else 0


class Wire:
    """A socket whose ``send`` sends everything, one frame at a time."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self._turn = gevent.lock.BoundedSemaphore(1)
        for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            sock.setsockopt(socket.SOL_SOCKET, option, KERNEL_BUFFER_BYTES)

    def send(self, data: bytes) -> None:
        """Send all of ``data``; waits for a slow reader. Raises OSError once cut."""
        with self._turn:
            self._sock.sendall(data)

    def recv(self, size: int) -> bytes:
        """At most ``size`` bytes; empty when the peer or we have ended."""
        data: bytes = self._sock.recv(size)
        return data

    def close(self) -> None:
        """Give the file descriptor back."""
        self._sock.close()

    def cut(self) -> None:
        """Wake whoever waits in send or recv, for the last time."""
        try:
            self._sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # the peer was faster


class Peer(simple_websocket.Server):  # type: ignore[misc]
    """The websocket protocol of one connection, polite to the other greenlets."""

    def handshake(self) -> None:
        """Answer the upgrade over a wire that sends whole frames."""
        self.sock: Any = Wire(self.sock)
        super().handshake()

    def _handle_events(self) -> bool:
        # A flood arrives without one blocking read, so nobody else would ever run.
        gevent.sleep(0)
        if len(self.input_buffer) > MAX_MESSAGES_PER_MINUTE:
            self.event.set()
            return False
        return bool(super()._handle_events())


class Transport:
    """Engine.IO's websocket driver: ``Transport(handler, server)(environ, start_response)``."""

    def __init__(self, handler: Callable[[Transport], Any], _server: Any) -> None:
        self.app = handler
        self.engine: Any = handler.__self__  # type: ignore[attr-defined]
        self.peer: Any = None
        self._window: tuple[float, int] = (0.0, 0)

    def __call__(self, environ: dict[str, Any], _start_response: Any) -> Any:
        """Serve the connection until it ends, known to the registry meanwhile."""
        queue: PacketQueue = self.engine.queue
        actor, read_at = environ.pop("campus.actor"), environ.pop("campus.read_at")
        queue.on_end = self.end
        self.peer = _accept(environ)
        link = Link(actor, _kept(environ), self.engine, queue)
        environ.clear()  # it lives as long as the socket, 10 kB of it unused
        environ.update(link.environ)
        environ["campus.link"] = link
        LINKS.add(link, read_at)
        try:
            self.app(self)
        finally:
            LINKS.remove(link)
        if self.peer.mode == "gunicorn":
            raise StopIteration  # how its worker is told that the socket is spent
        return []

    def wait(self) -> str | bytes | None:
        """The next message, or None when the connection ended or talks too much."""
        try:
            message: str | bytes | None = self.peer.receive()
        except simple_websocket.ConnectionClosed:
            return None
        return message if self._within_rate() else None

    def _within_rate(self) -> bool:
        start, count = self._window
        now = time.monotonic()
        self._window = (start, count + 1) if now - start < 60 else (now, 1)
        return self._window[1] <= MAX_MESSAGES_PER_MINUTE

    def send(self, message: str | bytes) -> None:
        """Send one frame. Raises OSError when the connection has ended."""
        try:
            self.peer.send(message)
        except (simple_websocket.ConnectionClosed, LocalProtocolError) as error:
            raise OSError("the websocket has ended") from error

    def close(self) -> None:
        """Say goodbye if anybody listens, then end the connection."""
        try:
            if self.peer.connected:
                self.peer.close()
        except (OSError, LocalProtocolError, simple_websocket.ConnectionClosed):
            pass
        finally:
            self.peer.sock.cut()

    def end(self, seconds: float) -> None:
        """Cut the wire in ``seconds``, whether or not the client reads what is still queued."""
        if self.peer is not None:
            gevent.spawn_later(seconds, self.peer.sock.cut)


def _accept(environ: dict[str, Any]) -> Peer:
    # Compression would let 64 KiB on the wire be 64 MiB in memory: never agree to it.
    environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
    return Peer(
        environ,
        max_message_size=MAX_MESSAGE_BYTES,
        thread_class=Thread,
        event_class=gevent.event.Event,
        selector_class=gevent.selectors.DefaultSelector,
    )


def _kept(environ: dict[str, Any]) -> dict[str, Any]:
    """What ``authenticate`` needs to look at the person again."""
    return {
        name: value
        for name, value in environ.items()
        if isinstance(value, str | int) or name.startswith("campus.")
    }
