"""A phone number is masked everywhere; whoever needs it says why, and that is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from campus import audit, crypto, db
from campus.actor import Actor
from campus.errors import InvalidInput, NotFound
from tenants.oversight.permissions import Access
from tenants.people import scope
from tenants.people.models import Guardian, Guardianship, Pupil

REASONS = {
    "ill": "孩子不舒服或受伤",
    "absent": "孩子没到校，联系不上",
    "pickup": "接送有变化",
    "talk": "约家长沟通",
    "verify": "核对登记的信息",
    "other": "其他（请写明）",
}
ACTION = "access.reveal-phone"
WHY = "请选择为什么要看这个号码。"
SAY_MORE = "请写明原因。"


@dataclass(frozen=True, slots=True)
class Line:
    """A guardian of a pupil in reach; the phone is the whole number."""

    pupil_id: int
    pupil_name: str
    relation: str
    phone: str


def reach_guardian(actor: Actor, pupil_id: int, guardian_id: int) -> Line:
    """The guardian of a pupil the actor may see. Raises NotFound."""
    rows = db.rows(
        select(Pupil.name, Guardianship.relation, Guardian.phone)
        .join(Guardianship, db.on(Guardianship, Pupil, "pupil_id"))
        .join(Guardian, db.on(Guardianship, Guardian, "guardian_id"))
        .where(
            Pupil.school_id == db.school_id(),
            Pupil.id == pupil_id,
            Pupil.id.in_(scope.taught_pupils(actor)),
            Guardian.id == guardian_id,
            Guardianship.ended_at.is_(None),
        )
    )
    if not rows:
        raise NotFound
    return Line(pupil_id, *rows[0])


def reveal_phone(
    actor: Actor, *, pupil_id: int, guardian_id: int, reason: str, note: str = ""
) -> Line:
    """The whole number, once the reason is kept. Raises NotFound or InvalidInput."""
    actor.check(Access.REVEAL)
    line = reach_guardian(actor, pupil_id, guardian_id)
    if reason not in REASONS:
        raise InvalidInput({"reason": WHY})
    if reason == "other" and not note:
        raise InvalidInput({"note": SAY_MORE})
    detail: dict[str, Any] = {"guardian": guardian_id, "reason": reason}
    if note:  # people write names here, so the log holds it closed
        detail["note"] = crypto.sealed(note_place(pupil_id), note).hex()
    audit.record(actor, ACTION, "pupil", pupil_id, **detail)
    return line


def note_place(pupil_id: int) -> crypto.Place:
    """Where the words of a reason stand."""
    return crypto.Place(db.school_id(), "audit_entry", pupil_id, "note")


def reason_words(detail: dict[str, Any], pupil_id: int | None) -> str:
    """The reason as the page of records shows it."""
    words = REASONS.get(str(detail.get("reason", "")), "")
    if "note" not in detail or pupil_id is None:
        return words
    try:
        note = crypto.opened(note_place(pupil_id), bytes.fromhex(str(detail["note"])))
    except (crypto.Unreadable, ValueError):
        note = "（读不出来）"
    return f"{words.split('（')[0]}：{note}"
