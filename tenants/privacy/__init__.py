"""Taking away and leaving: what belongs to a child goes along, what must go is gone, provably.

A family takes its child's book; the office takes a pupil's or, when two agree, the whole school's.
Another school brings a pupil's zip in after looking at it. Erasing takes a reason, a second person
or seven days, and ends in a certificate. All of it is long work: a row says how far it is, the
page survives a reload, a hint moves it on, it can be cancelled. Of other capabilities' tables it
knows nothing: each says in its personal_data.py what it keeps (campus/personal_data.py).

models.py       one table of tasks
tasks.py        states, progress, cancelling, hints
approval.py     the second person (access/approval.py decides who)
collect.py      everything about one child, chapter by chapter
box.py          a zip written part by part, with its sums
book.py         the child's book: HTML, table, data.json (docs/takeaway.md)
school.py       the whole school
bring.py        a zip from elsewhere, judged; arrive.py keeps it, unpack.py makes a pupil of it
retention.py    the retention classes in words (docs/retention.md)
leaving.py      asking for an erasure; removal.py does it; erase.py the rows and files of people
leave.py        a whole school, as the owner; certificate.py what is left to show
actions.py      asking, agreeing, cancelling, fetching
events.py       a book packed for somebody who may know less now is gone
jobs.py         the worker's part
routes.py       the office's pages; family.py the family's; coming.py, going.py the others
cli.py          school export, school erase
"""

from __future__ import annotations

from campus.capability import Capability, MenuItem
from tenants.privacy.coming import blueprint as coming
from tenants.privacy.events import listen
from tenants.privacy.family import blueprint as family
from tenants.privacy.going import blueprint as going
from tenants.privacy.jobs import JOBS
from tenants.privacy.permissions import GRANTS, Takeaway
from tenants.privacy.personal_data import PERSONAL_DATA
from tenants.privacy.routes import blueprint
from tenants.privacy.tasks import CHANGED

for part in (family, coming, going):
    blueprint.register_blueprint(part)

capability = Capability(
    name="privacy",
    title="带走与离开",
    blueprint=blueprint,
    permissions=GRANTS,
    menu=(MenuItem("带走与离开", "privacy.index", "leaf", Takeaway.PUPIL, group="学校", order=90),),
    events=(CHANGED,),
    jobs=JOBS,
    listen=listen,
    cli="tenants.privacy.cli:commands",
    personal_data=PERSONAL_DATA,
)
