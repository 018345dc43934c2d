"""Jobs are queued with the transaction, run in their school and leave it."""

from __future__ import annotations

from contextvars import Context
from typing import Any

import psycopg
import pytest
import structlog
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy import text

from campus import db, jobs, logs, storage
from campus.config import Config
from campus.embedded.postgres import Postgres
from tests.campus.realtime import parts
from tests.factories import SECRET

postgres, app_db = parts.postgres, parts.app_db
seen: list[tuple[str, int]] = []


@pytest.fixture(autouse=True)
def queue(app_db: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """No jobs but those of the test; one pupil in each school."""
    monkeypatch.setattr(jobs, "JOBS", {})
    seen.clear()
    for school_id in (1, 2):
        with db.transaction(school_id=school_id) as session:
            session.execute(text(f"INSERT INTO pupil VALUES ({school_id}, 'somebody')"))


def count(question: str) -> int:
    with db.transaction(role="worker") as session:
        return int(session.scalar(text(f"SELECT count(*) FROM {question}")) or 0)


def look(name: str) -> None:
    rows = db.session().scalar(text("SELECT count(*) FROM pupil"))
    seen.append((name, rows or 0))


def school_job(**options: Any) -> jobs.Job:
    @jobs.job(name="test.look", **options)
    def run(*, school_id: int) -> None:
        look(f"school {school_id}")

    return run


def platform_job() -> jobs.Job:
    @jobs.job(name="test.all", platform="looks at no school")
    def run() -> None:
        look("platform")

    return run


def work(server: Postgres) -> None:
    jobs.run_worker(Config(worker_database_url=server.url("worker"), secret_key=SECRET), wait=False)
    db.connect(server.url("worker"), role="worker")  # the worker closed it when it ended


def test_the_worker_knows_the_store_and_logs_no_person(
    app_db: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pictures, imports and take-aways are its work; what breaks is told without local values."""
    monkeypatch.setattr(storage, "_configured", [])
    store = {"s3_endpoint": "http://127.0.0.1:9", "s3_access_key": "a", "s3_secret_key": "b"}
    url = app_db.url("worker")
    jobs.run_worker(Config(worker_database_url=url, secret_key=SECRET, **store), wait=False)
    db.connect(url, role="worker")
    assert storage.store().bucket
    assert logs.without_persons in structlog.get_config()["processors"]


def test_a_rolled_back_action_defers_nothing() -> None:
    job = school_job()
    with pytest.raises(RuntimeError), db.transaction(school_id=1):
        jobs.defer(job)
        raise RuntimeError
    assert count("procrastinate_jobs") == 0


def test_a_job_waits_for_the_commit_and_carries_its_school() -> None:
    job = school_job(queue="reports")
    with db.transaction(school_id=2):
        jobs.defer(job)
        assert Context().run(count, "procrastinate_jobs") == 0, "somebody else sees none"
    waiting = "procrastinate_jobs WHERE queue_name = 'reports' AND args = '{\"school_id\": 2}'"
    assert count(waiting) == 1


def test_the_worker_enters_each_school_and_leaves_it(
    app_db: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "CONCURRENCY", 1)  # one connection for all of them
    of_school, of_platform = school_job(), platform_job()
    for school_id in (1, 2):
        with db.transaction(school_id=school_id):
            jobs.defer(of_school)
        with db.transaction():
            jobs.defer(of_platform)
    work(app_db)
    assert sorted(seen) == [("platform", 0), ("platform", 0), ("school 1", 1), ("school 2", 1)]
    assert count("procrastinate_jobs") == 0


def test_a_job_without_a_school_is_refused() -> None:
    job = school_job()
    for arguments in ({}, {"school_id": None}, {"school_id": "1"}, {"school_id": True}):
        with pytest.raises(jobs.JobRefused):
            jobs.perform(job, arguments)
    assert seen == []


def test_a_school_queues_no_work_for_another() -> None:
    job = school_job()
    with db.transaction(school_id=1):
        with pytest.raises(jobs.JobRefused):
            jobs.defer(job, school_id=2)
    with db.transaction(), pytest.raises(LookupError):
        jobs.defer(job)


def test_a_declaration_that_contradicts_itself_crashes() -> None:
    def without_school() -> None: ...

    def with_school(*, school_id: int) -> None: ...

    with pytest.raises(TypeError, match="school_id"):
        jobs.job(name="test.a")(without_school)
    with pytest.raises(TypeError, match="school_id"):
        jobs.job(name="test.a", platform="because")(with_school)
    with pytest.raises(ValueError, match="each_school"):
        jobs.job(name="test.a", cron="* * * * *")(with_school)
    jobs.job(name="test.a")(with_school)
    with pytest.raises(ValueError, match="two jobs"):
        jobs.job(name="test.a")(with_school)


def test_each_school_gets_one_and_never_two_waiting() -> None:
    job = school_job()
    fan_out = jobs.each_school(job, cron="0 3 * * *", schools=lambda: [1, 2])
    with db.transaction(school_id=1):
        jobs.defer(job, once="test.look:1")
    for _ in range(2):
        jobs.perform(fan_out, {})
    assert count("procrastinate_jobs WHERE task_name = 'test.look'") == 2


def test_once_means_once() -> None:
    job = school_job()
    with pytest.raises(AlreadyEnqueued), db.transaction(school_id=1):
        jobs.defer(job, once="x")
        jobs.defer(job, once="x")
    assert count("procrastinate_jobs") == 0


@pytest.mark.parametrize(("attempts", "status"), [(1, "failed"), (2, "todo")])
def test_a_failed_job_is_tried_again_as_often_as_it_says(
    app_db: Postgres, attempts: int, status: str
) -> None:
    @jobs.job(name="test.fail", attempts=attempts)
    def fail(*, school_id: int) -> None:
        db.session().execute(text("INSERT INTO pupil VALUES (1, 'half done')"))
        raise RuntimeError("as asked")

    with db.transaction(school_id=1):
        jobs.defer(fail)
    work(app_db)
    assert count(f"procrastinate_jobs WHERE status = '{status}' AND attempts = 1") == 1
    with db.transaction(school_id=1) as session:
        assert session.scalar(text("SELECT count(*) FROM pupil")) == 1


def test_what_a_killed_worker_left_is_done_again(app_db: Postgres) -> None:
    job = school_job()
    with db.transaction(school_id=1):
        jobs.defer(job)
    with psycopg.connect(app_db.superuser_dsn, dbname="campus") as connection:
        connection.execute("UPDATE procrastinate_jobs SET status = 'doing'")
    work(app_db)
    assert seen == [("school 1", 1)]


def test_a_periodic_job_is_given_no_timestamp() -> None:
    run = jobs._runner(platform_job())
    run(timestamp=1)
    assert seen == [("platform", 0)]
