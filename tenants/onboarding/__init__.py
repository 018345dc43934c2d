"""How a school gets in: the roster from a spreadsheet, and the demo schools.

A roster passes four stations. It is read into plain cells under limits (table.py), each row is
judged on its own in Chinese (headers.py, cells.py, rows.py), the rows are compared with what the
school holds (state.py, plan_pupils.py, plan_staff.py), and what may be done is done in one
transaction by the bulk actions of `people` (apply.py). A preview stops before the last station, so
it cannot say anything else than what would happen. A refused row changes nothing; the others do.

report.py       problems and counts, for the screen and as JSON
template.py     the template a school fills in
timetable.py    bells and lessons of a term
roster.py       import_roster: the four stations in order
families/       inviting families, joining, consent, guardians' details
takeaway/       taking away, bringing in, erasing
wizard/         opening the school step by step; its settings; the public rules of privacy
presets/        what a kind of school starts with, as data
turn/           the turn of the year, every move of a pupil, and the way back
demo/           贺嘉土小学 and 枫溪小学, made by the same actions people use
cli.py          roster import, roster template, demo
permissions.py  onboarding.import is the administrator's
"""

from __future__ import annotations

from flask import Blueprint

from campus.capability import Capability, MenuItem
from tenants.onboarding import access, families, takeaway, turn, wizard
from tenants.onboarding.imports import jobs as import_jobs
from tenants.onboarding.imports import routes as imports
from tenants.onboarding.permissions import GRANTS

# Each part is a folder with pages of its own; its places stand in the menu under 学校.
PARTS: tuple[Blueprint, ...] = (
    imports.blueprint,
    access.blueprint,
    families.blueprint,
    takeaway.blueprint,
    turn.blueprint,
    wizard.blueprint,
)
MENU: tuple[MenuItem, ...] = (
    *imports.MENU,
    *access.MENU,
    *families.MENU,
    *takeaway.MENU,
    *turn.MENU,
    *wizard.MENU,
)

blueprint = Blueprint("onboarding", __name__)
for part in PARTS:
    blueprint.register_blueprint(part)


def listen() -> None:
    """Everything the parts hear of."""
    wizard.listen()
    families.listen()


capability = Capability(
    name="onboarding",
    title="开通",
    blueprint=blueprint,
    permissions={**GRANTS, **access.GRANTS},
    menu=MENU,
    frame=access.FRAME,
    cli="tenants.onboarding.cli:commands",
    jobs=(*import_jobs.JOBS, *turn.JOBS, *takeaway.JOBS),
    events=(*takeaway.EVENTS, import_jobs.EVENT),
    listen=listen,
)
