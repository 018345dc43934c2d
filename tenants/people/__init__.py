"""Who is at the school, and who may see whom.

Everything else starts here: a class is what `scope.visible_classes` lets a person see, a child is
what `scope.visible_pupils` or `scope.children_of` lets them see. Grades and labels are derived
from the entry year and the day, so the turn of the year renames nothing.

models.py       years, terms, subjects, classes, staff, pupils, guardians and their ties
calendar.py     grade, label and week, computed from dates
naming.py       what this school calls its classes, which grades it has
days.py         which days have lessons: terms, days off, make-up days
permissions.py  what may be done with people
scope.py        the queries every other query begins with
audience.py     who hears that something changed in a class
consents.py     what guardians agreed to, and whose photo may be taken
events.py       what is told to those above
queries.py      classes, terms, guardians as pages show them
enrol.py        bulk writes: enrol pupils, tie guardians, employ staff
moves.py        between classes, away, back, in: rows end, others begin
phones.py       numbers of guardians and staff follow their accounts; former ones are remembered
doors.py        a family's access ends and comes back with its children
history.py      a pupil's classes from year to year
pinyin.py       the key names are sorted by
"""

from campus.capability import Capability
from tenants.people import phones
from tenants.people.permissions import GRANTS
from tenants.people.personal_data import PERSONAL_DATA

capability = Capability(
    name="people",
    title="师生",
    permissions=GRANTS,
    listen=phones.listen,
    personal_data=PERSONAL_DATA,
)
