"""Files of a school: pictures, re-encoded by us, one row and one object each.

A picture that arrives is drawn anew (campus.pictures), so no metadata, place or hidden tail
of the original survives; only what we made is stored. Readers get links that live five minutes.

models.py   Photo
actions.py  keep_picture, add_photo, remove_photo
queries.py  photo_url
jobs.py     the sweep that compares the store with the truth
"""

from campus.capability import Capability
from tenants.media.jobs import JOBS
from tenants.media.personal_data import PERSONAL_DATA

capability = Capability(name="media", title="照片", jobs=JOBS, personal_data=PERSONAL_DATA)
