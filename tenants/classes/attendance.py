"""Attendance: present is the rule and needs one tap; an exception has a mark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import delete, exists, func, select
from sqlalchemy.dialects.postgresql import insert

from campus import audit, clock, db, outbox
from campus.actor import Actor
from campus.errors import Conflict, InvalidInput, NotFound
from tenants.classes.events import ATTENDANCE_CHANGED
from tenants.classes.models import AttendanceMark, AttendanceSheet
from tenants.classes.permissions import Classes
from tenants.classes.statements import ONE_CHILD, WHOLE_ROLL
from tenants.people import scope
from tenants.people.days import day_on
from tenants.people.models import Enrollment, HomeroomClass

PRESENT = "present"
STATES = {"late": "迟到", "leave": "请假", "sick": "病假", "absent": "缺勤"}
HALVES = {"am": "上午", "pm": "下午"}
NOON = 12
MARKED_SINCE = "点名以后已经有人记了考勤，不能撤销了。要改的孩子，请在“考勤”里点一下。"
NO_LESSONS = (
    "{day}{why}，不用点名。这一天要上课的话，请学校管理员在“学校设置”的“学年与学期”里设为补课日。"
)


class Tally(NamedTuple):
    """A class's half day in numbers a teacher says aloud; together they are the class."""

    present: int
    late: int
    leave: int
    absent: int


def tally(states: Sequence[str], size: int) -> Tally:
    """The numbers of a class of ``size`` from the states of those who have one."""
    late, absent = states.count("late"), states.count("absent")
    return Tally(size - len(states), late, len(states) - late - absent, absent)


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
    """Everybody without a mark is present; returns the sheet's id.

    ``exceptions`` (pupil id → state) are marked besides. A mark that stands, whoever made it and
    when, stays: only a person who names the child changes it. Raises NotFound for a class out of
    reach, InvalidInput for a pupil who is not in it or a day without lessons.
    """
    actor.check(Classes.ATTENDANCE)
    reach_class(actor, class_id)
    check_lessons(day)
    marks = dict(exceptions or {})
    _check_states(marks.values())
    _check_pupils(class_id, set(marks), day)
    sheet_id, _ = _open_sheet(actor, class_id, day, half, at)
    _mark(actor, sheet_id, marks)
    audit.record(actor, "classes.attendance", "class", class_id, exceptions=len(marks))
    _tell_all(actor, class_id, day)
    return sheet_id


def _mark(actor: Actor, sheet_id: int, marks: Mapping[int, str]) -> None:
    if not marks:
        return
    common = {"school_id": db.school_id(), "sheet_id": sheet_id, "marked_by": actor.account_id}
    statement = insert(AttendanceMark).values(
        [common | {"pupil_id": one, "state": state} for one, state in marks.items()]
    )
    given = statement.excluded
    changed = {"state": given.state, "marked_by": given.marked_by, "marked_at": func.now()}
    db.session().execute(
        statement.on_conflict_do_update(
            index_elements=["school_id", "sheet_id", "pupil_id"], set_=changed
        )
    )


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
    sheet_id, opened = _open_sheet(actor, class_id, day, half, None)
    if state == PRESENT:
        held = {"school_id": db.school_id(), "sheet_id": sheet_id, "pupil_id": pupil_id}
        db.session().execute(delete(AttendanceMark).filter_by(**held))
    else:
        _mark(actor, sheet_id, {pupil_id: state})
    audit.record(actor, "classes.attendance-mark", "pupil", pupil_id, state=state)
    if opened:
        _tell_all(actor, class_id, day)
        return
    [[heard]] = db.gather(ONE_CHILD.asked(class_id=class_id, pupil_id=pupil_id))
    _tell(actor, class_id, heard.staff)
    outbox.publish(ATTENDANCE_CHANGED, to=heard.families, data={"pupil_id": pupil_id})


def retract_attendance(actor: Actor, *, class_id: int, day: date, half: str) -> None:
    """Undo one's own "all present", as long as nobody was marked since.

    Raises NotFound for a class out of reach or an unknown half, Conflict when there is more than
    the bare sheet.
    """
    actor.check(Classes.ATTENDANCE)
    if half not in HALVES:
        raise NotFound
    reach_class(actor, class_id)
    sheet = db.session().scalar(
        select(AttendanceSheet)
        .where(
            AttendanceSheet.school_id == db.school_id(),
            AttendanceSheet.class_id == class_id,
            AttendanceSheet.day == day,
            AttendanceSheet.half == half,
        )
        .with_for_update()
    )
    if sheet is None:
        return
    marked = select(
        exists().where(
            AttendanceMark.school_id == sheet.school_id, AttendanceMark.sheet_id == sheet.id
        )
    )
    if sheet.taken_by != actor.account_id or db.session().scalar(marked):
        raise Conflict(MARKED_SINCE)
    db.session().execute(
        delete(AttendanceSheet).where(
            AttendanceSheet.school_id == sheet.school_id, AttendanceSheet.id == sheet.id
        )
    )
    audit.record(actor, "classes.attendance-retract", "class", class_id)
    _tell_all(actor, class_id, day)


def _tell_all(actor: Actor, class_id: int, day: date) -> None:
    """The hint to the families names no child: it is about each one's own."""
    [[heard]] = db.gather(WHOLE_ROLL.asked(class_id=class_id, day=day))
    _tell(actor, class_id, heard.staff)
    outbox.publish(ATTENDANCE_CHANGED, to=heard.families)


def _tell(actor: Actor, class_id: int, staff: list[int]) -> None:
    own = [] if actor.account_id is None else [actor.account_id]
    outbox.publish(ATTENDANCE_CHANGED, to=[*staff, *own], data={"class_id": class_id})


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


def _open_sheet(
    actor: Actor, class_id: int, day: date, half: str, at: datetime | None
) -> tuple[int, bool]:
    """The sheet's id, locked, and whether it is new; it keeps who took it first, and when."""
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
        .returning(AttendanceSheet.id, AttendanceSheet.taken_at)
    )
    sheet_id, taken_at = db.session().execute(statement).one()
    return sheet_id, taken_at == values["taken_at"]


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
