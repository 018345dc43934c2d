"""What a teacher does in a class: take attendance (attendance.py), praise, take praise back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import func, insert, select, update

from campus import audit, clock, db, idempotency
from campus.actor import Actor
from campus.errors import Conflict, InvalidInput, NotFound
from tenants.classes.areas import AREAS, KIND_TEXTS
from tenants.classes.attendance import (
    enrolled,
    mark_attendance,
    reach_class,
    take_attendance,
)
from tenants.classes.events import (
    PraiseAwarded,
    PraiseRetracted,
    praise_awarded,
    praise_retracted,
)
from tenants.classes.models import Praise, PraisePupil
from tenants.classes.permissions import Classes
from tenants.media.actions import remove_photo, store_photo
from tenants.people.queries import polite, staff_id_of

__all__ = ["award_praise", "mark_attendance", "retract_praise", "take_attendance"]
UNDO_WITHIN = timedelta(days=1)


def award_praise(
    actor: Actor,
    *,
    class_id: int,
    pupil_ids: Iterable[int],
    area: str,
    kind: str = "",
    text: str = "",
    photo: bytes | None = None,
    key: str | None = None,
    at: datetime | None = None,
) -> int:
    """Praise children of one class and return the praise's id; a repeated ``key`` does it once.

    Raises NotFound for a class out of reach, InvalidInput by field, Conflict for a reused key.
    """
    actor.check(Classes.PRAISE)
    reach_class(actor, class_id)
    chosen = tuple(sorted(set(pupil_ids)))
    words = text.strip() or KIND_TEXTS.get(kind, "")
    _check_praise(class_id, chosen, area, kind, words)
    body: dict[str, object] = {
        "class": class_id,
        "pupils": chosen,
        "area": area,
        "kind": kind,
        "text": words,
    }
    body["photo"] = hashlib.sha256(photo).hexdigest() if photo else ""

    def act() -> int:
        photo_id = store_photo(actor, data=photo) if photo else None
        return _award(actor, class_id, chosen, area, kind, words, photo_id, at or clock.now())

    return idempotency.once(actor, key, body, act)


def _check_praise(
    class_id: int, chosen: tuple[int, ...], area: str, kind: str, words: str
) -> None:
    if not chosen:
        raise InvalidInput({"pupil_id": "请先选择要点评的学生。"})
    if area not in AREAS or (kind and not kind.startswith(f"{area}-")):
        raise InvalidInput({"area": "请选择一个方面。"})
    if not words:
        raise InvalidInput({"text": "请选择一句点评，或写一句话。"})
    if set(chosen) - enrolled(class_id, set(chosen), clock.today()):
        raise InvalidInput({"pupil_id": "有学生不在这个班，请刷新页面再试。"})


def _award(
    actor: Actor,
    class_id: int,
    chosen: tuple[int, ...],
    area: str,
    kind: str,
    words: str,
    photo_id: int | None,
    at: datetime,
) -> int:
    staff_id = staff_id_of(actor)
    praise = Praise(
        school_id=db.school_id(),
        class_id=class_id,
        staff_id=staff_id,
        area=area,
        kind=kind,
        text=words,
        photo_id=photo_id,
        created_at=at,
    )
    session = db.session()
    session.add(praise)
    session.flush()
    session.execute(
        insert(PraisePupil),
        [
            {"school_id": praise.school_id, "praise_id": praise.id, "pupil_id": pupil_id}
            for pupil_id in chosen
        ],
    )
    audit.record(actor, "classes.praise", "praise", praise.id, pupils=len(chosen))
    praise_awarded.send(
        None,
        event=PraiseAwarded(
            actor,
            praise.id,
            class_id,
            chosen,
            staff_id,
            polite(actor.name),
            area,
            kind,
            words,
            photo_id,
            at,
        ),
    )
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
    return praise.class_id
