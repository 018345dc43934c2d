"""What may be done in a class, and by whom."""

from __future__ import annotations

from campus.permissions import STAFF, Grants, Permission, Role


class Classes(Permission):
    """Looking at classes, taking attendance, praising; writing the timetable."""

    VIEW = "classes.view"
    ATTENDANCE = "classes.attendance"
    PRAISE = "classes.praise"
    TIMETABLE = "classes.timetable"


GRANTS: Grants = {
    Classes.VIEW: STAFF,
    Classes.ATTENDANCE: STAFF - {Role.DOCTOR},
    Classes.PRAISE: frozenset({Role.TEACHER}),
    Classes.TIMETABLE: frozenset({Role.ADMIN}),
}
