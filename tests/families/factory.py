"""What the seed holds of families: codes, and places not yet taken."""

from __future__ import annotations

from sqlalchemy import select

from campus import clock, db
from tenants.families.invite import Place, issue_codes
from tenants.families.models import InvitationMiss, ResetCode
from tenants.people.enrol import GuardianTie, link_guardians
from tenants.people.models import Guardian
from tests.support.planting import Planting


def plant(planting: Planting) -> None:
    """Two grandparents who have not joined, living codes, and one row of everything else.

    ``join_token`` and ``join_code`` open the place of ``unjoined``; ``invitation`` may be revoked;
    ``guardian_row`` is the joined guardian of ``child``.
    """
    school, ids = planting.school, planting.school.ids
    teacher = planting.actor("class_teacher")
    phones = {
        name: f"120000{planting.number + 1:02d}9{place:02d}"
        for place, name in enumerate(("unjoined", "spare"))
    }
    ties = [
        GuardianTie(ids["child"], f"祖{school.canary}", phone, "爷爷", order)
        for order, phone in enumerate(phones.values(), start=2)
    ]
    found = link_guardians(planting.system, ties)
    ids |= {f"{name}_guardian": found[phone] for name, phone in phones.items()}
    places = [Place(ids["classmate"]), Place(ids["child"], ids["unjoined_guardian"])]
    other, mine = issue_codes(teacher, places=places, secret=planting.secret)
    ids |= {"invitation": other.invitation_id, "join_token": mine.token, "join_code": mine.short}  # type: ignore[dict-item]
    session = db.session()
    joined = session.execute(
        select(Guardian.id, Guardian.account_id)
        .where(Guardian.account_id.is_not(None))
        .order_by(Guardian.id)
    ).first()
    assert joined is not None
    ids["guardian_row"] = joined.id
    session.add(InvitationMiss(school_id=school.id, ip="192.0.2.1"))
    session.add(
        ResetCode(
            school_id=school.id,
            account_id=joined.account_id,
            code_hash=b"used",
            expires_at=clock.now(),
            used_at=clock.now(),
        )
    )
