"""What the seed holds of classes: one day."""

from __future__ import annotations

from sqlalchemy import select

from campus import db
from tenants.classes.actions import award_praise, take_attendance
from tenants.media.models import Photo
from tests.factories import PUPILS, picture
from tests.support.planting import Planting


def plant(planting: Planting) -> None:
    """What happens in class: attendance, praise with a photo."""
    ids, private = planting.school.ids, planting.school.private
    teacher = planting.actor("class_teacher")
    other = planting.actor("other_teacher")
    for half in ("am", "pm"):
        ids[f"sheet_{half}"] = take_attendance(
            teacher,
            class_id=ids["class"],
            day=planting.today,
            half=half,
            exceptions={ids["classmate"]: "late"},
        )
    for name in PUPILS:
        ids[f"praise_{name}"] = award_praise(
            other if name == "stranger" else teacher,
            class_id=ids["other_class" if name == "stranger" else "class"],
            pupil_ids=[ids[name]],
            area="moral",
            text=f"帮助同学{private[name]}{planting.school.canary}",
            photo=picture() if name == "child" else None,
            key=f"seed-{name}",
        )
    planting.school.files += db.session().scalars(select(Photo.key)).all()
    ids["photo"] = db.session().scalars(select(Photo.id)).one()
