"""How a child's day stands, as one sentence and a few facts for the family's home."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select

from campus import clock, db
from tenants.classes.attendance import STATES
from tenants.classes.models import AttendanceMark, AttendanceSheet
from tenants.people.days import Kind, SchoolDay, day_on
from tenants.people.queries import Child

HEADLINES = {
    "late": "{call}今天到校晚了一些",
    "leave": "{call}今天请假了",
    "sick": "{call}今天请病假，好好休息",
    "absent": "{call}今天还没有到校",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One named fact of the day; ``tone`` is a colour with a meaning, or empty."""

    value: str
    label: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class ChildDay:
    """The day in words: a sentence, a line under it, facts."""

    headline: str
    subline: str
    facts: list[Fact]


def child_day(child: Child, moment: datetime) -> ChildDay:
    """How today stands for one child, from the sheets of its class, in one statement.

    A child on leave of absence has no day at school, and its class's sheets are not its own.
    """
    if child.last_day is not None:
        last = clock.date_words(child.last_day)
        words = f"在校到{last}，休学前在{child.class_label}。记录都还在。"
        return ChildDay(f"{child.call}正在休学", words, [])
    day = clock.day_of(moment)
    rows = db.rows(
        select(AttendanceSheet.half, AttendanceSheet.taken_at, AttendanceMark.state)
        .outerjoin(
            AttendanceMark,
            and_(
                AttendanceMark.school_id == AttendanceSheet.school_id,
                AttendanceMark.sheet_id == AttendanceSheet.id,
                AttendanceMark.pupil_id == child.id,
            ),
        )
        .where(
            AttendanceSheet.school_id == db.school_id(),
            AttendanceSheet.class_id == child.class_id,
            AttendanceSheet.day == day,
        )
        .order_by(AttendanceSheet.half)
    )
    halves = {row[0]: (row[1], _told(child, row[2])) for row in rows}
    today = day_on(day)
    return ChildDay(
        _headline(child, today, halves),
        _subline(child, today, halves),
        _facts(halves) if today.open else [],
    )


def _told(child: Child, state: str | None) -> str | None:
    """Illness is health: a guardian who may not know it hears that the child is on leave."""
    return "leave" if state == "sick" and not child.health else state


Halves = dict[str, tuple[datetime, str | None]]


CLOSED = {
    Kind.HOLIDAY: "{call}今天放假",
    Kind.REST: "{call}今天不上课",
    Kind.OUT: "{call}正在放假",
}


def _headline(child: Child, day: SchoolDay, halves: Halves) -> str:
    if not day.open:
        return CLOSED[day.kind].format(call=child.call)
    if not halves:
        return f"{child.call}的今天"
    state = list(halves.values())[-1][1]
    return HEADLINES[state].format(call=child.call) if state else f"{child.call}今天在校一切都好"


def _subline(child: Child, day: SchoolDay, halves: Halves) -> str:
    parts = [child.class_label, day.line]
    here = [taken for taken, state in halves.values() if state in (None, "late")]
    if here and day.open:
        parts.append(f"{clock.hm(here[0])} 点名")  # when each child came, nobody wrote down
    return " · ".join(parts)


def _facts(halves: Halves) -> list[Fact]:
    return [_fact(halves.get(half), label) for half, label in (("am", "上午"), ("pm", "下午"))]


def _fact(held: tuple[datetime, str | None] | None, label: str) -> Fact:
    if held is None:
        return Fact("未点名", label)
    state = held[1]
    if state is None:
        return Fact("到校", label, "good")
    return Fact(STATES[state], label, "need" if state in ("late", "absent") else "wait")
