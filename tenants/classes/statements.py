"""The hot statements of a class, built once: its page (head with feed, pupils) and a praise.

Parameters: class_id, day, half, account; for a praise also pupils, for one child pupil_id.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ARRAY, BigInteger, Text, and_, bindparam, func, select, true
from sqlalchemy.orm import aliased

from campus import db, moments
from tenants.classes.models import AttendanceMark, AttendanceSheet, Praise, PraisePupil
from tenants.people import audience, days, scope
from tenants.people.days import DAY
from tenants.people.models import Assignment, Enrollment, HomeroomClass, Pupil, Staff

FEED_LINES = 6
CLASS_ID = bindparam("class_id", type_=BigInteger)
HALF = bindparam("half", type_=Text)


def _sheet_of(school: Any, class_id: Any) -> Any:
    return and_(
        AttendanceSheet.school_id == school,
        AttendanceSheet.class_id == class_id,
        AttendanceSheet.day == DAY,
        AttendanceSheet.half == HALF,
    )


_HOMEROOM = (
    select(Staff.name)
    .join(Assignment, db.on(Assignment, Staff, "staff_id"))
    .where(
        Assignment.school_id == db.SCHOOL,
        Assignment.class_id == CLASS_ID,
        Assignment.homeroom,
        scope.current(Assignment, DAY),
    )
    .limit(1)
    .scalar_subquery()
)
_NAMES = (
    select(func.string_agg(Pupil.name, "、"))
    .join(PraisePupil, db.on(PraisePupil, Pupil, "pupil_id"))
    .where(PraisePupil.school_id == db.SCHOOL, PraisePupil.praise_id == Praise.id)
    .scalar_subquery()
)
_LATEST = (
    select(
        func.json_build_array(
            Praise.created_at,
            Staff.name,
            _NAMES,
            Praise.text,
            Praise.id,
            Staff.account_id == scope.ACCOUNT,
        ).label("line")
    )
    .join(Staff, db.on(Praise, Staff, "staff_id"))
    .where(
        Praise.school_id == db.SCHOOL,
        Praise.class_id == CLASS_ID,
        Praise.retracted_at.is_(None),
        Praise.created_at >= moments.begins(DAY),
    )
    .order_by(Praise.created_at.desc())
    .limit(FEED_LINES)
    .subquery()
)
_FEED = select(func.json_agg(_LATEST.c.line)).scalar_subquery()


def _head(*, assigned: bool) -> db.Query:
    taker = aliased(Staff)
    statement = (
        select(
            HomeroomClass.entry_year,
            HomeroomClass.number,
            _HOMEROOM.label("homeroom"),
            days.TERM.label("term_starts_on"),
            days.TOLD.label("told"),
            days.KNOWN.label("known"),
            AttendanceSheet.id.label("sheet_id"),
            AttendanceSheet.taken_at,
            taker.name.label("taken_by"),
            _FEED.label("feed"),
        )
        .outerjoin(AttendanceSheet, _sheet_of(HomeroomClass.school_id, HomeroomClass.id))
        .outerjoin(
            taker,
            and_(
                taker.school_id == AttendanceSheet.school_id,
                taker.account_id == AttendanceSheet.taken_by,
            ),
        )
        .where(HomeroomClass.school_id == db.SCHOOL, HomeroomClass.id == CLASS_ID)
    )
    if assigned:
        statement = statement.where(HomeroomClass.id.in_(scope.ASSIGNED))
    return db.Query(statement)


def _one_class(*, assigned: bool) -> db.Query:
    statement = select(HomeroomClass.id).where(
        HomeroomClass.school_id == db.SCHOOL, HomeroomClass.id == CLASS_ID
    )
    return db.Query(
        statement.where(HomeroomClass.id.in_(scope.ASSIGNED)) if assigned else statement
    )


CLASS_ANYWHERE = _one_class(assigned=False)
CLASS_ASSIGNED = _one_class(assigned=True)
AUTHOR = db.Query(
    select(Staff.id, audience.staff_of(CLASS_ID).label("staff")).where(
        Staff.school_id == db.SCHOOL, Staff.account_id == scope.ACCOUNT
    )
)
# Whose pages show a class's roll: its staff and all its families, or those of one child of it.
STAFF = db.Query(select(audience.staff_of(CLASS_ID).label("accounts")))
WHOLE_ROLL = db.Query(
    select(
        audience.staff_of(CLASS_ID).label("staff"),
        audience.families_of_class(CLASS_ID, DAY).label("families"),
    )
)
ONE_CHILD = db.Query(
    select(
        audience.staff_of(CLASS_ID).label("staff"),
        scope.families_of(bindparam("pupil_id", type_=BigInteger)).label("families"),
    )
)
PRAISED = db.Query(
    select(Pupil.id, Pupil.name, scope.families_of(Pupil.id).label("families"))
    .join(Enrollment, db.on(Enrollment, Pupil, "pupil_id"))
    .where(
        Enrollment.school_id == db.SCHOOL,
        Enrollment.class_id == CLASS_ID,
        Enrollment.pupil_id == func.any(bindparam("pupils", type_=ARRAY(BigInteger))),
        scope.current(Enrollment, DAY),
    )
    .order_by(Pupil.id)
)
HEAD_ANYWHERE = _head(assigned=False)
HEAD_ASSIGNED = _head(assigned=True)
# Asked first and alone: joined, the planner reads every mark of the school for one class.
_SHEET = select(AttendanceSheet.id).where(_sheet_of(db.SCHOOL, CLASS_ID)).scalar_subquery()
# One look along the key for each child: joined freely, the planner reads a whole school of names.
_CHILD = (
    select(Pupil.id, Pupil.name, Pupil.name_key)
    .where(db.on(Enrollment, Pupil, "pupil_id"))
    .limit(1)
    .correlate(Enrollment)
    .lateral("child")
)
PUPILS = db.Query(
    select(_CHILD.c.id, _CHILD.c.name, Enrollment.seat_no, AttendanceMark.state)
    .select_from(Enrollment)
    .join(_CHILD, true())
    .outerjoin(
        AttendanceMark,
        and_(
            AttendanceMark.school_id == db.SCHOOL,
            AttendanceMark.sheet_id == _SHEET,
            AttendanceMark.pupil_id == Enrollment.pupil_id,
        ),
    )
    .where(
        Enrollment.school_id == db.SCHOOL,
        Enrollment.class_id == CLASS_ID,
        scope.current(Enrollment, DAY),
    )
    .order_by(Enrollment.seat_no, _CHILD.c.name_key)
)
