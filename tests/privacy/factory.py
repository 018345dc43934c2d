"""What the seed holds of privacy: tasks of every kind."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from campus import clock, db, storage
from campus.actor import Actor
from tenants.privacy import certificate, tasks
from tests.factories import NAMES
from tests.support.planting import Planting

DAY = timedelta(days=1)


def plant(planting: Planting) -> None:
    """A family's and the office's books, a zip that came, erasures: open and done."""
    ids, school = planting.school.ids, planting.school.id
    family = planting.actor("guardian")
    office = planting.actor("admin")
    key = storage.object_key(school, uuid.uuid4())
    db.release()
    storage.store().put(school, key, b"PK", "application/zip")
    kept = {"key": key, "size": 2, "expires_at": clock.now() + 7 * DAY}
    child = {"subject_id": ids["child"], "reason": "transfer"}
    made = certificate.body(
        certificate=f"XC-{planting.school.canary}", kind="erase-optional",
        school=NAMES[planting.school.key], subject_id=1, reason="withdrawn", asked_by=1,
        asked_at=clock.now(), confirmed_by=2, counts={"growth_record": 1},
    )  # fmt: skip
    wishes: dict[str, tuple[Actor, str, str, dict[str, Any]]] = {
        "mine_open": (family, "mine", "waiting", child),
        "mine_done": (family, "mine", "done", child | kept),
        "taken_open": (office, "pupil", "waiting", {"subject_id": ids["stranger"]}),
        "taken_done": (office, "pupil", "done", child | kept),
        "bring_one": (planting.system, "bring", "asked", {"sha256": b"1", "detail": {}}),
        "bring_two": (planting.system, "bring", "asked", {"sha256": b"2", "detail": {}}),
        "erase_one": (planting.system, "erase-optional", "asked", {"subject_id": ids["stranger"]}),
        "erase_two": (planting.system, "erase-optional", "asked", {"subject_id": ids["departed"]}),
        "erase_done": (
            planting.system, "erase-optional", "done", {"detail": {**made, "sha256": "0" * 64}}
        ),
    }  # fmt: skip
    for name, (actor, kind, state, more) in wishes.items():
        ids[name] = tasks.add(actor, kind=kind, state=state, **more).id
