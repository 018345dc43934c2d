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
demo/           贺嘉土小学 and 枫溪小学, made by the same actions people use
cli.py          roster import, roster template, demo
permissions.py  onboarding.import is the administrator's
"""

from __future__ import annotations

from flask import Blueprint

from campus.capability import Capability, MenuItem
from tenants.onboarding.cli import commands
from tenants.onboarding.permissions import GRANTS

# Each part is a folder with pages of its own; its places stand in the menu under 学校.
PARTS: tuple[Blueprint, ...] = ()
MENU: tuple[MenuItem, ...] = ()

blueprint = Blueprint("onboarding", __name__)
for part in PARTS:
    blueprint.register_blueprint(part)

capability = Capability(
    name="onboarding",
    title="开通",
    blueprint=blueprint,
    permissions=GRANTS,
    menu=MENU,
    cli=commands,
)
