"""What a school does: every table here carries school_id. From the top:

demo       the demo schools, made by the actions people use
privacy    taking away, bringing in, erasing, retention
oversight  who looked, approvals, the staff
families   inviting, joining, consent, guardians' details
rollover   the turn of the year, every move of a pupil
roster     the school's people from a file, and back out
setup      opening the school step by step; its settings
growth     the child's record, made of what happened in class
messages   the family's news
classes    the day: attendance, timetable, praise
people     who: pupils, guardians, staff, classes, terms
media      files: pictures re-encoded and kept in the object store
"""

from campus.capability import Capability
from tenants import (
    classes,
    demo,
    families,
    growth,
    media,
    messages,
    oversight,
    people,
    privacy,
    rollover,
    roster,
    setup,
)

# The order decides whose home page is offered first and how equals stand in the menu.
CAPABILITIES: tuple[Capability, ...] = tuple(
    part.capability
    for part in (
        people,
        media,
        classes,
        growth,
        messages,
        roster,
        oversight,
        families,
        privacy,
        rollover,
        setup,
        demo,
    )
)
