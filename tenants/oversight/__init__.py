"""Who may look, who did look, who agreed, and who holds which office.

Phones are masked until somebody says why (reveal.py); what was looked at is read back here
(records.py); what leaves the school with names in it needs a second person (approval.py: other
parts call `asked_first` and `require_approval`); the staff with their offices, dates and deputies
(staff.py, over tenants/people/roles.py).

permissions.py  who may do which of these
models.py       the approval
reveal.py       a phone with a reason
records.py      who looked: for leaders, for a family, as a list to export
approval.py     ask, decide, require
listing.py      the page of questions
colleagues.py   the page of the staff
sheets.py       lists as xlsx
routes.py       pages of access;  staff.py  pages of the staff;  rosters.py  the roster out
"""

from __future__ import annotations

from campus.capability import Capability, MenuItem
from tenants.oversight import rosters, routes, staff
from tenants.oversight.blueprint import blueprint
from tenants.oversight.listing import WAITING
from tenants.oversight.permissions import GRANTS, Access
from tenants.oversight.personal_data import PERSONAL_DATA
from tenants.people.permissions import People

blueprint.register_blueprint(rosters.blueprint)

__all__ = ["capability", "routes", "staff"]

capability = Capability(
    name="oversight",
    title="谁看过",
    blueprint=blueprint,
    permissions=GRANTS,
    menu=(
        MenuItem("教职工", "oversight.staff", "class", People.STAFF, group="学校", order=60),
        MenuItem("谁看过", "oversight.index", "search", Access.RECORDS, group="学校", order=80),
        MenuItem(
            "导出审批",
            "oversight.approvals",
            "check",
            Access.APPROVE,
            group="学校",
            badge="approvals_waiting",
            order=81,
        ),
    ),
    frame={"approvals_waiting": WAITING},
    personal_data=PERSONAL_DATA,
)
