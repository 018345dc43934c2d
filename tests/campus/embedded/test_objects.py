"""The embedded object store: one door open to one key, and starts that find disorder."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest
import urllib3
from minio import Minio
from minio.error import S3Error

from campus.embedded import files, processes
from campus.embedded.files import AlreadyRunning
from campus.embedded.objects import Objects
from campus.storage import Storage, object_key

ORIGIN = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def objects(home: Path) -> Iterator[Objects]:
    store = Objects(home, origin=ORIGIN)
    store.start()
    yield store
    store.stop()


@pytest.fixture
def http() -> Iterator[urllib3.PoolManager]:
    with urllib3.PoolManager(retries=False, timeout=3.0) as pool:
        yield pool


def kill(store: Objects) -> int:
    pid = store.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert processes.wait_for(lambda: not processes.is_running(pid), 3.0)
    return pid


def usable(store: Objects) -> bool:
    door, key = Storage(store.door.config), object_key(1, uuid4())
    door.put(1, key, b"x", "text/plain")
    return door.get(1, key) == b"x"


@pytest.mark.parametrize("path", ["/", "/buckets/", "/buckets/campus/", "/buckets/campus/x"])
def test_filer_asks_for_a_token(objects: Objects, http: urllib3.PoolManager, path: str) -> None:
    url = f"http://127.0.0.1:{objects.ports['filer']}{path}"
    for method in ("GET", "PUT", "DELETE"):
        assert http.request(method, url, body=b"" if method == "PUT" else None).status == 401


def test_strangers_may_neither_read_nor_list(objects: Objects, http: urllib3.PoolManager) -> None:
    key = object_key(1, uuid4())
    Storage(objects.door.config).put(1, key, b"secret", "text/plain")
    for path in ("/", "/campus", f"/campus/{key}"):
        assert http.request("GET", objects.door.endpoint + path).status == 403


def test_the_apps_key_reaches_one_bucket(objects: Objects) -> None:
    door = objects.door
    address = door.endpoint.removeprefix("http://")
    client = Minio(address, door.access_key, door.secret_key, secure=False, region=door.region)
    with pytest.raises(S3Error, match="AccessDenied"):
        client.make_bucket("another")
    with pytest.raises(S3Error, match="AccessDenied"):
        client.put_object("another", "x", io.BytesIO(b"x"), 1)
    with pytest.raises(S3Error, match="AccessDenied"):
        client.set_bucket_policy("campus", json.dumps({"Version": "2012-10-17", "Statement": []}))


def test_other_origins_are_refused(objects: Objects, http: urllib3.PoolManager) -> None:
    ask = {"Access-Control-Request-Method": "GET"}
    url = f"{objects.door.endpoint}/campus/x"
    evil = http.request("OPTIONS", url, headers=ask | {"Origin": "https://evil.example"})
    assert evil.status == 403
    ours = http.request("OPTIONS", url, headers=ask | {"Origin": ORIGIN})
    assert ours.headers["Access-Control-Allow-Origin"] == ORIGIN


def listening(pid: int) -> set[tuple[str, int]]:
    """Host (hex, as the kernel writes it) and port of every socket the process listens on."""
    links = set()
    for path in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed since it was listed
            links.add(str(path.readlink()))
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A" and f"socket:[{words[9]}]" in links:
                host, port = words[1].split(":")
                found.add((host, int(port, 16)))
    return found


def test_every_door_is_on_loopback_and_chosen(objects: Objects) -> None:
    ports = {*objects.ports.values(), objects.ports["admin"] + 10000}
    expected = {("0100007F", port) for port in ports}
    # The maintenance doors open half a second after the store is ready.
    assert processes.wait_for(lambda: listening(objects.pid() or 0) == expected, 3.0)


def test_nothing_is_reported_and_no_secret_is_on_the_command_line(objects: Objects) -> None:
    words = processes.command_line(objects.pid() or 0)
    assert "-master.telemetry=false" in words
    secrets = [path.read_text().strip() for path in (objects.home / "secrets").iterdir()]
    assert not any(secret in " ".join(words) for secret in secrets)


def test_killed_store_is_repaired_with_its_objects(objects: Objects) -> None:
    key = object_key(7, uuid4())
    Storage(objects.door.config).put(7, key, b"kept", "text/plain")
    old = kill(objects)
    objects.start()
    assert objects.pid() != old
    assert Storage(objects.door.config).get(7, key) == b"kept"


def test_reused_pid_and_taken_ports(objects: Objects) -> None:
    """The remembered pid is now this very test's, and two remembered ports are another's."""
    kill(objects)
    ports = objects.ports
    files.remember(objects.home, "objects", {"ports": ports, "pid": os.getpid()})
    assert not objects.running()
    with (
        socket.create_server(("127.0.0.1", ports["s3"])),
        socket.create_server(("127.0.0.1", ports["filer.grpc"])),
    ):
        objects.start()
        changed = {name for name, port in objects.ports.items() if ports[name] != port}
        assert changed == {"s3", "filer.grpc"}
        assert usable(objects)


def test_second_start_is_told_so_and_harms_nothing(objects: Objects) -> None:
    second = Objects(objects.home)
    with pytest.raises(AlreadyRunning, match=f"进程 {os.getpid()}"):
        second.start()
    second.stop()
    assert usable(objects)


def test_store_that_outlived_its_starter_is_adopted(objects: Objects) -> None:
    pid = objects.pid()
    objects._lock.release()
    heir = Objects(objects.home, origin=ORIGIN)
    heir.start()
    assert heir.pid() == pid
    heir._lock.release()
    objects.start()
    assert objects.pid() == pid
