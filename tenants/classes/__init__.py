"""The class and its day: who is here, what was good, which lessons.

A teacher does one thing once. Attendance is one tap and its exceptions; praise is children, an
area, a sentence and perhaps a photo. What others make of it (a record in the child's book, news
for the family) they hear by events inside the same transaction; this capability does not know them.

models.py      sheets and marks, praise, periods and timetable
areas.py       the five areas and their ready sentences
attendance.py  taking and marking attendance
actions.py     praise and taking it back
events.py      what is told to those above
queries.py     the class page
own.py         a teacher's classes and lessons, the list of classes
routes.py      the pages
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import url_for

from campus.actor import Actor
from campus.capability import Capability, MenuItem, Place
from tenants.classes.events import ATTENDANCE_CHANGED, PRAISE_CHANGED
from tenants.classes.own import MY_CLASSES, own_classes
from tenants.classes.permissions import GRANTS, Classes
from tenants.classes.personal_data import PERSONAL_DATA
from tenants.classes.routes import blueprint


def _places(_: Actor, values: Any) -> Iterable[Place]:
    for one in own_classes(values):
        title = f"{one.short_label} · {one.role}"
        yield Place(title, url_for("classes.show", class_id=one.id), "class", "我的班级", 20)


def _home(actor: Actor) -> str | None:
    return url_for("classes.today") if actor.staff else None


capability = Capability(
    name="classes",
    title="班级",
    blueprint=blueprint,
    permissions=GRANTS,
    menu=(
        MenuItem("今天", "classes.today", "today", Classes.VIEW, order=10),
        MenuItem("全部班级", "classes.index", "class", Classes.VIEW, group="学校", order=40),
    ),
    frame={"my_classes": MY_CLASSES},
    places=_places,
    home=_home,
    personal_data=PERSONAL_DATA,
    events=(ATTENDANCE_CHANGED, PRAISE_CHANGED),
)
