"""What hangs is waited for so long and no longer: a database, a stranger's body."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.storm.conftest import BODY_SECONDS, House, stranger

POST = "POST /s/jiaxiao/login"
KINDS = ("application/json", "application/x-www-form-urlencoded", "text/plain", "")
BROKEN = (
    b"zz\r\nabc\r\n",
    b"5\r\nab",
    b"-1\r\n\r\n",
    b"\xff\xff\r\n",
    b"5\r\nabcdefgh\r\n0\r\n\r\n",
)


def test_a_database_that_hangs(house: House) -> None:
    """Pages answer 503 within six seconds, /healthz within two; afterwards all is as before."""
    teacher = f"sid={house.seed.people['class_teacher'].token}"
    page = f"/s/jiaxiao/classes/{house.seed.schools['a'].ids['class']}"
    assert house.ask(page, teacher)[0] == 200
    with house.stopped():
        with ThreadPoolExecutor(40) as threads:  # four times what the pool holds
            asked = [threads.submit(house.ask, page, teacher) for _ in range(39)]
            health = threads.submit(house.ask, "/healthz")
            answers = [one.result() for one in asked]
            status, _, took = health.result()
        assert (status, took < 2.5) == (503, True), took
        assert {status for status, _, _ in answers} == {503}
        assert all("Retry-After" in headers for _, headers, _ in answers)
        assert max(took for _, _, took in answers) < 6.5
    assert house.ask(page, teacher)[0] == 200
    assert house.ask("/healthz")[0] == 200


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("length", [5000, None], ids=["announced", "chunked"])
def test_a_slow_body(kind: str, length: int | None, house: House) -> None:
    """Forty of one byte at a time: all are cut, and others are served meanwhile."""
    teacher = f"sid={house.seed.people['class_teacher'].token}"
    page = f"/s/jiaxiao/classes/{house.seed.schools['a'].ids['class']}"
    began = time.monotonic()
    wires = [house.raw(POST, length=length) for _ in range(40)]
    for wire in wires:
        wire.sendall(f"Cookie: {teacher}\r\nContent-Type: {kind}\r\n\r\n".encode())
    left = dict(enumerate(wires))
    status: list[bytes] = []
    while left and time.monotonic() - began < BODY_SECONDS + 10:
        for number, wire in list(left.items()):
            try:
                wire.sendall(b"1\r\n{\r\n" if length is None else b"{")
                wire.settimeout(0.01)
                said = wire.recv(4096)
            except TimeoutError:
                continue
            except OSError:
                said = b""
            status.append(said[:12])
            wire.close()
            del left[number]
        assert house.ask(page, teacher)[0] == 200
    assert not left, f"{len(left)} are still sending"
    assert set(status) <= {b"HTTP/1.1 408", b""}, set(status)
    assert b"HTTP/1.1 408" in status


@pytest.mark.parametrize("sent", BROKEN, ids=str)
@pytest.mark.parametrize("kind", [*KINDS, "multipart/form-data; boundary=x"], ids=str)
def test_chunks_that_are_none(kind: str, sent: bytes, house: House) -> None:
    """A refusal, never an error of ours; and the process goes on."""
    with house.raw(POST) as wire:
        wire.sendall(f"Content-Type: {kind}\r\n\r\n".encode() + sent)
        answer = b"".join(_all(wire))
    assert answer[:10] == b"HTTP/1.1 4", answer[:200]
    assert house.ask("/s/jiaxiao/login")[0] == 200


def _all(wire: object) -> Iterator[bytes]:
    while part := wire.recv(65536):  # type: ignore[attr-defined]
        yield part


@pytest.mark.parametrize(
    ("kind", "size", "status"),
    [
        ("application/json", 1024 * 1024 + 1, 413),
        ("application/x-www-form-urlencoded", 1024 * 1024 + 1, 413),
        ("text/plain", 16 * 1024 + 1, 413),
        ("multipart/form-data; boundary=x", 15 * 1024 * 1024 + 1, 413),
    ],
)
def test_a_large_body(kind: str, size: int, status: int, house: House) -> None:
    """Refused by its announced size."""
    wire = house.raw(POST, length=size)
    wire.sendall(f"Content-Type: {kind}\r\n\r\n".encode())
    assert wire.recv(12) == f"HTTP/1.1 {status}".encode()
    wire.close()


def test_one_that_never_says_its_size(house: House) -> None:
    """A chunked one is counted while it comes."""
    cookie, _ = stranger()
    wire = house.raw(POST)
    wire.sendall(f"Cookie: {cookie}\r\nContent-Type: application/json\r\n\r\n".encode())
    try:
        for _ in range(40):
            wire.sendall(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
    except OSError:
        pass  # it has answered and closed already
    assert wire.recv(12) in (b"HTTP/1.1 413", b"")
    wire.close()
