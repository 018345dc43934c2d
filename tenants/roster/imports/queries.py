"""What the pages of an import show."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select

from campus import db
from campus.actor import Actor
from campus.errors import NotFound
from tenants.roster.imports.models import ImportLine, ImportRun
from tenants.roster.permissions import Rosters
from tenants.roster.report import Outcome

PAGE = 50
RECENT = 8
MOST_CONFLICTS = 2_000
NOTHING_TOLD = '%"problems": []%'  # as imports/lines.py writes it
TITLES = {
    Outcome.NEW: "新增",
    Outcome.CHANGED: "修改",
    Outcome.CONFLICTS: "要您选择",
    Outcome.REFUSED: "没有导入",
    Outcome.UNCHANGED: "不变",
}
CLOSED = frozenset({"done", "cancelled"})
NOT_CHOSEN = "没有选，没有动"  # once the run is over there is nothing left to choose
TINTS = {
    Outcome.NEW: "leaf",
    Outcome.CHANGED: "sky",
    Outcome.CONFLICTS: "sun",
    Outcome.REFUSED: "red",
    Outcome.UNCHANGED: "plain",
}
STATES = {
    "columns": "等您核对列名",
    "working": "正在处理",
    "ready": "等您确认",
    "done": "已导入",
    "cancelled": "已取消",
    "failed": "没有完成",
}


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run in the list of recent ones."""

    id: int
    state_title: str
    created_at: datetime
    rows: int
    open: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a row."""

    column: str
    ours: str
    theirs: str
    asked: bool
    only_ours: bool


@dataclass(frozen=True, slots=True)
class Ask:
    """A question of a row: its answers as (value, words)."""

    column: str
    words: str
    choices: list[list[str]]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the preview."""

    place: str
    sheet: str
    row: int
    title: str
    tint: str
    name: str
    group: str
    changes: list[Change]
    reasons: list[str]
    asks: list[Ask]
    facts: list[str]


@dataclass(frozen=True, slots=True)
class Preview:
    """One page of rows; ``total`` counts what the filter keeps."""

    lines: list[Line]
    page: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows have an outcome."""

    key: str
    title: str
    tint: str
    number: int


def run_of(actor: Actor, run_id: int) -> ImportRun:
    """A run of the actor's school. Raises NotFound."""
    actor.check(Rosters.IMPORT)
    run = db.session().scalar(
        select(ImportRun).where(ImportRun.school_id == db.school_id(), ImportRun.id == run_id)
    )
    if run is None:
        raise NotFound
    return run


def recent_runs(actor: Actor) -> list[RunLine]:
    """The last imports, newest first."""
    actor.check(Rosters.IMPORT)
    runs = db.session().scalars(
        select(ImportRun)
        .where(ImportRun.school_id == db.school_id())
        .order_by(ImportRun.created_at.desc(), ImportRun.id.desc())
        .limit(RECENT)
    )
    return [
        RunLine(
            one.id,
            STATES[one.state],
            one.created_at,
            (one.counts or {}).get("rows", 0),
            one.state in {"columns", "working", "ready"},
        )
        for one in runs
    ]


def counts_of(run: ImportRun) -> list[Count]:
    """The numbers above a preview or result."""
    counts = run.counts or {}
    titles = titles_of(run)
    return [Count(str(one), titles[one], TINTS[one], counts.get(str(one), 0)) for one in titles]


def titles_of(run: ImportRun) -> dict[Outcome, str]:
    """What each outcome is called while the run is open, and when it is over."""
    return TITLES | ({Outcome.CONFLICTS: NOT_CHOSEN} if run.state in CLOSED else {})


def preview(actor: Actor, run: ImportRun, *, outcome: str, page: int, words: str = "") -> Preview:
    """The rows of one outcome (all when empty) that hold ``words`` in name or class."""
    actor.check(Rosters.IMPORT)
    kept = [ImportLine.school_id == db.school_id(), ImportLine.run_id == run.id]
    if outcome in TITLES:
        kept.append(ImportLine.outcome == outcome)
    if words:
        kept.append(
            or_(
                ImportLine.name.contains(words, autoescape=True),
                ImportLine.group.contains(words, autoescape=True),
            )
        )
    session = db.session()
    total = session.scalar(select(func.count()).select_from(ImportLine).where(*kept)) or 0
    pages = max(-(-total // PAGE), 1)
    page = min(max(page, 1), pages)
    rows = session.scalars(
        select(ImportLine)
        .where(*kept)
        .order_by(ImportLine.line)
        .offset((page - 1) * PAGE)
        .limit(PAGE)
    )
    titles = titles_of(run)
    return Preview([_line(one, titles) for one in rows], page, pages, total)


def _line(one: ImportLine, titles: Mapping[Outcome, str] = TITLES) -> Line:
    detail: dict[str, Any] = json.loads(one.detail)
    outcome = Outcome(one.outcome)
    asked = outcome is Outcome.CONFLICTS
    asks = [Ask(*one) for one in detail.get("asks", ())]
    questions = {one.column for one in asks}
    return Line(
        f"{one.sheet}|{one.row}",
        one.sheet,
        one.row,
        titles[outcome],
        TINTS[outcome],
        one.name,
        one.group,
        [
            Change(column, ours, theirs, asked and by_hand, only_ours)
            for column, ours, theirs, by_hand, only_ours in detail["changes"]
        ],
        [
            message
            for column, message, code in detail["problems"]
            if code != "changed-by-hand" and column not in questions
        ],
        asks,
        detail.get("facts", []),
    )


def open_conflicts(run: ImportRun) -> list[str]:
    """Every field still to be chosen, as the answers name them."""
    rows = db.session().scalars(
        select(ImportLine)
        .where(
            ImportLine.school_id == run.school_id,
            ImportLine.run_id == run.id,
            ImportLine.outcome == Outcome.CONFLICTS,
        )
        .limit(MOST_CONFLICTS)
    )
    lines = [_line(one) for one in rows]
    return [
        f"{one.place}|{change.column}" for one in lines for change in one.changes if change.asked
    ]


def marks_of(run: ImportRun) -> dict[tuple[str, int], list[tuple[str, str]]]:
    """(column, reason) by sheet and row, for the workbook that goes back: what is refused, what
    waits, and what was told of a row that goes on."""
    rows = db.session().scalars(
        select(ImportLine).where(
            ImportLine.school_id == run.school_id,
            ImportLine.run_id == run.id,
            or_(
                ImportLine.outcome.in_([Outcome.REFUSED, Outcome.CONFLICTS]),
                ImportLine.detail.not_like(NOTHING_TOLD),
            ),
        )
    )
    return {
        (one.sheet, one.row): [
            (column, message) for column, message, _ in json.loads(one.detail)["problems"]
        ]
        for one in rows
    }
