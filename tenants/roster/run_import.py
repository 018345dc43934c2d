"""import_roster: read, judge, compare, and unless it is a preview, do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select

from campus import audit, clock, db
from campus.actor import Actor
from campus.collector import uncollected
from campus.identity import numbers
from campus.schools.models import School
from tenants.people.employ import unmet_phones
from tenants.people.naming import grades_now
from tenants.roster.apply import Progress, apply_pupils, apply_staff
from tenants.roster.cell_values import ClassKey
from tenants.roster.judging import read_rows, tell_unseen
from tenants.roster.layouts import Layout, recognise
from tenants.roster.memory import habits
from tenants.roster.oneroster.reading import read_oneroster
from tenants.roster.permissions import Rosters
from tenants.roster.plan_pupils import PupilPlan, plan_pupils
from tenants.roster.plan_staff import StaffPlan, plan_staff
from tenants.roster.questions import Takes
from tenants.roster.report import Outcome, Report
from tenants.roster.rows import Roster
from tenants.roster.state import load_state
from tenants.roster.table import Table

DONE = (Outcome.NEW, Outcome.CHANGED, Outcome.REFUSED, Outcome.CONFLICTS)
WRITTEN = (Outcome.NEW, Outcome.CHANGED)
PATIENCE = 120
NO_TAKES: Mapping[tuple[str, int, str], str] = {}


def _silent(_: str, __: int) -> None:
    return


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a file would do; ``opens`` are the classes the school does not have yet."""

    pupils: PupilPlan
    staff: StaffPlan
    report: Report
    opens: tuple[ClassKey, ...] = ()


def school_names() -> tuple[str, ...]:
    """What the entered school is called, to find it in a file of several."""
    query = select(School.name, School.short_name).where(School.id == db.school_id())
    [row] = db.rows(query)
    return tuple(row)


def plan_roster(
    actor: Actor,
    *,
    layouts: list[Layout] | None = None,
    roster: Roster | None = None,
    report: Report | None = None,
    takes: Takes = NO_TAKES,
    met: bool = False,
) -> Plan:
    """Judge the rows of sheets (or rows judged already) and compare them with the school.

    ``met``: every number of the staff is known to be their own.
    """
    actor.check(Rosters.IMPORT)
    today, report = clock.today(), report or Report()
    roster = roster or read_rows(layouts or [], report, grades_now(), takes)
    state = load_state(today)
    pupils = plan_pupils(roster.pupils, state, report, takes)
    opened = {row.class_key for row in pupils.new}
    phones = [row.phone for row in roster.staff]
    staff = plan_staff(
        roster.staff,
        state,
        opened,
        report,
        takes,
        unmet=unmet_phones([] if met else phones),
        kept=numbers.kept(phones),
    )
    return Plan(pupils, staff, report, tuple(sorted(opened - state.classes)))


def apply_plan(
    actor: Actor, plan: Plan, *, starts_on: date | None = None, progress: Progress = _silent
) -> None:
    """Do what a plan says, in the open transaction; ``starts_on`` is new people's first day."""
    actor.check(Rosters.IMPORT)
    first_day, report = starts_on or clock.today(), plan.report
    apply_pupils(actor, plan.pupils, starts_on=first_day, progress=progress)
    progress("写入教职工", 90)
    apply_staff(actor, plan.staff, starts_on=first_day)
    counts = {str(outcome): report.count(outcome) for outcome in DONE}
    if any(report.count(outcome) for outcome in WRITTEN):
        audit.record(actor, "onboarding.import", "school", None, **counts)


def import_roster(
    actor: Actor,
    *,
    table: Table,
    more: Sequence[Table] = (),
    dry_run: bool = False,
    starts_on: date | None = None,
    takes: Takes = NO_TAKES,
    met: bool = False,
) -> Report:
    """Bring the entered school to what the file (and ``more``) says, in the open transaction.

    Refused and conflicting rows change nothing, the others are done. ``starts_on`` is new people's
    first day (default: today), ``met`` as in plan_roster. Raises UnreadableFile when a file holds
    no roster.
    """
    actor.check(Rosters.IMPORT)
    db.be_patient(PATIENCE)
    report = Report()
    with uncollected():
        roster = _joined((table, *more), report, takes)
        plan = plan_roster(actor, roster=roster, report=report, takes=takes, met=met)
        if not dry_run:
            apply_plan(actor, plan, starts_on=starts_on)
    return report


def _joined(tables: Sequence[Table], report: Report, takes: Takes) -> Roster:
    """The rows of several files as if they were one."""
    roster, grades, known = Roster([], []), grades_now(), habits()
    for table in _named_apart(tables):
        if table.kind == "oneroster":
            found = read_oneroster(table, report, grades, names=school_names())
        else:
            tell_unseen(table, report)
            found = read_rows(recognise(table, grades, known), report, grades, takes)
        roster.pupils.extend(found.pupils)
        roster.staff.extend(found.staff)
    return roster


def _named_apart(tables: Sequence[Table]) -> list[Table]:
    """Sheets of the same name in several files are told apart by the number of the file."""
    names = [sheet.name for table in tables for sheet in table.sheets]
    if len(set(names)) == len(names):
        return list(tables)
    return [
        replace(
            table, sheets=tuple(replace(one, name=f"{one.name}（{at}）") for one in table.sheets)
        )
        if table.kind != "oneroster"
        else table
        for at, table in enumerate(tables, 1)
    ]
