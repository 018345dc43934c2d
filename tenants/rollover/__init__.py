"""The turn of the year, and every move of a pupil between classes, away and back.

A class is (entry year, number) and its grade follows from the day, so nothing is renamed: the year,
its terms and the first grade are opened, the last grade ends, and exceptions are chosen (留级, a
teacher who does not go on, another 班主任). The past is never rewritten: rows end, others begin.
Whatever is done is one transaction with a journal of whole rows, and can be taken back exactly for
seven days, unless something later builds on it.

state.py         the school on the evening before a day
plan.py          what would be done: pure, writes nothing
drafts.py        the plan kept: save, leave, resume
actions.py       begin a school year
single.py        one pupil: 转班, 留级, 转出, 转入, 休学, 复学
groups.py        合班, 分班
journal.py undo.py   rows before and after, and the way back
jobs.py          families of those who left are shut out; old journals are emptied
queries.py schemas.py routes.py moves_routes.py   the pages
"""

from __future__ import annotations

from campus.capability import Capability, MenuItem
from tenants.people.permissions import People
from tenants.rollover import moves_routes
from tenants.rollover.jobs import JOBS
from tenants.rollover.permissions import GRANTS, Rollover
from tenants.rollover.personal_data import PERSONAL_DATA
from tenants.rollover.routes import blueprint

__all__ = ["capability", "moves_routes"]

capability = Capability(
    name="rollover",
    title="新学年",
    blueprint=blueprint,
    permissions=GRANTS,
    menu=(
        MenuItem("新学年", "rollover.index", "growth", Rollover.TURN, group="学校", order=60),
        MenuItem("异动", "rollover.history", "clock", People.MOVE, group="学校", order=61),
    ),
    jobs=JOBS,
    personal_data=PERSONAL_DATA,
)
