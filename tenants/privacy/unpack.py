"""The worker's part of bringing a pupil in: judge again, draw every picture anew, then the rows."""

from __future__ import annotations

from campus import audit, clock, db, storage
from campus.actor import Actor
from campus.errors import Conflict
from tenants.growth.actions import Brought, bring_records
from tenants.media.actions import Kept, add_photo, keep_picture
from tenants.people.enrol import NewPupil, enrol_pupils
from tenants.privacy import tasks
from tenants.privacy.box import measured, scrap
from tenants.privacy.bring import Arrival, Parcel
from tenants.privacy.models import DONE, RUNNING, TakeawayTask

CHANGED_FILE = "存着的文件变了，请重新上传。"


def bring(school_id: int, task: TakeawayTask) -> None:
    """Make a pupil of a kept zip: all of it, or (cancelled, killed, broken) nothing."""
    actor = Actor(task.asked_by, "", school_id, trusted=True)
    with scrap() as file:
        storage.store().fetch(school_id, task.key or "", file)
        _size, digest = measured(file)
        if digest != task.sha256:
            raise Conflict(CHANGED_FILE)
        parcel = Parcel(file)
        arrival = parcel.arrival()
        pictures = _pictures(arrival, parcel, task)
    with db.transaction(school_id=school_id, role=tasks.WORKER):
        pupil_id = _make(actor, arrival, pictures, task)
        audit.record(actor, "takeaway.brought", "pupil", pupil_id, task=task.id)
        # Said in the same transaction as the rows: a killed worker leaves either all or nothing.
        held = tasks.held(task.id, RUNNING)
        held.state, held.subject_id, held.key = DONE, pupil_id, None
        held.expires_at, held.finished_at = None, clock.now()
        held.detail = {"records": len(arrival.records), "photos": len(arrival.photos)}
        tasks.tell(held)


def _pictures(arrival: Arrival, parcel: Parcel, task: TakeawayTask) -> dict[str, Kept]:
    """Every picture drawn anew and stored; those that no row names in the end are swept."""
    step, found = tasks.Progress(task.school_id, task.id), dict[str, Kept]()
    for number, name in enumerate(arrival.photos, start=1):
        found[name] = keep_picture(parcel.read(name))
        step(number, len(arrival.photos))
    return found


def _make(actor: Actor, arrival: Arrival, pictures: dict[str, Kept], task: TakeawayTask) -> int:
    new = NewPupil(arrival.name, task.detail["class_id"], None, arrival.sex, arrival.birthday)
    [pupil_id] = enrol_pupils(actor, [new], starts_on=clock.today())
    photos = {name: add_photo(actor, kept) for name, kept in pictures.items()}
    records = [
        Brought(
            one.area,
            one.kind,
            one.text,
            one.author,
            photos[one.photo] if one.photo else None,
            one.at,
        )
        for one in arrival.records
    ]
    bring_records(actor, pupil_id=pupil_id, records=records)
    return pupil_id
