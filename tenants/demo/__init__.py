"""Two living schools to look at: 贺嘉土小学 of real size and 枫溪小学 beside it.

Invented people, phones 120 0000 xxxx (no network has that prefix), one fixed seed: the same day
makes the same schools. What is here only imagines; what happens goes through the actions people
use: the roster import, joining, attendance, praise, notices. The year is the one that holds today.

names.py      names of children, parents, grandparents, teachers
year.py       terms, bells, school days around today
families.py   children in classes, siblings, guardians
staff.py      who teaches what where
sentences.py  what teachers say
pictures.py   calm abstract pictures in place of photos
days.py       one class on one day: attendance, praise; its notices
history.py    all classes, day after day
lessons.py    a timetable without clashes
imagine.py    a whole school before it exists
build.py      makes it real
cli.py        the command `demo`
"""

from campus.capability import Capability

capability = Capability(name="demo", title="演示学校", cli="tenants.demo.cli:commands")
