"""One request, one connection, and none while something slow is done.

Every route is played by tests/authz with a pool of one (tests/conftest.py); here are the jobs and
the guards themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from campus import confined, db, jobs, storage
from campus.errors import CampusError
from campus.identity import passwords
from campus.offload import offload
from campus.pictures.redraw import BOUNDS, CHILD
from campus.vault import Vault
from tenants.people.models import Subject
from tests.authz import table
from tests.conftest import config_of
from tests.support.memory_store import MemoryStore
from tests.support.seed import Seed

pytestmark = pytest.mark.usefixtures("fresh")
HELD = "while a connection is held"
KEY = f"s/1/{'0' * 32}"


def test_a_second_one_is_refused(seed: Seed) -> None:
    with db.transaction(), pytest.raises(RuntimeError, match=HELD), db.transaction():
        pass
    with db.transaction(), pytest.raises(RuntimeError, match=HELD):
        db.begin()
    assert db.engine().pool.checkedout() == 0  # type: ignore[attr-defined]


SLOW: dict[str, Callable[[], Any]] = {
    "hashing": lambda: passwords.hashed("x"),
    "comparing a hash": lambda: passwords.matches(None, "x"),
    "work of other threads": lambda: offload(len, ""),
    "a picture or table in a child": lambda: confined.run(CHILD, b"", {}, BOUNDS),
    "the store": lambda: storage.Storage(config_of()).get(1, KEY),
    "the store's list": lambda: list(storage.Storage(config_of()).keys(1)),
    "the vault": lambda: list(Vault(config_of()).kept("audit/")),
}


@pytest.mark.parametrize("slow", SLOW, ids=str)
def test_nothing_slow_beside_it(slow: str) -> None:
    with db.transaction(), pytest.raises(RuntimeError, match=HELD):
        SLOW[slow]()


def test_released_it_is_another_s(seed: Seed) -> None:
    """What was done stands, the school is still entered, and whoever asks gets a new one."""
    school = seed.schools["a"].id
    with db.transaction(school_id=school):
        before = count()
        db.session().add(Subject(name="放开以前", position=99))
        db.release()
        with db.transaction(school_id=school, read_only=True):
            assert count() == before + 1
        assert db.school_id() == school
        assert count() == before + 1
        db.session().add(Subject(name="放开以后", position=98))
        db.undo()
        assert count() == before + 1
    with db.transaction(school_id=school):
        assert count() == before + 1


def count() -> int:
    return db.session().scalar(select(func.count()).select_from(Subject)) or 0


def test_not_in_the_middle_of_a_savepoint(seed: Seed) -> None:
    with (
        db.transaction(school_id=seed.schools["a"].id),
        pytest.raises(RuntimeError, match="savepoint"),
        db.savepoint(),
    ):
        db.release()


def test_afterwards_is_when_nothing_is_held(seed: Seed) -> None:
    """However it ended, and once."""
    told: list[str] = []

    def tell(word: str) -> Callable[[], None]:
        def call() -> None:
            with db.transaction(read_only=True):
                told.append(word)

        return call

    with pytest.raises(CampusError), db.transaction():
        db.when_over(tell("undone"))
        db.after_commit(tell("never"))
        raise CampusError
    with db.transaction():
        db.after_commit(tell("durable"))
        db.when_over(tell("over"))
        db.release()
        assert told == ["undone", "durable"]
    assert told == ["undone", "durable", "over"]


@pytest.mark.parametrize("name", [one["job"] for one in table.raw()["jobs"]])
def test_every_job_with_one(name: str, seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    """On rows of the seed where it works on one; what it refuses in our words is fine."""
    monkeypatch.setattr(storage, "_configured", [MemoryStore()])
    monkeypatch.setattr("campus.audit.outside.vault", lambda: Vault(config_of()))
    school, job = seed.schools["a"], jobs.JOBS[name]
    assert db.engine("worker").pool.size() == 1  # type: ignore[attr-defined]
    given = {} if job.platform else {"school_id": school.id}
    marks = next((marks for key, marks in OF_SEED.items() if key in arguments(job)), ())
    for number in [number for key, number in school.ids.items() if key.startswith(marks)]:
        run(job, given | {arguments(job)[-1]: number})
    if not marks:
        run(job, given)


OF_SEED = {"run_id": ("import_",), "task_id": ("mine_", "taken_", "bring_", "erase_")}


def arguments(job: jobs.Job) -> tuple[str, ...]:
    return job.run.__code__.co_varnames[: job.run.__code__.co_kwonlyargcount]


def run(job: jobs.Job, given: dict[str, Any]) -> None:
    try:
        jobs.perform(job, given)
    except CampusError:
        assert db.current_unit() is None
