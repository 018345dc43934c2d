"""What privacy keeps of people: its tasks, and for a week the files they made."""

from __future__ import annotations

from sqlalchemy import and_, select, update

from campus import db
from campus.erasure import Erasure
from campus.personal_data import Kept, PersonalData, Rule
from tenants.privacy.models import BRING, CANCELLED, MINE, OPEN, PUPIL, TakeawayTask


def _erase_books(erasure: Erasure, pupil_id: int) -> None:
    """Files made of the child's book, and requests about it that still wait."""
    about = and_(
        TakeawayTask.school_id == db.school_id(),
        TakeawayTask.subject_id == pupil_id,
        TakeawayTask.kind.in_((MINE, PUPIL, BRING)),
    )
    keys = db.session().scalars(
        select(TakeawayTask.key).where(about, TakeawayTask.key.is_not(None))
    )
    erasure.delete_objects(key for key in keys if key)
    db.session().execute(
        update(TakeawayTask).where(about, TakeawayTask.state.in_(OPEN)).values(state=CANCELLED)
    )
    erasure.delete(TakeawayTask, about)


def _standing_files() -> db.AnySelect:
    return select(TakeawayTask.key).where(
        TakeawayTask.school_id == db.school_id(), TakeawayTask.key.is_not(None)
    )


PERSONAL_DATA = PersonalData(
    tables={"takeaway_task": Rule(Kept.PERSON, "带走与删除的办理")},
    erase_consented=_erase_books,
    standing_files=_standing_files,
)
