"""What a school does: every table here carries school_id.

people     who: pupils, guardians, staff, classes, terms
media      files: pictures re-encoded and kept in the object store
classes    the day: attendance, timetable, praise
growth     the child's record, made of what happened in class
messages   the family's news
onboarding how a school gets in, and the demo schools
"""

from campus.capability import Capability
from tenants import classes, growth, media, messages, onboarding, people

CAPABILITIES: tuple[Capability, ...] = tuple(
    part.capability for part in (people, media, classes, growth, messages, onboarding)
)
