"""What the seed holds of rollover: moves of pupils."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from campus import db
from tenants.people.enrol import NewPupil, enrol_pupils
from tenants.rollover.models import Turn
from tenants.rollover.single import suspend, take_in
from tests.support.planting import Planting

DAY = timedelta(days=1)


def plant(planting: Planting) -> None:
    """A pupil who comes in a month, and one on leave: neither is in a class today."""
    ids, admin = planting.school.ids, planting.actor("admin")
    soon, room = planting.today + 30 * DAY, ids["other_class"]
    take_in(admin, name=planting.text("来"), class_id=room, on=soon, seat_no=41)
    ids["turn"] = db.session().scalars(select(func.max(Turn.id))).one()
    pupil = NewPupil(planting.text("别"), room, 40)
    [ids["departed"]] = enrol_pupils(planting.system, [pupil], starts_on=planting.today - 60 * DAY)
    suspend(
        admin, pupil_id=ids["departed"], on=planting.today - 30 * DAY, reason=planting.text("病")
    )
