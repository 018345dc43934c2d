"""The child's growth record: dated evidence in five areas, each with its source.

Nothing is typed here twice. What happens in class arrives by an event and becomes one record per
child, in the same transaction. Every change of a book (a record made or withdrawn) takes the next
number of that child's counter under its row lock, so a family's phone, whatever it missed, asks for
"everything after N" and misses nothing. There is no score and no total.

models.py       the book's counter, the records
permissions.py  families read their own child's, teachers those they teach
events.py       praise → records; a no → photos taken down
actions.py      adding and withdrawing, and the hint to the families
photos.py       what leaves the books when consent is withdrawn
queries.py      timeline, changes since a cursor, counts by area
switcher.py     which of their children a family is looking at
family.py       the day of a child in a sentence
routes.py       the family's pages, the teacher's page of a pupil
"""

from __future__ import annotations

from flask import url_for

from campus.actor import Actor
from campus.capability import Capability, MenuItem
from tenants.growth.actions import CHANGED
from tenants.growth.events import listen
from tenants.growth.permissions import GRANTS, Growth
from tenants.growth.personal_data import PERSONAL_DATA
from tenants.growth.routes import blueprint


def _home(actor: Actor) -> str | None:
    return url_for("growth.home") if actor.guardian else None


capability = Capability(
    name="growth",
    title="成长",
    blueprint=blueprint,
    permissions=GRANTS,
    menu=(
        MenuItem(
            *("首页", "growth.home", "home", Growth.FAMILY),
            frame="family",
            order=10,
            also=("growth.child_home",),
        ),
        MenuItem(
            *("成长", "growth.first_timeline", "growth", Growth.FAMILY),
            frame="family",
            order=20,
            also=("growth.timeline",),
        ),
    ),
    home=_home,
    listen=listen,
    events=(CHANGED,),
    personal_data=PERSONAL_DATA,
)
