"""Parents' sockets in a process of their own: `python -m bench.sockets PORT COUNT`.

Connects one socket a family, prints "connected", then one JSON line a hint of the child's growth
record: pupil, when the hint came and when the changes it speaks of were fetched (monotonic clock,
which all processes of a machine share). Ends when its standard input does.
"""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

import http.client  # noqa: E402
import json  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402

import gevent  # noqa: E402
import websocket  # noqa: E402
from gevent.lock import Semaphore  # noqa: E402

SCHOOL = "/s/school-1"
AT_ONCE = Semaphore(20)


class Family:
    """One parent: a socket, a keep-alive connection, the cursor of the child's book."""

    def __init__(self, port: int, number: int) -> None:
        self.number = number
        self.cookie = f"sid=parent-{number}"
        self.port = port
        self.cursor = "0"
        self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=10)

    def connect(self) -> None:
        """Open the socket, as a page does after its first paint."""
        with AT_ONCE:
            self.wire = websocket.create_connection(
                f"ws://127.0.0.1:{self.port}{SCHOOL}/socket.io/?EIO=4&transport=websocket",
                timeout=30,
                cookie=self.cookie,
            )
            self.wire.send("40")
            while not str(self.wire.recv()).startswith("40"):
                pass
        self.wire.settimeout(None)

    def fetch(self) -> None:
        """Ask for what changed since the cursor, over HTTP."""
        path = f"{SCHOOL}/children/{self.number}/changes?since={self.cursor}"
        headers = {"Cookie": self.cookie, "X-Requested-With": "fetch", "Accept": "text/html"}
        try:
            self.http.request("GET", path, headers=headers)
            answer = self.http.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):
            self.http.close()  # it lay idle for longer than the server keeps it: as browsers do
            self.http.request("GET", path, headers=headers)
            answer = self.http.getresponse()
        answer.read()
        if answer.status != 200:
            raise ValueError(f"changes answered {answer.status}")
        self.cursor = answer.headers["X-Cursor"]

    def listen(self) -> None:
        """Answer pings; after each hint of growth fetch, then tell both times."""
        while True:
            packet = str(self.wire.recv())
            if packet == "2":
                self.wire.send("3")
            elif packet.startswith('42["hint"') and "growth.changed" in packet:
                hinted = time.monotonic()
                before = self.cursor
                self.fetch()
                said = {"pupil": self.number, "hint": hinted, "fetched": time.monotonic()}
                sys.stdout.write(json.dumps(said | {"new": self.cursor != before}) + "\n")
                sys.stdout.flush()


def main(port: int, count: int) -> None:
    """Connect ``count`` families and listen until standard input ends."""
    families = [Family(port, number) for number in range(1, count + 1)]
    gevent.joinall([gevent.spawn(family.connect) for family in families], raise_error=True)
    for family in families[:45]:
        family.fetch()
    sys.stdout.write("connected\n")
    sys.stdout.flush()
    for family in families:
        gevent.spawn(family.listen)
    gevent.get_hub().threadpool.apply(sys.stdin.read)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
