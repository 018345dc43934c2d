"""The embedded object store: one door open to one key, and starts that find disorder."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest
import urllib3
from minio import Minio
from minio.error import S3Error

from campus.embedded import certificate, files, processes
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


# What weed's master, volume server, filer and admin do for anyone who knows the address.
TRIES = (
    *(("GET", path) for path in ("/", "/status", "/dir/status", "/vol/status", "/cluster/status")),
    *(("GET", path) for path in ("/col/delete?collection=campus", "/dir/assign", "/metrics")),
    *(("GET", path) for path in ("/ui/index.html", "/vol/grow?count=1", "/collection/info")),
    *(("GET", path) for path in ("/buckets/", "/buckets/campus/", "/buckets/campus/x", "/login")),
    *(("PUT", path) for path in ("/buckets/campus/x", "/3,01637037d6", "/campus/x")),
    *(("POST", path) for path in ("/submit", "/buckets/campus/", "/col/delete?collection=campus")),
    *(("DELETE", path) for path in ("/buckets/campus/x", "/3,01637037d6", "/campus")),
)


def encrypted_answer(port: int) -> bytes:
    """What a port answers to somebody who speaks TLS and HTTP, or gRPC, without a certificate."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    try:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=3.0) as plain,
            context.wrap_socket(plain) as stranger,
        ):
            stranger.sendall(b"GET /col/delete?collection=campus HTTP/1.0\r\n\r\n")
            return stranger.recv(1000)
    except (ssl.SSLError, ConnectionError) as error:
        # A silent door would be one that still listens to what comes next.
        assert not isinstance(error, ssl.SSLWantReadError | TimeoutError)
        return b""


def test_no_door_serves_a_stranger(objects: Objects, http: urllib3.PoolManager) -> None:
    """Every port the process listens on: nothing is read, written or deleted without a key."""
    key, storage = object_key(1, uuid4()), Storage(objects.door.config)
    storage.put(1, key, b"a child's photo", "text/plain")
    assert processes.wait_for(lambda: len(listening(objects.pid() or 0)) == 10, 3.0)
    served = []
    for _, port in listening(objects.pid() or 0):
        for method, path in TRIES:
            try:
                answer = http.request(method, f"http://127.0.0.1:{port}{path}", redirect=False)
            except urllib3.exceptions.HTTPError:
                continue  # gRPC, which hangs up
            refused = (400, 403, 405) if port == objects.ports["s3"] else (400,)
            if answer.status not in refused and not (path == "/status" and not answer.data):
                served.append((port, method, path, answer.status))
        if said := encrypted_answer(port):
            served.append((port, "TLS", "", said))
    assert served == [], objects.ports
    assert storage.get(1, key) == b"a child's photo"
    assert storage.healthy()


def test_the_stores_own_certificate_opens_and_another_does_not(
    objects: Objects, tmp_path: Path
) -> None:
    """The lock turns: what refuses strangers is the certificate, made anew at every start."""
    url = f"https://127.0.0.1:{objects.ports['master']}/cluster/status"
    public, private = certificate.paths(objects.home)
    assert private.stat().st_mode & 0o077 == 0
    (tmp_path / "secrets").mkdir()
    certificate.renew(tmp_path)
    for (mine, key), right in ((certificate.paths(tmp_path), False), ((public, private), True)):
        with urllib3.PoolManager(
            retries=False, ca_certs=str(public), cert_file=str(mine), key_file=str(key)
        ) as pool:
            try:
                assert (pool.request("GET", url).status == 200) is right
            except urllib3.exceptions.HTTPError:
                assert not right


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
