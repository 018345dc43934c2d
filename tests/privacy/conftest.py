"""A real store, a scrap folder of the test's own, and a way to do what the worker would."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from campus import db, jobs, storage
from tenants.privacy.models import TakeawayTask
from tests.factories import Seed
from tests.support.memory_store import MemoryStore


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Scrap files lie in the test's folder."""
    monkeypatch.setenv("CAMPUS_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def objects_of_seed(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> MemoryStore:
    """The pictures the seed's rows name, in a store of this test alone.

    The real store is one for all workers of a run, and an erased school takes its objects along.
    """
    made = MemoryStore()
    monkeypatch.setattr(storage, "_configured", [made])
    return filled(made, seed)


@pytest.fixture
def real_objects(store: storage.Storage, seed: Seed) -> storage.Storage:
    """The same in the real store."""
    return filled(store, seed)


def filled(store: Any, seed: Seed) -> Any:
    """Put the pictures the seed's rows name into a store."""
    for one in seed.schools.values():
        for key in one.files:
            store.put(one.id, key, picture_of(one.id), "image/jpeg")
    return store


def picture_of(school_id: int) -> bytes:
    """A picture with shades, so that a wrong one is told apart."""
    image = Image.linear_gradient("L").resize((120, 90)).convert("RGB")
    image.paste((school_id * 40 % 256, 90, 160), (10, 10, 50, 40))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=82)
    return out.getvalue()


@pytest.fixture
def work() -> Callable[[int, int], None]:
    """work(school_id, task_id): the worker's part of one task, school blanked before."""

    def run(school_id: int, task_id: int) -> None:
        assert db.current_unit() is None
        jobs.perform(jobs.JOBS["takeaway.work"], {"school_id": school_id, "task_id": task_id})

    return run


class Zip:
    """A fetched file, opened."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.zip = zipfile.ZipFile(io.BytesIO(data))
        self.names = self.zip.namelist()

    def read(self, name: str) -> bytes:
        """One part."""
        return self.zip.read(name)

    def text(self, name: str) -> str:
        """One part as text."""
        return self.read(name).decode()

    @property
    def json(self) -> dict[str, Any]:
        """data.json."""
        return json.loads(self.read("data.json"))  # type: ignore[no-any-return]

    def every_byte(self) -> bytes:
        """All parts unpacked, those of inner zips (xlsx) too, with their names."""
        return b"\n".join(_unpacked(self.zip))


def _unpacked(archive: zipfile.ZipFile) -> list[bytes]:
    found = []
    for name in archive.namelist():
        data = archive.read(name)
        found += [name.encode(), data]
        if data[:2] == b"PK":
            found += _unpacked(zipfile.ZipFile(io.BytesIO(data)))
    return found


def stored(school_id: int, task_id: int) -> Zip:
    """The file of a finished task, from the store."""
    with db.transaction(school_id=school_id) as session:
        task = session.get_one(TakeawayTask, (school_id, task_id))
        assert task.state == "done", (task.state, task.problem)
        assert task.key
    return Zip(storage.store().get(school_id, task.key))


def task_of(school_id: int, task_id: int) -> Any:
    """A task's row."""
    with db.transaction(school_id=school_id) as session:
        return session.get_one(TakeawayTask, (school_id, task_id))
