"""What the seed holds of oversight: an office, and a question that waits for a second person."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from campus import db
from tenants.oversight.approval import Asked, request_approval
from tenants.people.models import Assignment, Guardian, StaffDuty
from tenants.people.roles import Office, give_office
from tests.support.planting import Planting

DAY = timedelta(days=1)


def plant(planting: Planting) -> None:
    """An office, a guardian's row, a question the head asked."""
    ids, session = planting.school.ids, db.session()
    office = Office("dean", planting.today, planting.today + 60 * DAY)
    give_office(planting.system, staff_id=ids["staff_disabled"], office=office)
    ids["duty"] = session.scalars(select(StaffDuty.id)).one()
    ids["assignment"] = session.scalars(
        select(Assignment.id).where(Assignment.staff_id == ids["staff_disabled"])
    ).one()
    ids["guardian_row"] = session.scalars(
        select(Guardian.id).where(Guardian.phone == planting.person("guardian").phone)
    ).one()
    asked = Asked("staff-list", "none", planting.text("名单"), "/staff")
    head = planting.actor("head")
    ids["approval"] = request_approval(head, asked=asked, reason=planting.text("上报"))
