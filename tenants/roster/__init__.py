"""The school's people from a spreadsheet or OneRoster, and back out.

A roster passes four stations. It is read into plain cells under limits (table.py), each line is
judged on its own in Chinese, the rows are compared with what the school holds (state.py,
plan_pupils.py, plan_staff.py), and what may be done is done in one transaction by the bulk actions
of `people` (apply.py). A preview stops before the last station, so it cannot say anything else than
what would happen. A refused row changes nothing; the others do. What cannot be known is asked.

words.py, titles.py     what headings and cells may say, in the words of schools
columns.py              what each column of a heading row is; guardian_columns.py: and whose
layouts.py, lines.py    where headings stand in a sheet, and which lines below are people
cell_values.py, class_names.py, sexes.py, guardian_cells.py   what a cell says
judging.py, staff_rows.py, rows.py   a line becomes a person, or says why not
repeats.py, doubts.py   rows of the same name, and what a list leaves open
pupil_numbers.py        ID and 学籍 numbers, closed in the database
questions.py            what is asked, and its answers
report.py, listing.py   every line accounted for, for the screen and as JSON
template.py             the template a school fills in
run_import.py           import_roster: the four stations in order
export.py       the roster as xlsx or OneRoster
imports/        the pages: upload, columns, preview, apply, result; twins made one
oneroster/      OneRoster 1.1 and 1.2 as files
cli.py          roster import, roster export, roster template
"""

from __future__ import annotations

from campus.capability import Capability
from tenants.roster.imports.jobs import EVENT, JOBS
from tenants.roster.imports.routes import MENU, blueprint
from tenants.roster.permissions import GRANTS
from tenants.roster.personal_data import PERSONAL_DATA

capability = Capability(
    name="roster",
    title="名册",
    blueprint=blueprint,
    permissions=GRANTS,
    menu=MENU,
    events=(EVENT,),
    jobs=JOBS,
    cli="tenants.roster.cli:commands",
    personal_data=PERSONAL_DATA,
)
