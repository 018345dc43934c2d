"""Every hour: families of pupils who left yesterday are shut out; old journals lose their rows."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select

from campus import clock, db
from campus.jobs import each_school, job
from campus.schools.queries import open_schools
from tenants.people.doors import close_doors
from tenants.rollover.journal import Journal
from tenants.rollover.models import Turn, TurnChange
from tenants.rollover.undo import UNDO_WITHIN

LOOKS_BACK = timedelta(days=60)
SPARE = timedelta(days=1)


@job(name="onboarding.turn.evening", queue="default")
def evening(*, school_id: int) -> None:
    """Shut the doors of who left by yesterday, forget the rows no undo can ask for any more.

    The journal copies names; keeping it beyond its purpose would be against PIPL 19.
    """
    today, session = clock.today(), db.session()
    left = session.execute(
        select(Turn.id, Turn.pupil_id).where(
            Turn.school_id == school_id,
            Turn.kind == "out",
            Turn.undone_at.is_(None),
            Turn.effective_on.between(today - LOOKS_BACK, today - timedelta(days=1)),
        )
    )
    for turn_id, pupil_id in left.all():
        if pupil_id is not None:
            close_doors(Journal(turn_id), pupil_id=pupil_id, day=today)
    old = select(Turn.id).where(
        Turn.school_id == school_id, Turn.made_at < clock.now() - UNDO_WITHIN - SPARE
    )
    session.execute(
        delete(TurnChange)
        .where(TurnChange.school_id == school_id, TurnChange.turn_id.in_(old))
        .execution_options(synchronize_session=False)
    )


JOBS = (evening, each_school(evening, cron="3 * * * *", schools=open_schools))
