"""What classes keep of a child: attendance and praise; timetables have no child in them."""

from __future__ import annotations

from sqlalchemy import and_, select

from campus import db
from campus.erasure import Erasure
from campus.personal_data import Kept, PersonalData, Rule
from tenants.classes.book import chapter
from tenants.classes.models import Praise, PraisePupil


def _erase_praise(erasure: Erasure, pupil_id: int) -> None:
    """Praise of a child, and its words where they were about no other child."""
    mine = PraisePupil.school_id == db.school_id()
    praised = list(
        db.session().scalars(
            select(PraisePupil.praise_id).where(mine, PraisePupil.pupil_id == pupil_id)
        )
    )
    erasure.delete(PraisePupil, PraisePupil.pupil_id == pupil_id)
    still = select(PraisePupil.praise_id).where(mine)
    erasure.delete(Praise, and_(Praise.id.in_(praised), Praise.id.not_in(still)))


PERSONAL_DATA = PersonalData(
    tables={
        "praise_pupil": Rule(Kept.CONSENT, "点评到的学生"),
        "praise": Rule(Kept.CONSENT, "点评"),
        "attendance_mark": Rule(Kept.DUTY, "考勤"),
        "attendance_sheet": Rule(Kept.HOUSE, "点名表"),
        "period": Rule(Kept.HOUSE, "作息"),
        "timetable_slot": Rule(Kept.HOUSE, "课表"),
    },
    collect=chapter,
    erase_consented=_erase_praise,
)
