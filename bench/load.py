"""Keep-alive clients in a process of their own: `python -m bench.load PORT PATH COOKIE SECONDS`.

Eight threads with one raw socket each: little enough Python that the client is not what is
measured. Prints one JSON line: requests, seconds, bytes and the median and 99th percentile in ms.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

CLIENTS = 8


@dataclass(frozen=True, slots=True)
class Load:
    """What one run of the clients saw."""

    requests: int
    seconds: float
    bytes_each: int
    p50_ms: float
    p99_ms: float

    @property
    def per_second(self) -> float:
        """Requests answered per second."""
        return self.requests / self.seconds


def run(port: int, path: str, cookie: str, seconds: float) -> Load:
    """Run the clients in a process of their own. CalledProcessError on any answer but 200."""
    command = [sys.executable, "-m", "bench.load", str(port), path, cookie, str(seconds)]
    done = subprocess.run(command, check=True, capture_output=True, timeout=seconds + 20)
    return Load(**json.loads(done.stdout))


def ask(wire: socket.socket, request: bytes) -> int:
    """Send one request and read its whole answer; the answer's bytes."""
    wire.sendall(request)
    data = b""
    while b"\r\n\r\n" not in data:
        part = wire.recv(65536)
        if not part:
            raise ConnectionError("the server closed the connection")
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise ValueError(head.decode("latin-1").splitlines()[0])
    lower = head.lower()
    start = lower.index(b"content-length:") + 15
    length = int(lower[start:].split(b"\r\n", 1)[0])
    left = length - len(body)
    while left > 0:
        left -= len(wire.recv(65536))
    return len(head) + 4 + length


def _client(port: int, request: bytes, until: float, times: list[float], sizes: list[int]) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while (began := time.perf_counter()) < until:
            sizes.append(ask(wire, request))
            times.append(time.perf_counter() - began)


def main(port: int, path: str, cookie: str, seconds: float) -> None:
    """Load one address and print what was seen."""
    request = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n"
        "Accept: text/html\r\nAccept-Encoding: gzip\r\nConnection: keep-alive\r\n\r\n"
    ).encode()
    times: list[float] = []
    sizes: list[int] = []
    began = time.perf_counter()
    threads = [
        threading.Thread(target=_client, args=(port, request, began + seconds, times, sizes))
        for _ in range(CLIENTS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    times.sort()
    load = {
        "requests": len(times),
        "seconds": took,
        "bytes_each": sum(sizes) // len(sizes),
        "p50_ms": times[len(times) // 2] * 1000,
        "p99_ms": times[len(times) * 99 // 100] * 1000,
    }
    sys.stdout.write(json.dumps(load) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4]))
