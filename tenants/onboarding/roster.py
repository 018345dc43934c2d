"""import_roster: read, judge, compare, and unless it is a preview, do."""

from __future__ import annotations

from datetime import date

from campus import audit, clock
from campus.actor import Actor
from tenants.onboarding.apply import apply_pupils, apply_staff
from tenants.onboarding.headers import recognise
from tenants.onboarding.permissions import Onboarding
from tenants.onboarding.plan_pupils import plan_pupils
from tenants.onboarding.plan_staff import plan_staff
from tenants.onboarding.report import Outcome, Report
from tenants.onboarding.rows import read_rows
from tenants.onboarding.state import load_state
from tenants.onboarding.table import Table

DONE = (Outcome.NEW, Outcome.CHANGED, Outcome.REFUSED, Outcome.CONFLICTS)


def import_roster(
    actor: Actor, *, table: Table, dry_run: bool = False, starts_on: date | None = None
) -> Report:
    """Bring the entered school to what the file says, in the open transaction.

    Refused and conflicting rows change nothing, the others are done. ``starts_on`` is new people's
    first day (default: today). Raises UnreadableFile when the file holds no roster.
    """
    actor.check(Onboarding.IMPORT)
    today, report = clock.today(), Report()
    roster = read_rows(recognise(table), report, today)
    state = load_state(today)
    pupils = plan_pupils(roster.pupils, state, report)
    opened = {row.class_key for row in pupils.new}
    staff = plan_staff(roster.staff, state, opened, report)
    if not dry_run:
        first_day = starts_on or today
        apply_pupils(actor, pupils, starts_on=first_day)
        apply_staff(actor, staff, starts_on=first_day)
        counts = {str(outcome): report.count(outcome) for outcome in DONE}
        audit.record(actor, "onboarding.import", "school", None, **counts)
    return report
