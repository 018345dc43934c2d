"""What an administrator decides on the way of a file: every step one action."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, update

from campus import audit, clock, db, idempotency, jobs
from campus.actor import Actor
from campus.errors import Conflict, InvalidInput, NotFound
from tenants.people.bulk import tie_rows
from tenants.people.naming import grades_now
from tenants.roster.cell_values import BadCell
from tenants.roster.class_names import school_class
from tenants.roster.compare import OURS, THEIRS
from tenants.roster.imports import files
from tenants.roster.imports.jobs import apply_import, preview_import
from tenants.roster.imports.models import ImportHabit, ImportRun
from tenants.roster.layouts import Layout, guess, habit_key, recognise, shape_of
from tenants.roster.memory import habits
from tenants.roster.permissions import Rosters
from tenants.roster.questions import is_answer
from tenants.roster.table import WEB, Sheet, Table, read_bytes
from tenants.roster.titles import FIELDS, PUPILS, REQUIRED, plain_title

COLUMNS, WORKING, READY, DONE = "columns", "working", "ready", "done"
CANCELLED, FAILED = "cancelled", "failed"
OPEN = (COLUMNS, WORKING, READY, FAILED)
SAMPLE = 3
CLASS = "班级"
MOVED_ON = "这次导入已经往下走了，请刷新页面。"


def start_import(actor: Actor, *, data: bytes, key: str | None = None) -> int:
    """Take a file in and return its run; a repeated ``key`` does it once.

    Raises UnreadableFile with the sentence to show, Unavailable when the store is down.
    """
    actor.check(Rosters.IMPORT)
    asked = {"file": hashlib.sha256(data).hexdigest()}
    done = idempotency.done(actor, key, asked)
    if done is not None:
        return done
    known, grades = habits(), grades_now()
    db.release()
    table = read_bytes(data, WEB)
    roster = table.kind == "oneroster"
    sheets = [] if roster else _guessed(table, guess(table, grades, known))
    if not roster:
        recognise_any(table, known)
    run = ImportRun(
        account_id=actor.account_id,
        state=COLUMNS,
        key=files.keep(data),
        size=len(data),
        sheets=sheets,
        created_at=clock.now(),
    )
    return idempotency.once(actor, key, asked, lambda: _start(actor, run, roster=roster))


def _start(actor: Actor, run: ImportRun, *, roster: bool) -> int:
    db.session().add(run)
    db.session().flush()
    audit.record(actor, "onboarding.upload", "import", run.id, size=run.size)
    if roster:
        _work(run.id, "读取文件", preview_import)
    return run.id


def recognise_any(table: Table, known: Mapping[tuple[str, str], str]) -> None:
    """Raise UnreadableFile when no sheet holds anything at all that could be a list."""
    if not any(len(sheet.rows) > 1 for sheet in table.sheets):
        recognise(table, grades_now(), known)


def _guessed(table: Table, layouts: list[Layout]) -> list[dict[str, Any]]:
    return [_sheet(sheet, one) for sheet, one in zip(table.sheets, layouts, strict=True)]


def _sheet(sheet: Sheet, layout: Layout) -> dict[str, Any]:
    header = layout.header if layout.kind else _widest(sheet)
    titles = layout.titles or tuple(map(str, sheet.rows[header] if sheet.rows else ()))
    return {
        "name": sheet.name,
        "kind": layout.kind,
        "header": header,
        "titles": list(titles),
        "places": layout.places,
        "fixed": layout.fixed,
        "by_lines": layout.by_lines,
        "reason": layout.reason,
        "why": {str(one.at): one.reason for one in layout.columns if one.reason},
        "sample": sheet.rows[header + 1 : header + 1 + SAMPLE],
        "rows": max(len(sheet.rows) - header - 1, 0),
    }


def _widest(sheet: Sheet) -> int:
    """Where headings most likely stand when none is known."""
    first = sheet.rows[:6]
    return max(range(len(first)), key=lambda at: len([c for c in first[at] if c]), default=0)


def choose_columns(
    actor: Actor,
    *,
    run_id: int,
    kinds: Mapping[int, str],
    places: Mapping[tuple[int, int], str],
    rooms: Mapping[int, str],
) -> None:
    """Settle what each sheet and column holds, remember it, and preview.

    ``kinds`` maps a sheet to 学生, 教职工 or empty; ``places`` maps (sheet, column) to a field,
    ``rooms`` a sheet to the class of everybody in it. Raises InvalidInput naming the sheet.
    """
    run = _open_run(actor, run_id, COLUMNS, READY, FAILED)
    chosen = [
        _choice(at, one, kinds, places, rooms.get(at, ""))
        for at, one in enumerate(run.sheets or [])
    ]
    if not any(one["kind"] for one in chosen):
        raise InvalidInput({"form": "没有选中任何一张表：请至少选一张为学生或教职工。"})
    _learn(run.sheets or [], chosen)
    _set(run_id, chosen=chosen, takes={})
    _work(run_id, "读取文件", preview_import)


def _choice(
    at: int,
    sheet: dict[str, Any],
    kinds: Mapping[int, str],
    places: Mapping[tuple[int, int], str],
    room: str,
) -> dict[str, Any]:
    kind, name = kinds.get(at, ""), sheet["name"]
    found: dict[str, int] = {}
    for (of, column), field in places.items():
        if of != at or not kind or not field:
            continue
        if field not in FIELDS[kind]:
            raise InvalidInput({"form": f"「{name}」是{kind}名单，没有“{field}”这一列。"})
        if field in found:
            raise InvalidInput({"form": f"「{name}」有两列都选了“{field}”，请只留一列。"})
        found[field] = column
    told = found.keys() | {field for field, text in sheet["fixed"].items() if text}
    if kind == PUPILS and (room or sheet.get("by_lines")):
        told |= {CLASS}
    lacking = [field for field in (REQUIRED[kind] if kind else ()) if field not in told]
    if lacking:
        or_room = "，也可以直接写这张表是哪个班" if CLASS in lacking and kind == PUPILS else ""
        words = f"「{name}」还没有选哪一列是{'、'.join(lacking)}{or_room}。"
        raise InvalidInput({"form": words})
    if kind == PUPILS and room:
        _check_room(name, room)
    return {
        "kind": kind,
        "header": sheet["header"],
        "places": found,
        "room": room if kind == PUPILS else "",
    }


def _check_room(sheet: str, room: str) -> None:
    try:
        school_class(room, grades_now())
    except BadCell as error:
        raise InvalidInput({"form": f"「{sheet}」的班级：{error.reason}"}) from error


def _learn(sheets: Sequence[dict[str, Any]], chosen: Sequence[dict[str, Any]]) -> None:
    """Where a person chose otherwise than was guessed, keep the whole row of headings."""
    learnt: dict[tuple[str, str], str] = {}
    for sheet, one in zip(sheets, chosen, strict=True):
        compared = [plain_title(title) for title in sheet["titles"]]
        if not one["kind"] or (one["kind"] == sheet["kind"] and one["places"] == sheet["places"]):
            continue
        shape, fields = shape_of(compared), {at: name for name, at in one["places"].items()}
        for at, title in enumerate(compared):
            if title or at in fields:
                learnt[one["kind"], habit_key(shape, at)] = fields.get(at, "")
    columns = {
        "kind": [kind for kind, _ in learnt],
        "title": [title for _, title in learnt],
        "field": list(learnt.values()),
    }
    tie_rows(ImportHabit, columns)


def answer_conflict(
    actor: Actor, *, run_id: int, place: str, column: str, take: str, every: Sequence[str] = ()
) -> None:
    """Settle one field (or ``every`` open one) or answer a question, and preview anew."""
    run = _open_run(actor, run_id, READY)
    if take not in {OURS, THEIRS} and (every or not is_answer(take)):
        raise InvalidInput({"take": "请选择保留哪一个。"})
    names = every or [f"{place}|{column}"]
    if every and take == THEIRS:  # a former number taken is another person: never by the dozen
        names = [name for name in every if not name.endswith("手机")]
    _set(run_id, takes={**run.takes, **dict.fromkeys(names, take)})
    _work(run_id, "按您的选择重新计算", preview_import)
    audit.record(actor, "onboarding.answer", "import", run_id)


def reopen_columns(actor: Actor, *, run_id: int) -> None:
    """Back from the preview to the choice of columns."""
    run = _open_run(actor, run_id, READY, FAILED, COLUMNS)
    if not run.sheets:
        raise Conflict("OneRoster 的列是固定的，不用再选。")
    _set(run_id, state=COLUMNS)
    audit.record(actor, "onboarding.reopen", "import", run_id)


def apply_run(actor: Actor, *, run_id: int) -> None:
    """Queue the writing; a second time it does nothing more."""
    actor.check(Rosters.IMPORT)
    run = _locked(run_id)
    if run.state in {WORKING, DONE}:
        return
    if run.state not in {READY, FAILED} or run.counts is None:
        raise Conflict(MOVED_ON)
    audit.record(actor, "onboarding.apply", "import", run_id)
    _work(run_id, "准备写入", apply_import)


def cancel_run(actor: Actor, *, run_id: int) -> None:
    """Stop; what is being written is rolled back. Raises Conflict once it is done."""
    run = _open_run(actor, run_id, *OPEN, CANCELLED)
    if run.state == CANCELLED:
        return
    files.drop_after_commit(run.key)
    _set(run_id, state=CANCELLED, key=None, sheets=None, account=None, finished_at=clock.now())
    audit.record(actor, "onboarding.cancel", "import", run_id)


def _open_run(actor: Actor, run_id: int, *states: str) -> ImportRun:
    actor.check(Rosters.IMPORT)
    run = _locked(run_id)
    if run.state not in states:
        raise Conflict(MOVED_ON)
    return run


def _locked(run_id: int) -> ImportRun:
    run = db.session().scalar(
        select(ImportRun)
        .where(ImportRun.school_id == db.school_id(), ImportRun.id == run_id)
        .with_for_update()
    )
    if run is None:
        raise NotFound
    return run


def _set(run_id: int, **values: Any) -> None:
    db.session().execute(
        update(ImportRun)
        .where(ImportRun.school_id == db.school_id(), ImportRun.id == run_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def _work(run_id: int, step: str, job: jobs.Job) -> None:
    _set(run_id, state=WORKING, step=step, progress=0, message="")
    jobs.defer(job, run_id=run_id, lock=f"import:{db.school_id()}")
