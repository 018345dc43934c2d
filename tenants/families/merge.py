"""One person, several rows: which guardian row a joining account becomes.

The typed number wins, but only as far as it is proved. A row that belongs to the account already
is the person. A row of another number the school knows may be somebody else: it is joined with
only when that opens no child that the code did not open.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from campus import db
from campus.errors import InvalidInput
from tenants.families.models import Invitation
from tenants.people import custody
from tenants.people.models import Guardian, Guardianship
from tenants.people.phones import remember_merged, set_phone

TAKEN = (
    "这个手机号在学校登记在别处，为了孩子的安全不能直接用在这张入校单上。"
    "如果您还有别的孩子在本校，请先扫那个孩子的入校单，再在“我的孩子”里添加这个孩子；"
    "否则请班主任核对登记的手机号。"
)
UNLINKED = "学校已解除您和这个孩子的关系。如果有误，请联系班主任。"


def guardian_for(invitation: Invitation, *, account_id: int, phone: str, name: str) -> Guardian:
    """The guardian row the account becomes, with its number corrected. Raises InvalidInput."""
    mine = _row(Guardian.account_id == account_id)
    invited = _row(Guardian.id == invitation.guardian_id) if invitation.guardian_id else None
    _refuse_unlinked([row for row in (mine, invited) if row is not None], invitation.pupil_id)
    if mine is not None:
        if invited is not None and invited.id != mine.id:
            _move_ties(invited, mine)
        return mine
    holder = _row(Guardian.phone == phone)
    if invited is None:
        return _other_parent(holder, invitation.pupil_id, phone, name)
    if holder is None or holder.id == invited.id:
        set_phone(invited, phone)
        return invited
    _refuse_more_children(holder, _children(invited) | {invitation.pupil_id})
    _move_ties(invited, holder)
    return holder


def _row(which: Any) -> Guardian | None:
    return db.session().scalar(
        select(Guardian)
        .where(Guardian.school_id == db.school_id(), which)
        .order_by(Guardian.id)
        .limit(1)
        .with_for_update()
    )


def _other_parent(holder: Guardian | None, pupil_id: int, phone: str, name: str) -> Guardian:
    if holder is not None:
        _refuse_more_children(holder, {pupil_id})
        return holder
    made = Guardian(name=name, phone=phone)
    db.session().add(made)
    db.session().flush()
    return made


def _children(guardian: Guardian) -> set[int]:
    return set(
        db.session().scalars(
            select(Guardianship.pupil_id).where(
                Guardianship.school_id == guardian.school_id,
                Guardianship.guardian_id == guardian.id,
                Guardianship.ended_at.is_(None),
            )
        )
    )


def _refuse_more_children(holder: Guardian, opened: set[int]) -> None:
    if holder.account_id is not None or _children(holder) - opened:
        raise InvalidInput({"phone": TAKEN})


def _refuse_unlinked(rows: list[Guardian], pupil_id: int) -> None:
    ended = db.session().scalar(
        select(func.count()).where(
            Guardianship.school_id == db.school_id(),
            Guardianship.guardian_id.in_([row.id for row in rows]),
            Guardianship.pupil_id == pupil_id,
            Guardianship.ended_at.is_not(None),
        )
    )
    if ended:
        raise InvalidInput({"phone": UNLINKED})


def _move_ties(source: Guardian, target: Guardian) -> None:
    """The children of ``source`` become ``target``'s, with every custody flag; the old ties end.

    Where both have the child, the tighter of the two decides.
    """
    session = db.session()
    remember_merged(source, target)
    ties = session.scalars(
        select(Guardianship).where(
            Guardianship.school_id == source.school_id,
            Guardianship.guardian_id == source.id,
            Guardianship.ended_at.is_(None),
        )
    ).all()
    for tie in ties:
        values = {
            "school_id": tie.school_id,
            "guardian_id": target.id,
            "pupil_id": tie.pupil_id,
            "relation": tie.relation,
            "contact_order": tie.contact_order,
            "may_pick_up": tie.may_pick_up,
            "may_see_health": tie.may_see_health,
            "limited": tie.limited,
        }
        statement = insert(Guardianship).values(values)
        tighter = {
            "may_pick_up": Guardianship.may_pick_up & statement.excluded.may_pick_up,
            "may_see_health": Guardianship.may_see_health & statement.excluded.may_see_health,
            "limited": Guardianship.limited | statement.excluded.limited,
        }
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["school_id", "guardian_id", "pupil_id"], set_=tighter
            )
        )
        custody.changed(tie.pupil_id, target.account_id)
    session.execute(
        update(Guardianship)
        .where(
            Guardianship.school_id == source.school_id,
            Guardianship.guardian_id == source.id,
            Guardianship.ended_at.is_(None),
        )
        .values(ended_at=func.now())
        .execution_options(synchronize_session="fetch")
    )
