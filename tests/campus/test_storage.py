"""The door to the object store: no foreign key passes, no dead store holds anyone up."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID, uuid4

import pytest
import urllib3

from campus.config import Config
from campus.embedded.objects import Objects
from campus.health import Remembered
from campus.storage import (
    PROBE_SCHOOL,
    ForeignKeyRefused,
    ObjectMissing,
    Storage,
    StorageUnavailable,
    assert_key,
    object_key,
)

UUID_1 = UUID("0123456789abcdef0123456789abcdef")
KEY_1 = "s/1/0123456789abcdef0123456789abcdef"
GEVENT = """
from gevent import monkey; monkey.patch_all()
import gevent, sys, uuid
from campus import config, storage
store = storage.Storage(config.load())
def one(i):
    key = storage.object_key(3, uuid.uuid4())
    store.put(3, key, b"%d" % i, "text/plain")
    return store.get(3, key)
jobs = [gevent.spawn(one, i) for i in range(20)]
gevent.joinall(jobs, timeout=10, raise_error=True)
print(sorted(int(job.value) for job in jobs) == list(range(20)))
"""


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Objects]:
    store = Objects(tmp_path_factory.mktemp("store"))
    store.start()
    yield store
    store.stop()


@pytest.fixture
def storage(objects: Objects) -> Storage:
    return Storage(objects.door.config)


@pytest.fixture
def http() -> Iterator[urllib3.PoolManager]:
    with urllib3.PoolManager(retries=False, timeout=3.0) as pool:
        yield pool


@pytest.fixture
def dead() -> Config:
    """Settings of a store that is not there."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return Config(s3_endpoint=f"http://127.0.0.1:{port}", s3_access_key="a", s3_secret_key="b")


def stored(storage: Storage, data: bytes = b"data", kind: str = "image/png") -> str:
    key = object_key(1, uuid4())
    storage.put(1, key, data, kind)
    return key


# Keys


def test_key_is_made_of_school_and_uuid() -> None:
    assert object_key(1, UUID_1) == KEY_1
    assert_key(1, KEY_1)


@pytest.mark.parametrize(
    "key",
    [
        "s/2/0123456789abcdef0123456789abcdef",
        "s/12/0123456789abcdef0123456789abcdef",
        "s/01/0123456789abcdef0123456789abcdef",
        "s/1/0123456789ABCDEF0123456789ABCDEF",
        "s/1/../2/0123456789abcdef0123456789abcdef",
        "s/1/0123456789abcdef0123456789abcdef/x",
        "s/1/0123456789abcdef0123456789abcdef\n",
        "s/１/0123456789abcdef0123456789abcdef",
        "/s/1/0123456789abcdef0123456789abcdef",
        "s/1/",
        "",
    ],
)
def test_foreign_or_misshapen_key_is_refused_everywhere(key: str, dead: Config) -> None:
    """By every call, and before anything is sent: the store behind it does not even exist."""
    storage = Storage(dead)
    for call in (
        lambda: assert_key(1, key),
        lambda: storage.put(1, key, b"", "image/png"),
        lambda: storage.get(1, key),
        lambda: storage.delete(1, key),
        lambda: storage.delete_many(1, [KEY_1, key]),
        lambda: storage.presigned_get(1, key, "image/png"),
    ):
        with pytest.raises(ForeignKeyRefused):
            call()


@pytest.mark.parametrize("school_id", [0, -1])
def test_no_key_without_a_school(school_id: int) -> None:
    with pytest.raises(ForeignKeyRefused):
        object_key(school_id, UUID_1)


# Storing and reading


@pytest.mark.parametrize("size", [0, 1, 6 * 1024 * 1024])
def test_what_is_put_is_got(storage: Storage, size: int) -> None:
    data = os.urandom(size)
    assert storage.get(1, stored(storage, data)) == data


def test_missing_object(storage: Storage) -> None:
    for _ in range(2):
        with pytest.raises(ObjectMissing):
            storage.get(1, KEY_1)
    assert storage.healthy()


def test_health_is_a_known_object_read_back(storage: Storage, objects: Objects) -> None:
    """A bucket that answers while its files are gone is not well, and uploads may go on."""
    assert storage.healthy()
    known = object_key(PROBE_SCHOOL, UUID(int=0))
    assert storage.get(PROBE_SCHOOL, known)
    storage.put(PROBE_SCHOOL, known, b"other bytes", "text/plain")
    assert not storage.healthy()
    storage.delete(PROBE_SCHOOL, known)
    assert not storage.healthy()
    assert storage.get(1, stored(storage)) == b"data"
    assert Storage(objects.door.config).healthy(), "a process that starts stores it anew"


def test_health_is_told_within_two_seconds(dead: Config) -> None:
    """A store that takes connections and never answers, as one whose process is stopped."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        storage, started = (
            Storage(replace(dead, s3_endpoint=f"http://127.0.0.1:{port}")),
            time.monotonic(),
        )
        assert not storage.healthy()
        assert time.monotonic() - started < 2.0
        remembered = Remembered()
        for _ in range(20):
            assert not remembered.healthy(storage)
        assert time.monotonic() - started < 3.5


def test_delete_is_repeatable(storage: Storage) -> None:
    first, second, third = (stored(storage) for _ in range(3))
    storage.delete(1, first)
    storage.delete(1, first)
    storage.delete_many(1, [first, second])
    storage.delete_many(1, [])
    for key in (first, second):
        with pytest.raises(ObjectMissing):
            storage.get(1, key)
    assert storage.get(1, third) == b"data"


# Presigned URLs


def test_presigned_overrides_type_and_disposition(
    storage: Storage, http: urllib3.PoolManager
) -> None:
    key = stored(storage, b"<script>", "text/html")
    shown = http.request("GET", storage.presigned_get(1, key, "image/png"))
    assert (shown.status, shown.data) == (200, b"<script>")
    assert shown.headers["Content-Type"] == "image/png"
    assert shown.headers["Content-Disposition"] == "inline"
    url = storage.presigned_get(1, key, "application/pdf", filename="期末 报告.pdf")
    saved = http.request("GET", url).headers["Content-Disposition"]
    assert saved.startswith("attachment; filename*=UTF-8''")
    assert unquote(saved).endswith("期末 报告.pdf")


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "application/pdf"])
def test_what_could_run_is_never_shown_in_place(dead: Config, kind: str) -> None:
    query = parse_qs(urlsplit(Storage(dead).presigned_get(1, KEY_1, kind)).query)
    assert query["response-content-disposition"] == ["attachment"]


def test_presigned_expires_and_resists_tampering(
    storage: Storage, http: urllib3.PoolManager
) -> None:
    url = storage.presigned_get(1, stored(storage), "image/png", seconds=1)
    assert http.request("GET", url).status == 200
    assert http.request("GET", url.replace("image%2Fpng", "text%2Fhtml")).status == 403
    assert http.request("GET", url.replace("/s/1/", "/s/2/")).status == 403
    assert http.request("DELETE", url).status == 403
    time.sleep(2.1)
    assert http.request("GET", url).status == 403


def test_presigned_needs_no_store_lives_300_s_and_uses_the_public_name(dead: Config) -> None:
    storage = Storage(replace(dead, s3_public_url="https://files.school.example"))
    url = urlsplit(storage.presigned_get(1, KEY_1, "image/png", seconds=86400))
    assert f"{url.scheme}://{url.netloc}" == "https://files.school.example"
    assert parse_qs(url.query)["X-Amz-Expires"] == ["300"]


@pytest.mark.parametrize("kind", ["image/png\r\nX: y", "html", "", "text/html; charset=gbk"])
def test_odd_media_types_are_refused(dead: Config, kind: str) -> None:
    with pytest.raises(ValueError, match="media type"):
        Storage(dead).presigned_get(1, KEY_1, kind)


# A store that is down


def test_dead_store_fails_fast(dead: Config) -> None:
    storage, started = Storage(dead), time.monotonic()
    for _ in range(50):
        with pytest.raises(StorageUnavailable):
            storage.get(1, KEY_1)
    assert not storage.healthy()
    assert time.monotonic() - started < 1.0


def test_unreachable_store_costs_one_second_once(dead: Config) -> None:
    """A listener whose queue is full drops every further knock, as a dead machine does."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        address = server.getsockname()
        with socket.create_connection(address), socket.socket() as knocker:
            knocker.setblocking(False)
            knocker.connect_ex(address)
            storage = Storage(replace(dead, s3_endpoint=f"http://127.0.0.1:{address[1]}"))
            started = time.monotonic()
            with pytest.raises(StorageUnavailable):
                storage.put(1, KEY_1, b"x", "image/png")
            assert 0.8 < time.monotonic() - started < 1.5
            with pytest.raises(StorageUnavailable) as refused:
                storage.get(1, KEY_1)
    assert time.monotonic() - started < 1.6
    assert refused.value.retry_after in range(1, 7)


def test_store_that_comes_back_is_found_again(objects: Objects, storage: Storage) -> None:
    key = stored(storage)
    storage.circuit.seconds = 0.3
    pid = objects.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(StorageUnavailable):
        for _ in range(100):
            storage.get(1, key)
    objects.start()
    time.sleep(0.35)
    assert storage.get(1, key) == b"data"
    assert storage.healthy()


def test_wrong_keys_are_unavailable_not_missing(objects: Objects) -> None:
    storage = Storage(replace(objects.door.config, s3_secret_key="x" * 64))
    with pytest.raises(StorageUnavailable):
        storage.get(1, KEY_1)


def test_works_under_gevent(objects: Objects) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", GEVENT],
        env={**os.environ, **objects.door.environment},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert answer.stdout.strip() == "True", answer.stderr
