"""A school opens itself: steps that are saved, left and resumed, and a list that must turn green.

What a step says goes where the rest of the house reads it: the name and colour to the registry,
terms and subjects to `people`, the officer to the public page. Beside it a row per step keeps what
was answered, an unfinished draft and a version, so two administrators never overwrite one another.
Afterwards the same steps are the school's settings.

models.py    SetupStep, PrivacyRules
steps.py     which steps there are, in words
codes.py     学校标识码 and what may stand in it
weeks.py     the week calendar of a term
schemas.py   what each form may hold; every error names its field
actions.py   claiming, saving and drafting a step; name, stages; going live
terms.py     school year, terms and their days, whole or one term by itself
special.py   the rows of days off and make-up days: read, judged, shown again
held.py      the calendar as the tables have it
subjects.py  the subjects and their order
look.py      logo and colour
rules.py     officer, filings, the published rules of privacy
queries.py   what stands where; figures of the roster
golive.py    the list: what the law requires, what is advised, why
routes.py    the list, going live, the sheet; step_routes.py and calendar_routes.py the
             forms; public_routes.py what anybody may open; save.py how a form is answered
"""

from __future__ import annotations

from campus.capability import Capability, MenuItem
from tenants.messages import ready
from tenants.setup import calendar_routes, public_routes, step_routes
from tenants.setup.permissions import GRANTS, Setup
from tenants.setup.personal_data import PERSONAL_DATA
from tenants.setup.queries import ready_notices
from tenants.setup.routes import blueprint

__all__ = ["calendar_routes", "capability", "public_routes", "step_routes"]


def listen() -> None:
    """Offer the ready notices of the school's preset where notices are written."""
    ready.offer(ready_notices)


capability = Capability(
    name="setup",
    title="学校设置",
    blueprint=blueprint,
    permissions=GRANTS,
    menu=(MenuItem("学校设置", "setup.index", "settings", Setup.CHANGE, group="学校", order=48),),
    listen=listen,
    personal_data=PERSONAL_DATA,
)
