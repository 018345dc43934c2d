"""What a school does: every table here carries school_id.

people     who: pupils, guardians, staff, classes, terms
media      files: pictures re-encoded and kept in the object store
classes    the day: attendance, timetable, praise
growth     the child's record, made of what happened in class
messages   the family's news
onboarding how a school gets in, and the demo schools
"""

from campus.capability import Capability
from tenants.classes import capability as classes
from tenants.growth import capability as growth
from tenants.media import capability as media
from tenants.messages import capability as messages
from tenants.onboarding import capability as onboarding
from tenants.people import capability as people

CAPABILITIES: tuple[Capability, ...] = (
    people,
    media,
    classes,
    growth,
    messages,
    onboarding,
)
