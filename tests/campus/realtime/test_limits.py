"""What one client can do to the process: little."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

import pytest
import websocket

from tests.campus.realtime.client import Closed, open_wire
from tests.campus.realtime.parts import Server

pytestmark = pytest.mark.usefixtures("app_db")
MB = 1024 * 1024
SMALL_BUFFER = (socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)


def slowest_answer(live: Server, done: threading.Event) -> list[float]:
    worst = [0.0]
    while not done.is_set():
        start = time.monotonic()
        live.get("/stats")
        worst[0] = max(worst[0], time.monotonic() - start)
    return worst


def wait_until_gone(live: Server, sockets: float, seconds: float = 3.0) -> None:
    deadline = time.monotonic() + seconds
    while live.get("/stats")["sockets"] > sockets:
        assert time.monotonic() < deadline, "a socket that should have ended is still there"
        time.sleep(0.02)


@pytest.mark.parametrize("opcode", [websocket.ABNF.OPCODE_TEXT, websocket.ABNF.OPCODE_BINARY])
def test_a_huge_frame_costs_nothing(live: Server, opcode: int) -> None:
    before = live.get("/stats")
    wire = open_wire(live.port, cookie="sid=1.1")
    done, worst = threading.Event(), [0.0]
    watch = threading.Thread(target=lambda: worst.extend(slowest_answer(live, done)))
    watch.start()
    with contextlib.suppress(OSError, websocket.WebSocketException):
        wire.send(b"4" * 5 * MB if opcode == 2 else "4" * 5 * MB, opcode)
    wait_until_gone(live, before["sockets"])
    done.set()
    watch.join()
    wire.shutdown()  # type: ignore[no-untyped-call]
    assert max(worst) < 0.5
    assert live.get("/stats")["peak"] - before["peak"] <= 5 * MB


def test_64_kib_pass_and_a_byte_more_does_not(live: Server) -> None:
    with live.client(account=1, session=1) as client:
        frame = len('421["test.echo", {"t": ""}]')
        answer = client.ask("test.echo", {"t": "x" * (64 * 1024 - frame)})
        assert answer["ok"]["account"] == 1
        with pytest.raises(Closed):
            client.ask("test.echo", {"t": "x" * (64 * 1024 - frame + 1)})


def test_many_fragments_are_one_message(live: Server) -> None:
    with live.client(account=1, session=1) as client:
        with contextlib.suppress(OSError):
            for number in range(20):
                opcode = websocket.ABNF.OPCODE_TEXT if number == 0 else websocket.ABNF.OPCODE_CONT
                client.wire.send_frame(websocket.ABNF(0, 0, 0, 0, opcode, 1, b"4" * 8192))
        with pytest.raises(Closed):
            client.wait_for("beat")
            client.wait_for("beat")


def test_who_never_reads_is_closed_and_the_queue_bounded(live: Server) -> None:
    before = live.get("/stats")
    with live.client(account=7, session=7, sockopt=[SMALL_BUFFER]):
        for _ in range(10):
            live.get("/publish?school=1&account=7&times=200")
            if live.get("/stats")["sockets"] == before["sockets"]:
                break
        wait_until_gone(live, before["sockets"])
    after = live.get("/stats")
    assert after["waiting"] == 0
    assert after["peak"] - before["peak"] < 20 * MB


def test_who_talks_too_much_is_closed(live: Server) -> None:
    with live.client(account=1, session=1) as client, pytest.raises(Closed):
        for _ in range(101):
            client.ask("recheck")


def test_a_flood_of_small_frames_is_closed(live: Server) -> None:
    before = live.get("/stats")
    with live.client(account=1, session=1) as client:
        frame = bytes([0x81, 0x81, 0, 0, 0, 0]) + b"3"
        with contextlib.suppress(OSError):
            client.raw.sendall(frame * 200_000)
        wait_until_gone(live, before["sockets"])
        start = time.monotonic()
        live.get("/stats")
        assert time.monotonic() - start < 0.5


def test_the_sixth_socket_of_an_account_ends_the_oldest(live: Server) -> None:
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(live.client(account=9, session=n)) for n in range(6)]
        assert clients[0].wait_for("bye")["reason"] == "too-many"
        with pytest.raises(Closed):
            clients[0].wait_for("hint")
        other = stack.enter_context(live.client(account=9, session=9, school="second"))
        assert other.ask("recheck")["ok"] == {"n": 0}
        assert clients[1].ask("recheck")["ok"] == {"n": 0}
