"""The chapter of a child's book about attendance: half days by term, only exceptions by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, func, or_, select

from campus import db
from campus.personal_data import Chapter, Reader, Sheet
from tenants.classes.attendance import STATES
from tenants.classes.models import AttendanceMark, AttendanceSheet
from tenants.people.models import Enrollment, Term


@dataclass(frozen=True, slots=True)
class TermDays:
    """Attendance of one term in half days; only exceptions are counted by state."""

    name: str
    starts_on: date
    ends_on: date
    taken: int
    states: dict[str, int]

    @property
    def words(self) -> str:
        """``点名 86 个半天，到校 84 个；请假 1 次，迟到 1 次。``"""
        other = sum(self.states.values())
        said = [f"{STATES[key]} {count} 次" for key, count in self.states.items() if count]
        tail = f"；{'，'.join(said)}" if said else "，天天按时"
        return f"点名 {self.taken} 个半天，到校 {self.taken - other} 个{tail}。"


def chapter(pupil_id: int, reader: Reader) -> Chapter:
    """Every term the child was called over in."""
    terms = list(_terms(pupil_id, reader))
    rows = [(term.name, term.words) for term in terms]
    return Chapter(
        sheets=(Sheet("考勤", ("学期", "说明"), rows),),
        template="classes/book.html",
        context={"terms": terms},
        fields=lambda _: _fields(terms),
    )


def _fields(terms: list[TermDays]) -> Mapping[str, Any]:
    return {
        "attendance": [
            {
                "term": term.name,
                "starts_on": term.starts_on.isoformat(),
                "ends_on": term.ends_on.isoformat(),
                "half_days": term.taken,
                "states": term.states,
            }
            for term in terms
        ]
    }


def _terms(pupil_id: int, reader: Reader) -> Iterable[TermDays]:
    counted = [func.count().filter(AttendanceMark.state == state) for state in STATES]
    rows = db.rows(
        select(Term.name, Term.starts_on, Term.ends_on, func.count(), *counted)
        .join(
            AttendanceSheet,
            and_(
                AttendanceSheet.school_id == Term.school_id,
                AttendanceSheet.day.between(Term.starts_on, Term.ends_on),
            ),
        )
        .join(
            Enrollment,
            and_(
                Enrollment.school_id == Term.school_id,
                Enrollment.class_id == AttendanceSheet.class_id,
                Enrollment.pupil_id == pupil_id,
                Enrollment.starts_on <= AttendanceSheet.day,
                or_(Enrollment.ends_on.is_(None), Enrollment.ends_on >= AttendanceSheet.day),
            ),
        )
        .outerjoin(
            AttendanceMark,
            and_(
                AttendanceMark.school_id == AttendanceSheet.school_id,
                AttendanceMark.sheet_id == AttendanceSheet.id,
                AttendanceMark.pupil_id == pupil_id,
            ),
        )
        .where(Term.school_id == db.school_id())
        .group_by(Term.id, Term.name, Term.starts_on, Term.ends_on)
        .order_by(Term.starts_on)
    )
    for name, starts_on, ends_on, taken, *counts in rows:
        states = dict(zip(STATES, counts, strict=True))
        if not reader.health:
            states["leave"] += states.pop("sick")
        yield TermDays(name, starts_on, ends_on, taken, states)
