"""Files of a school: pictures, re-encoded by us, one row and one object each.

A picture that arrives is decoded under limits and drawn anew, so no metadata, place or hidden tail
of the original survives; only what we made is stored. Readers get links that live five minutes.

models.py   Photo
pictures.py decoding under limits, re-encoding
actions.py  store_photo, remove_photo
queries.py  photo_url
jobs.py     the sweep that compares the store with the truth
"""

from campus.capability import Capability
from tenants.media.jobs import JOBS

capability = Capability(name="media", title="照片", jobs=JOBS)
