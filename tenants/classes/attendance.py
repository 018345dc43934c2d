"""Attendance: present is the rule and needs one tap; an exception has a mark."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from campus import audit, clock, db
from campus.actor import Actor
from campus.errors import InvalidInput, NotFound
from tenants.classes.models import AttendanceMark, AttendanceSheet
from tenants.classes.permissions import Classes
from tenants.people import scope
from tenants.people.days import day_on
from tenants.people.models import Enrollment, HomeroomClass

PRESENT = "present"
STATES = {"late": "迟到", "leave": "请假", "sick": "病假", "absent": "缺勤"}
HALVES = {"am": "上午", "pm": "下午"}
NOON = 12
NO_LESSONS = (
    "{day}{why}，不用点名。这一天要上课的话，请学校管理员在“学校设置”的“学年与学期”里设为补课日。"
)


def half_now(moment: datetime | None = None) -> str:
    """``am`` before noon, ``pm`` after."""
    return "am" if (moment or clock.now()).hour < NOON else "pm"


def take_attendance(
    actor: Actor,
    *,
    class_id: int,
    day: date,
    half: str,
    exceptions: Mapping[int, str] | None = None,
    at: datetime | None = None,
) -> int:
    """Everybody is present but ``exceptions`` (pupil id → state); returns the sheet's id.

    Taking it again replaces it, so one tap repairs a slip. Raises NotFound for a class out of
    reach, InvalidInput for a pupil who is not in it or a day without lessons.
    """
    actor.check(Classes.ATTENDANCE)
    reach_class(actor, class_id)
    check_lessons(day)
    marks = dict(exceptions or {})
    _check_states(marks.values())
    _check_pupils(class_id, set(marks), day)
    sheet_id = _open_sheet(actor, class_id, day, half, at)
    session = db.session()
    session.execute(
        delete(AttendanceMark).where(
            AttendanceMark.school_id == db.school_id(), AttendanceMark.sheet_id == sheet_id
        )
    )
    if marks:
        session.execute(
            insert(AttendanceMark),
            [
                {
                    "school_id": db.school_id(),
                    "sheet_id": sheet_id,
                    "pupil_id": pupil_id,
                    "state": state,
                    "marked_by": actor.account_id,
                }
                for pupil_id, state in marks.items()
            ],
        )
    audit.record(actor, "classes.attendance", "class", class_id, exceptions=len(marks))
    return sheet_id


def mark_attendance(
    actor: Actor, *, class_id: int, pupil_id: int, day: date, half: str, state: str
) -> None:
    """Set one pupil's state; the first mark of a half day also opens its sheet.

    Raises as `take_attendance` does.
    """
    actor.check(Classes.ATTENDANCE)
    reach_class(actor, class_id)
    check_lessons(day)
    if state != PRESENT:
        _check_states([state])
    _check_pupils(class_id, {pupil_id}, day)
    sheet_id = _open_sheet(actor, class_id, day, half, None)
    held = {"school_id": db.school_id(), "sheet_id": sheet_id, "pupil_id": pupil_id}
    if state == PRESENT:
        db.session().execute(delete(AttendanceMark).filter_by(**held))
    else:
        values = {"state": state, "marked_by": actor.account_id, "marked_at": func.now()}
        db.session().execute(
            insert(AttendanceMark)
            .values(**held, **values)
            .on_conflict_do_update(index_elements=list(held), set_=values)
        )
    audit.record(actor, "classes.attendance-mark", "pupil", pupil_id, state=state)


def reach_class(actor: Actor, class_id: int) -> None:
    """Raise NotFound unless the class exists and the actor may see it."""
    found = db.session().scalar(
        select(HomeroomClass.id).where(scope.visible_classes(actor), HomeroomClass.id == class_id)
    )
    if found is None:
        raise NotFound


def check_lessons(day: date) -> None:
    """Raise InvalidInput for a day without lessons: a make-up day is one of lessons."""
    found = day_on(day)
    if not found.open:
        words = NO_LESSONS.format(day=clock.date_words(day), why=found.closed_words)
        raise InvalidInput({"day": words})


def _open_sheet(actor: Actor, class_id: int, day: date, half: str, at: datetime | None) -> int:
    if half not in HALVES:
        raise InvalidInput({"half": "请选择上午或下午。"})
    values = {"taken_by": actor.account_id, "taken_at": at or clock.now()}
    statement = (
        insert(AttendanceSheet)
        .values(school_id=db.school_id(), class_id=class_id, day=day, half=half, **values)
        .on_conflict_do_update(
            index_elements=["school_id", "class_id", "day", "half"],
            set_={"taken_by": AttendanceSheet.taken_by},
        )
        .returning(AttendanceSheet.id)
    )
    return db.session().execute(statement).scalar_one()


def _check_states(states: object) -> None:
    unknown = set(states) - set(STATES)  # type: ignore[call-overload]
    if unknown:
        raise InvalidInput({"state": "考勤状态不对，请刷新页面再试。"})


def _check_pupils(class_id: int, pupil_ids: set[int], day: date) -> None:
    if pupil_ids - enrolled(class_id, pupil_ids, day):
        raise InvalidInput({"pupil_id": "有学生不在这个班，请刷新页面再试。"})


def enrolled(class_id: int, pupil_ids: set[int], day: date) -> set[int]:
    """Those of ``pupil_ids`` who are in the class on ``day``."""
    if not pupil_ids:
        return set()
    return set(
        db.session().scalars(
            select(Enrollment.pupil_id).where(
                Enrollment.school_id == db.school_id(),
                Enrollment.class_id == class_id,
                Enrollment.pupil_id.in_(pupil_ids),
                scope.current(Enrollment, day),
            )
        )
    )
