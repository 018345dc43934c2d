"""Previewing and applying in the background, with progress people see and a way to stop.

The file is read while no transaction is open, and that is told; comparing and writing are one
transaction, undone as a whole when somebody cancels, which it looks for on its way. A worker that
dies begins again: the file is read and compared anew.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update

from campus import clock, db, outbox
from campus.actor import Actor
from campus.collector import uncollected
from campus.errors import CampusError
from campus.jobs import each_school, job
from campus.logs import log
from campus.schools.queries import open_schools
from tenants.people.naming import class_label, grades_now
from tenants.roster.imports import files
from tenants.roster.imports.lines import account_of, keep_lines
from tenants.roster.imports.models import ImportLine, ImportRun
from tenants.roster.judging import tell_unseen
from tenants.roster.layouts import Choice, recognise
from tenants.roster.memory import habits
from tenants.roster.oneroster.reading import read_oneroster
from tenants.roster.report import Outcome, Report
from tenants.roster.run_import import (
    PATIENCE,
    Plan,
    apply_plan,
    plan_roster,
    school_names,
)
from tenants.roster.table import WEB, Table, read_bytes

EVENT = "onboarding.import"
WORKING, READY, DONE, FAILED = "working", "ready", "done", "failed"
KEPT = timedelta(days=7)
MOST_NAMED = 12
BROKE = "导入没有完成，什么都没有写入。请再试一次；如果一直这样，请联系平台运维。"


class Cancelled(Exception):
    """Somebody stopped the run while it was worked on."""


@job(name="onboarding.preview", attempts=1)
def preview_import(*, school_id: int, run_id: int) -> None:
    """Say row by row what applying would do."""

    def work(run: ImportRun, table: Table) -> None:
        plan = _planned(run, table)
        keep_lines(run_id, plan.report)
        _finish(run_id, READY, plan.report, message=_opening(plan))

    _guarded(school_id, run_id, work)


@job(name="onboarding.apply", attempts=1)
def apply_import(*, school_id: int, run_id: int) -> None:
    """Do it, in one transaction."""

    def work(run: ImportRun, table: Table) -> None:
        plan = _planned(run, table)
        actor = Actor(run.account_id, "", school_id, trusted=True)
        apply_plan(actor, plan, progress=lambda step, _: _go_on(run_id, step))
        _go_on(run_id, "完成")
        keep_lines(run_id, plan.report)
        files.drop_after_commit(run.key)
        _finish(run_id, DONE, plan.report, key=None, sheets=None, finished_at=clock.now())

    _guarded(school_id, run_id, work)


def _guarded(school_id: int, run_id: int, work: Callable[[ImportRun, Table], None]) -> None:
    run = db.session().scalar(
        select(ImportRun).where(
            ImportRun.school_id == school_id,
            ImportRun.id == run_id,
            ImportRun.state == WORKING,
        )
    )
    if run is None or run.key is None:
        return
    db.session().expunge(run)
    db.release()
    try:
        with uncollected():
            table = read_bytes(files.fetch(run.key), WEB)
            _tell(school_id, run_id, "对照现有名册", 30)
            with db.transaction(school_id=school_id, role="worker"):
                work(run, table)
    except Cancelled:
        return
    except CampusError as error:
        _fail(school_id, run_id, error.message)
    except Exception:
        log.exception("an import broke", run=run_id)
        _fail(school_id, run_id, BROKE)


def _planned(run: ImportRun, table: Table) -> Plan:
    """Compare the file with the school as it is now."""
    db.be_patient(PATIENCE)
    actor, report = Actor(run.account_id, "", run.school_id, trusted=True), Report()
    takes = {_place(name): take for name, take in run.takes.items()}
    if table.kind == "oneroster":
        roster = read_oneroster(table, report, grades_now(), names=school_names())
        return plan_roster(actor, roster=roster, report=report, takes=takes)
    chosen = None if run.chosen is None else [Choice(**one) for one in run.chosen]
    tell_unseen(table, report)
    layouts = recognise(table, grades_now(), habits(), chosen)
    return plan_roster(actor, layouts=layouts, report=report, takes=takes)


def _opening(plan: Plan) -> str:
    """Which classes would be made: a slip in a class's name shows here before it is one."""
    if not plan.opens:
        return ""
    names = [class_label(*key, clock.today()) for key in plan.opens[:MOST_NAMED]]
    more = "等" if len(plan.opens) > MOST_NAMED else ""
    return f"会新开 {len(plan.opens)} 个班：{'、'.join(names)}{more}。"


def _place(name: str) -> tuple[str, int, str]:
    """``学生|3|座号`` as (sheet, row, column)."""
    sheet, row, column = name.rsplit("|", 2)
    return sheet, int(row), column


def _finish(run_id: int, state: str, report: Report, **more: Any) -> None:
    counts = {str(outcome): report.count(outcome) for outcome in Outcome}
    counts |= {"rows": len(report.outcomes), "told": report.told()}
    found = db.session().scalar(
        update(ImportRun)
        .where(
            ImportRun.school_id == db.school_id(),
            ImportRun.id == run_id,
            ImportRun.state == WORKING,
        )
        .values(
            state=state, progress=100, step="", counts=counts, account=account_of(report), **more
        )
        .returning(ImportRun.account_id)
    )
    if found is None:
        raise Cancelled
    outbox.publish(EVENT, to=[found], data={"run": run_id, "progress": 100})


def _tell(school_id: int, run_id: int, step: str, share: int) -> None:
    """Progress, visible at once. Raises Cancelled when somebody stopped the run."""
    if not _mark(school_id, run_id, share, step=step, progress=share):
        raise Cancelled


def _go_on(run_id: int, _: str) -> None:
    """Raise Cancelled when somebody stopped the run, which an open transaction can see."""
    wanted = select(ImportRun.id).where(
        ImportRun.school_id == db.school_id(), ImportRun.id == run_id, ImportRun.state == WORKING
    )
    if not db.rows(wanted):
        raise Cancelled


def _fail(school_id: int, run_id: int, words: str) -> None:
    _mark(school_id, run_id, 100, state=FAILED, message=words)


def _mark(school_id: int, run_id: int, share: int, **values: Any) -> bool:
    with db.transaction(school_id=school_id, role="worker") as session:
        account = session.scalar(
            update(ImportRun)
            .where(
                ImportRun.school_id == school_id,
                ImportRun.id == run_id,
                ImportRun.state == WORKING,
            )
            .values(**values)
            .returning(ImportRun.account_id)
        )
        if account is not None:
            outbox.publish(EVENT, to=[account], data={"run": run_id, "progress": share})
        return account is not None


@job(name="onboarding.forget-imports")
def forget_imports(*, school_id: int) -> None:
    """After seven days nothing of an upload remains but its counts."""
    old = clock.now() - KEPT
    runs = select(ImportRun.id).where(ImportRun.school_id == school_id, ImportRun.created_at < old)
    session = db.session()
    session.execute(
        delete(ImportLine).where(ImportLine.school_id == school_id, ImportLine.run_id.in_(runs))
    )
    keys = session.scalars(
        select(ImportRun.key).where(
            ImportRun.school_id == school_id, ImportRun.created_at < old, ImportRun.key.is_not(None)
        )
    ).all()
    session.execute(
        update(ImportRun)
        .where(ImportRun.school_id == school_id, ImportRun.created_at < old)
        .values(key=None, sheets=None, chosen=None, takes={}, account=None)
    )
    for key in keys:
        files.drop_after_commit(key)


JOBS = (
    preview_import,
    apply_import,
    forget_imports,
    each_school(forget_imports, cron="47 3 * * *", schools=open_schools),
)
