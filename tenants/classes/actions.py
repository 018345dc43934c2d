"""What a teacher does in a class: take attendance (attendance.py), praise, take praise back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update

from campus import audit, clock, db, idempotency, outbox
from campus.actor import Actor
from campus.errors import Conflict, Forbidden, InvalidInput, NotFound
from tenants.classes.areas import AREAS, KIND_TEXTS
from tenants.classes.attendance import mark_attendance, retract_attendance, take_attendance
from tenants.classes.events import (
    PRAISE_CHANGED,
    PraiseAwarded,
    PraisedPupil,
    PraiseRetracted,
    praise_awarded,
    praise_retracted,
)
from tenants.classes.models import Praise, PraisePupil
from tenants.classes.permissions import Classes
from tenants.classes.statements import AUTHOR, CLASS_ANYWHERE, CLASS_ASSIGNED, PRAISED, STAFF
from tenants.media.actions import Kept, add_photo, keep_picture, remove_photo
from tenants.people.consents import CLASS_PHOTO, GROWTH_PHOTO, without_consent
from tenants.people.models import Pupil
from tenants.people.queries import polite, staff_id_of
from tenants.people.scope import everywhere

__all__ = [
    "award_praise",
    "mark_attendance",
    "retract_attendance",
    "retract_praise",
    "take_attendance",
]
UNDO_WITHIN = timedelta(days=1)
NO_CONSENT = {
    GROWTH_PHOTO: "{names}的家长还没有同意留照片。请去掉照片再发，点评照常记下。",
    CLASS_PHOTO: "{names}的家长没有同意和同学一起出现在照片里。请去掉照片，或换一张。",
}


def award_praise(
    actor: Actor,
    *,
    class_id: int,
    pupil_ids: Iterable[int],
    area: str,
    kind: str = "",
    text: str = "",
    photo: bytes | Kept | None = None,
    key: str | None = None,
    at: datetime | None = None,
) -> int:
    """Praise children of one class and return the praise's id; a repeated ``key`` does it once.

    ``photo`` is a picture, or one that is stored already: a new one is stored before anything is
    written, with no connection held. Raises NotFound for a class out of reach, InvalidInput by
    field, Conflict for a reused key.
    """
    actor.check(Classes.PRAISE)
    draft = Draft(
        class_id,
        tuple(sorted(set(pupil_ids))),
        area,
        kind,
        text.strip() or KIND_TEXTS.get(kind, ""),
        at or clock.now(),
    )
    author, pupils = _who(actor, draft)
    _check_praise(draft, pupils)
    asked = asdict(draft) | {"photo": _mark_of(photo) if photo else ""}
    if at is None:
        del asked["at"]
    done = idempotency.done(actor, key, asked) if photo else None
    if done is not None:
        return done
    kept = _kept(draft, photo) if photo else None

    def act() -> int:
        photo_id = add_photo(actor, kept) if kept else None
        return _award(actor, draft, author, pupils, photo_id)

    return idempotency.once(actor, key, asked, act)


def _mark_of(photo: bytes | Kept) -> str:
    return (photo.sha256 if isinstance(photo, Kept) else hashlib.sha256(photo).digest()).hex()


def _kept(draft: Draft, photo: bytes | Kept) -> Kept:
    _check_photo(draft)
    if isinstance(photo, Kept):
        return photo
    db.release()
    return keep_picture(photo)


@dataclass(frozen=True, slots=True)
class Draft:
    """A praise as it was asked for."""

    class_id: int
    pupil_ids: tuple[int, ...]
    area: str
    kind: str
    text: str
    at: datetime


def _who(actor: Actor, draft: Draft) -> tuple[Any, tuple[PraisedPupil, ...]]:
    """The author's row with the class's staff, and those chosen who are in it, in one trip.

    Raises NotFound for a class out of reach, Forbidden for somebody who is no teacher here.
    """
    within = CLASS_ANYWHERE if everywhere(actor) else CLASS_ASSIGNED
    reached, authors, pupils = db.gather(
        within.asked(class_id=draft.class_id, account=actor.account_id),
        AUTHOR.asked(account=actor.account_id, class_id=draft.class_id),
        PRAISED.asked(class_id=draft.class_id, pupils=list(draft.pupil_ids), day=clock.today()),
    )
    if not reached:
        raise NotFound
    if not authors:
        raise Forbidden("只有本校老师可以这样做。")
    return authors[0], tuple(PraisedPupil(*row) for row in pupils)


def _check_praise(draft: Draft, pupils: Sequence[PraisedPupil]) -> None:
    if not draft.pupil_ids:
        raise InvalidInput({"pupil_id": "请先选择要点评的学生。"})
    if draft.area not in AREAS or (draft.kind and not draft.kind.startswith(f"{draft.area}-")):
        raise InvalidInput({"area": "请选择一个方面。"})
    if not draft.text:
        raise InvalidInput({"text": "请选择一句点评，或写一句话。"})
    if len(pupils) != len(draft.pupil_ids):
        raise InvalidInput({"pupil_id": "有学生不在这个班，请刷新页面再试。"})


def _check_photo(draft: Draft) -> None:
    """A photo of one child needs that child's consent; one of several is seen by other families.

    Hard rule 8, PIPL 31. Raises InvalidInput; it names the children to the teacher alone.
    """
    purpose = GROWTH_PHOTO if len(draft.pupil_ids) == 1 else CLASS_PHOTO
    missing = without_consent(draft.pupil_ids, purpose)
    if not missing:
        return
    names = db.session().scalars(
        select(Pupil.name)
        .where(Pupil.school_id == db.school_id(), Pupil.id.in_(missing))
        .order_by(Pupil.name_key)
    )
    raise InvalidInput({"photo": NO_CONSENT[purpose].format(names="、".join(names))})


def _award(
    actor: Actor,
    draft: Draft,
    author: Any,
    pupils: tuple[PraisedPupil, ...],
    photo_id: int | None,
) -> int:
    praise = Praise(
        school_id=db.school_id(),
        class_id=draft.class_id,
        staff_id=author.id,
        area=draft.area,
        kind=draft.kind,
        text=draft.text,
        photo_id=photo_id,
        created_at=draft.at,
    )
    session = db.session()
    session.add(praise)
    session.flush()
    session.execute(
        insert(PraisePupil),
        [
            {"school_id": praise.school_id, "praise_id": praise.id, "pupil_id": pupil_id}
            for pupil_id in draft.pupil_ids
        ],
    )
    audit.record(actor, "classes.praise", "praise", praise.id, pupils=len(pupils))
    event = PraiseAwarded(
        actor,
        praise.id,
        draft.class_id,
        pupils,
        author.id,
        polite(actor.name),
        draft.area,
        draft.kind,
        draft.text,
        photo_id,
        draft.at,
    )
    praise_awarded.send(None, event=event)
    outbox.publish(PRAISE_CHANGED, to=author.staff, data={"class_id": draft.class_id})
    return praise.id


def retract_praise(actor: Actor, *, praise_id: int) -> int:
    """Take one's own praise back within a day and return its class; twice changes nothing more.

    Raises NotFound for another's praise, Conflict after a day.
    """
    actor.check(Classes.PRAISE)
    session = db.session()
    praise = session.scalar(
        select(Praise)
        .where(
            Praise.school_id == db.school_id(),
            Praise.id == praise_id,
            Praise.staff_id == staff_id_of(actor),
        )
        .with_for_update()
    )
    if praise is None:
        raise NotFound
    if praise.retracted_at is not None:
        return praise.class_id
    if clock.now() - praise.created_at > UNDO_WITHIN:
        raise Conflict("点评发出超过一天，不能撤销了。")
    session.execute(
        update(Praise)
        .where(Praise.school_id == praise.school_id, Praise.id == praise_id)
        .values(retracted_at=func.now())
    )
    if praise.photo_id is not None:
        remove_photo(photo_id=praise.photo_id)
    pupils = tuple(
        session.scalars(
            select(PraisePupil.pupil_id).where(
                PraisePupil.school_id == praise.school_id, PraisePupil.praise_id == praise_id
            )
        )
    )
    audit.record(actor, "classes.praise-retract", "praise", praise_id)
    praise_retracted.send(None, event=PraiseRetracted(actor, praise_id, pupils))
    [[staff]] = db.gather(STAFF.asked(class_id=praise.class_id))
    outbox.publish(PRAISE_CHANGED, to=staff.accounts, data={"class_id": praise.class_id})
    return praise.class_id
