"""Work for later, in a queue of PostgreSQL, deferred by the transaction that wants it done.

    @job(name="growth.report", queue="reports")
    def make_report(*, school_id: int, term_id: int) -> None: ...

    defer(make_report, term_id=7)     # gone again if the action is rolled back

A job enters its school by its argument ``school_id``, runs in one transaction of the role
``worker`` and leaves the school with it. Work of the platform itself says why it has no school.
A job may run twice (its worker was killed), so it must bear that.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import logging
import signal
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.schema import SchemaManager
from sqlalchemy.engine import make_url

from campus import clock, crypto, db, logs, storage
from campus.config import Config
from campus.schools.standing import suspended

RETRY_BASE_SECONDS = 4  # so 4, 16, 64 … seconds after the first failures
CONCURRENCY = 2
GRACE_SECONDS = 20.0
STALLED_SECONDS = 30.0
LONGEST_DELAY = 10.0
PUT_OFF = timedelta(hours=1)  # a suspended school's work; it is looked at again then

Run = Callable[..., None]

log = logging.getLogger(__name__)


class JobRefused(Exception):
    """A job without a school, or for another school than the one entered."""


@dataclass(frozen=True, slots=True)
class Job:
    """One kind of work. ``platform`` is the reason why it has no school, or empty."""

    name: str
    run: Run
    queue: str = "default"
    cron: str | None = None
    platform: str = ""
    attempts: int = 5


JOBS: dict[str, Job] = {}
# Deferring needs no connection of its own, so this application is never opened.
_deferrer = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())


def job(
    *,
    name: str,
    queue: str = "default",
    cron: str | None = None,
    platform: str = "",
    attempts: int = 5,
) -> Callable[[Run], Job]:
    """Register a function as the job ``name`` (``capability.verb``).

    ``cron`` (five fields, the server's time zone) is for platform jobs; a school's goes through
    ``each_school``. ``attempts`` counts the first one. Raises ValueError for a name taken or a
    cron without ``platform``, TypeError when ``school_id`` and ``platform`` do not exclude another.
    """

    def decorate(run: Run) -> Job:
        if ("school_id" in inspect.signature(run).parameters) is bool(platform):
            raise TypeError(f"{name}: a job takes school_id, or says platform='why it has none'")
        if cron and not platform:
            raise ValueError(f"{name}: only a platform job has a cron; use each_school(job, cron)")
        if name in JOBS:
            raise ValueError(f"two jobs are called {name}")
        JOBS[name] = Job(name, run, queue, cron, platform, attempts)
        return JOBS[name]

    return decorate


def defer(
    job: Job,
    *,
    at: datetime | None = None,
    lock: str | None = None,
    once: str | None = None,
    **arguments: Any,
) -> int:
    """Queue ``job`` with the open transaction; returns its number, good after commit.

    ``school_id`` is the school entered unless given. ``at``: not before. ``lock``: jobs of one
    lock run one after another. ``once``: AlreadyEnqueued while one of this name waits, which
    spoils the transaction unless a savepoint is around it. Arguments are JSON. Raises JobRefused
    for another school than the one entered, LookupError for none.
    """
    return _deferrer.configure_task(
        job.name,
        queue=job.queue,
        lock=lock,
        queueing_lock=once,
        schedule_at=at,
        connection=db.unit().driver,
    ).defer(**_addressed(job, arguments))


def _addressed(job: Job, arguments: dict[str, Any]) -> dict[str, Any]:
    if job.platform:
        return arguments
    entered = db.unit().school_id
    wanted = arguments.get("school_id", entered)
    if wanted is None:
        raise LookupError(f"{job.name} needs a school and none was entered")
    if entered is not None and wanted != entered:
        raise JobRefused(f"{job.name}: school {entered} may not queue work for school {wanted}")
    return {**arguments, "school_id": wanted}


def perform(job: Job, arguments: dict[str, Any]) -> None:
    """Run one job as the worker does: in its school, in one transaction. Raises JobRefused.

    The work of a suspended school is put off by an hour, again and again until it goes on.
    """
    school_id = arguments.get("school_id")
    if not job.platform and type(school_id) is not int:
        raise JobRefused(f"{job.name} came without a school")
    with db.transaction(school_id=None if job.platform else school_id, role="worker"):
        if school_id is not None and not job.platform and suspended(school_id):
            defer(job, at=clock.now() + PUT_OFF, **arguments)
            return
        job.run(**arguments)


def each_school(inner: Job, *, cron: str, schools: Callable[[], Iterable[int]]) -> Job:
    """A platform job that queues ``inner`` for every school ``schools()`` returns (the open ones).

    A school whose last one still waits gets no second one.
    """

    @job(name=f"{inner.name}.each", queue=inner.queue, cron=cron, platform="fans out to schools")
    def fan_out() -> None:
        for school_id in schools():
            # The index that says "it waits already" must not spoil the other schools' turn.
            with contextlib.suppress(AlreadyEnqueued), db.savepoint():
                defer(inner, school_id=school_id, once=f"{inner.name}:{school_id}")

    return fan_out


def schema_sql() -> str:
    """The queue's tables, types and functions as SQL text, for a migration."""
    return str(SchemaManager.get_schema())


def run_worker(config: Config, *, wait: bool = True) -> None:
    """Do jobs until SIGTERM or SIGINT; with ``wait=False`` only those that are due now.

    Outlives restarts of PostgreSQL; when told to end it finishes what it began, 20 s at most.
    """
    url = config.worker_database_url or config.database_url
    logs.configure()
    crypto.configure(config)
    if config.s3_endpoint:
        storage.configure(config)
    db.connect(url, pool_size=CONCURRENCY, role="worker")
    try:
        asyncio.run(_work(url, wait))
    finally:
        db.disconnect("worker")


def _application(url: str) -> procrastinate.App:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    app = procrastinate.App(
        connector=procrastinate.PsycopgConnector(
            conninfo=plain, min_size=1, max_size=CONCURRENCY + 2, kwargs={"connect_timeout": 3}
        )
    )
    for item in JOBS.values():
        task = app.task(name=item.name, queue=item.queue, retry=_retry(item))(_runner(item))
        if item.cron:
            app.periodic(cron=item.cron, periodic_id=item.name)(task)
    return app


def _retry(item: Job) -> procrastinate.RetryStrategy | bool:
    if item.attempts <= 1:
        return False  # to the library 0 further attempts mean: without end
    return procrastinate.RetryStrategy(
        max_attempts=item.attempts - 1, exponential_wait=RETRY_BASE_SECONDS
    )


def _runner(item: Job) -> Run:
    def run(**arguments: Any) -> None:
        arguments.pop("timestamp", None)  # what the clock adds to a periodic job
        perform(item, arguments)

    return run


async def _work(url: str, wait: bool) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    delay = 0.5
    while not stop.is_set():
        try:
            await _until(stop, _application(url), wait)
            delay = 0.5
        except Exception:
            log.exception("the worker stopped and begins again in %.1f s", delay)
        if not wait:
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), delay)
        delay = min(delay * 2, LONGEST_DELAY)


async def _until(stop: asyncio.Event, app: procrastinate.App, wait: bool) -> None:
    options: dict[str, Any] = {"wait": wait, "concurrency": CONCURRENCY}
    options |= {"delete_jobs": "successful", "shutdown_graceful_timeout": GRACE_SECONDS}
    async with app.open_async():
        await _take_up_stalled(app)
        work = app.run_worker_async(install_signal_handlers=False, **options)
        tasks = [asyncio.create_task(part) for part in (work, _tend(app), stop.wait())]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(result, Exception):
                raise result


async def _tend(app: procrastinate.App) -> None:
    while True:
        await asyncio.sleep(STALLED_SECONDS)
        await _take_up_stalled(app)


async def _take_up_stalled(app: procrastinate.App) -> None:
    """What a killed worker left half done goes back into the queue."""
    stalled = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS)
    for left in stalled:
        log.warning("job %s of a dead worker is done again", left.id)
        await app.job_manager.retry_job(left)
