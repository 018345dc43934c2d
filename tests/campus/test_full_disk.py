"""A full disk: reads go on, writes are refused with a time to try again, and it heals by itself."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from flask import Flask

from campus import db, logs, room, storage
from campus.embedded import files
from campus.embedded.ballast import SIZE, Ballast
from campus.embedded.postgres import Postgres
from campus.errors import Unavailable
from campus.migrations.steps import upgrade
from tests import factories
from tests.conftest import config_of, point_at
from tests.support.client import FRAGMENT, JSON, PageClient
from tests.support.memory_store import MemoryStore
from tests.support.seed import Seed

MEGABYTE = 2**20
DISK = 330 * MEGABYTE
# The web's own start, asked for a page, a part and a file by a client inside it.
LOGGING_TO_NOWHERE = """
import sys
from pathlib import Path
import tenants
from campus.app import create_app
from campus.logs import log
app = create_app(Path(tenants.__file__).resolve().parents[1], tenants.CAPABILITIES)
browser = app.test_client()
paths = ("/healthz", "/login", "/nothing", "/static/icons/favicon.svg", "/metrics")
log.error("x", exc_info=ValueError("y"))
print(*(browser.get(path).status_code for path in paths))
"""


def test_logs_that_find_no_room_fail_no_answer() -> None:
    """Standard error is a full device: `closed every answer without a word`, once."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", LOGGING_TO_NOWHERE],
            env={
                "PYTHONPATH": os.pathsep.join(sys.path),
                "CAMPUS_SECRET_KEY": factories.SECRET,
                "DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:9/none",
                "S3_ENDPOINT": "http://127.0.0.1:9",
                "S3_ACCESS_KEY": "a",
                "S3_SECRET_KEY": "b",
            },
            stdout=subprocess.PIPE,
            stderr=full,
            text=True,
            check=False,
        )
    assert done.stdout.split() == ["503", "200", "404", "200", "200"]


def test_lost_lines_are_counted_and_told(tmp_path: Path) -> None:
    file = os.open("/dev/full", os.O_WRONLY)
    out = logs.Unfailing(file)
    for _ in range(3):
        out.write("lost\n")
    with (tmp_path / "log").open("wb") as found:
        os.dup2(found.fileno(), file)
        out.write("后来\n")
        out.write("\udcff\n")
    os.close(file)
    cut, told, *others = (tmp_path / "log").read_text("utf-8").splitlines()
    assert cut == ""
    assert json.loads(told) == {"event": "log-lines-lost", "count": 3}
    assert others == ["后来", "\\udcff"]


def test_a_library_that_finds_no_room_is_a_503() -> None:
    """A large upload waits in a temporary file; its disk may be full too."""
    full = OSError(errno.ENOSPC, "No space left on device")
    assert room.none_left(full)
    assert not room.none_left(OSError(errno.ENOENT, "missing"))


def test_the_reserve_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_places", [])
    room.watch(tmp_path / "not" / "yet" / "made")
    room.check()
    monkeypatch.setattr(room, "RESERVE", 2**60)
    with pytest.raises(Unavailable, match="磁盘满了"):
        room.check()


@pytest.fixture(scope="module")
def small_disk() -> Iterator[Path]:
    """A file system of 330 MB that can be filled without harm to others."""
    folder = Path(tempfile.mkdtemp(prefix="campus-full-"))
    folder.chmod(0o711)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=0711", "tmpfs", str(folder)]
    try:
        made = subprocess.run(mount, capture_output=True, text=True, check=False)
        if made.returncode:
            pytest.skip(f"no file system can be mounted here: {made.stderr.strip()}")
        try:
            yield folder
        finally:
            subprocess.run(["umount", "-l", str(folder)], check=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def server(app: Flask, small_disk: Path) -> Iterator[tuple[Postgres, Seed]]:
    """PostgreSQL on it, as `make run` has it; photos in memory."""
    server = Postgres(files.prepare(small_disk / "home"))
    server.start()
    upgrade(server.url("migrator"))
    storage._configured[:] = [MemoryStore()]  # type: ignore[list-item]
    point_at(server, "campus")
    yield server, factories.plant()
    db.disconnect("web")
    db.disconnect("worker")
    storage.configure(config_of())
    server.stop()


def fill(path: Path) -> None:
    with suppress(OSError), path.open("ab", buffering=0) as file:
        while True:
            file.write(bytes(MEGABYTE))
    with suppress(OSError), path.open("ab", buffering=0) as file:
        while True:
            file.write(bytes(512))


def test_a_full_disk_leaves_the_reading(
    app: Flask, server: tuple[Postgres, Seed], small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres, seed = server
    monkeypatch.setattr(room, "_places", [])
    room.watch(postgres.home)
    teacher = PageClient(app, seed, seed.people["class_teacher"])
    guardian = PageClient(app, seed, seed.people["guardian"])
    ids = seed.schools["a"].ids
    address = f"/classes/{ids['class']}/praise"
    praise = {"pupil_id": ids["child"], "area": "moral", "comment": "x"}
    teacher.post(address, praise)
    before = postgres.cluster.pid()
    ballast = Ballast(postgres.cluster.place.folder)
    ballast.tend()
    assert ballast.path.stat().st_blocks * 512 >= SIZE, "it holds the room it promises"
    fill(small_disk / "filler")
    ballast.tend()
    assert SIZE <= room.free(small_disk) < room.RESERVE, "room for the reading, not for writes"
    for round_ in range(20):
        teacher.get("/classes")
        guardian.get("/home")
        teacher.get(f"/classes/{ids['class']}")
        for how in ({}, JSON, FRAGMENT):
            answer = teacher.post(address, praise | {"comment": f"{round_}"}, 503, headers=how)
            assert int(answer.headers["Retry-After"]) > 0
    assert "磁盘满了" in teacher.post(address, praise, 503, headers=JSON).get_json()["detail"]
    assert teacher.get("/healthz", at="").get_json()["parts"]["database"] == "ok"
    assert postgres.cluster.pid() == before, "PostgreSQL stood all the time"

    fill(small_disk / "filler")  # and again, to the last byte
    refused = []
    monkeypatch.setattr(room, "RESERVE", 0)  # as where the web cannot see the database's disk
    for round_ in range(40):
        sent = praise | {"comment": f"{round_:0300}", "csrf_token": teacher.token()}
        answer = teacher.http.post(teacher.base + address, data=sent)
        assert answer.status_code in (303, 503), answer.get_data(as_text=True)
        refused += [answer] if answer.status_code == 503 else []
    assert refused
    assert all("磁盘满了" in one.get_data(as_text=True) for one in refused)
    assert all(int(one.headers["Retry-After"]) > 0 for one in refused)

    monkeypatch.undo()
    room.watch(postgres.home)
    (small_disk / "filler").unlink()
    if not postgres.running():
        postgres.start()
    ballast.tend()
    assert ballast.path.exists()
    teacher.post(address, praise)
    guardian.get("/home")
