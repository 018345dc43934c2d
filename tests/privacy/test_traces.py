"""A name stands in more places than its row: uploads, previews, plans, journals, memories, twins.

And the files of all these: the nightly sweep keeps what somebody still needs, and nothing else.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Text, select, update

from campus import clock, db, jobs, storage
from campus.embedded.postgres import Postgres
from campus.schools.models import School
from tenants.media.models import Photo
from tenants.people.enrol import NewPupil, enrol_pupils
from tenants.people.models import Departure, Guardian, Pupil
from tenants.privacy.erase import erase_guardian, erase_pupil
from tenants.privacy.models import TakeawayTask
from tenants.rollover.models import Turn, TurnChange, TurnChoice, TurnPlan
from tenants.roster.imports import files
from tenants.roster.imports.models import (
    ImportLine,
    ImportMemory,
    ImportRun,
    PupilMerge,
    PupilNumber,
)
from tenants.roster.memory import Known
from tenants.setup.look import set_look
from tests import factories
from tests.privacy.test_erase import school_rows, text_of
from tests.rules import catalogue
from tests.support.canary import leaks
from tests.support.memory_store import MemoryStore
from tests.support.seed import Seed

DAY = timedelta(days=1)
TERMS = ("effective_on", "first_starts_on", "first_ends_on", "second_starts_on", "second_ends_on")


@pytest.fixture
def child(seed: Seed, fresh: str, objects_of_seed: MemoryStore) -> Pupil:
    """The child of A, named and described in every place that does not point at it."""
    school = seed.schools["a"]
    with db.transaction(school_id=school.id) as session:
        child = session.get_one(Pupil, (school.id, school.ids["child"]))
        _uploads(school.id, child.name)
        _turns(child)
        values = {"姓名": child.name, "监护人": seed.people["guardian"].phone}
        session.add(ImportMemory(kind="pupil", object_id=child.id, known=Known(values).text()))
        session.add(
            PupilNumber(
                pupil_id=child.id, kind="id", sealed=child.name.encode(), blind=b"1", tail="1"
            )
        )
        session.add(
            Departure(pupil_id=child.id, kind="transfer", last_day=clock.today(), reason=child.name)
        )
        [twin] = enrol_pupils(
            seed.actor("admin"),
            [NewPupil(child.name, school.ids["other_class"], 44)],
            starts_on=clock.today() - DAY,
        )
        session.add(
            PupilMerge(
                kept_id=child.id, gone_id=twin, moved={"note": child.name}, created_at=clock.now()
            )
        )
        session.flush()
        session.expunge(child)
    return child


def _uploads(school_id: int, name: str) -> None:
    """A file that waits, one whose columns are being chosen, one that is done."""
    session = db.session()
    for state in ("ready", "columns", "done"):
        key = None if state == "done" else storage.object_key(school_id, uuid.uuid4())
        if key:
            put = storage.store().put
            db.after_commit(partial(put, school_id, key, name.encode(), files.KIND))
        sheets: list[dict[str, Any]] | None = None if state == "done" else [{"sample": [[name]]}]
        run = ImportRun(state=state, size=1, key=key, sheets=sheets, created_at=clock.now())
        session.add(run)
        session.flush()
        for line, (who, what) in enumerate([(name, ""), ("别人", name), ("另一个人", "")], 1):
            session.add(
                ImportLine(
                    run_id=run.id,
                    line=line,
                    sheet="学生",
                    row=line,
                    outcome="new",
                    name=who,
                    group="",
                    detail=what,
                )
            )


def _turns(child: Pupil) -> None:
    """A plan that named the child before it was a pupil, and the journal of two turns."""
    session, today = db.session(), clock.today()
    newcomers = [[1, child.name, 1], [1, "别的新生", 2]]
    days = dict.fromkeys(TERMS, today)
    plan = TurnPlan(year=2031, new_classes=1, newcomers=newcomers, **days)
    turn = Turn(kind="year", year=2031, title="升级", effective_on=today)
    session.add_all([plan, turn])
    session.flush()
    session.add(
        TurnChoice(
            plan_id=plan.id, kind="repeat", entry_year=2024, number=1, object_id=child.id, target=1
        )
    )
    whole = {"id": child.id, "name": child.name}
    session.add(TurnChange(turn_id=turn.id, table_name="pupil", before=None, after=whole))
    other = {"id": 10**9, "name": "别人"}
    session.add(TurnChange(turn_id=turn.id, table_name="pupil", before=other, after=other))


def test_an_erased_name_stands_nowhere(
    child: Pupil, seed: Seed, server: Postgres, fresh: str, objects_of_seed: MemoryStore
) -> None:
    """Every row of every table and every file is searched; the neighbour keeps its own."""
    school, mark = seed.schools["a"], seed.schools["a"].private["child"]
    neighbour = school_rows(server, fresh, seed.schools["b"].id)
    holding = {name for name, text in text_of(server, fresh).items() if leaks(text, [mark])}
    assert holding >= {
        *("pupil", "import_run", "import_line", "import_memory", "turn_change", "turn_plan"),
        *("departure", "pupil_merge"),
    }, "else this test looks for nothing"
    with db.transaction(school_id=school.id):
        counts = erase_pupil(child.id)
    objects_of_seed.delete_many(school.id, counts.objects)
    for name, text in text_of(server, fresh).items():
        assert not leaks(text, [mark, seed.people["guardian"].phone]), name
    for key, _ in objects_of_seed.keys(school.id):
        assert mark.encode() not in objects_of_seed.get(school.id, key)
    assert counts["pupil"] == 3, "and the two rows that were merged into it"
    assert counts["pupil_number"] == counts["departure"] == counts["turn_plan"] == 1
    assert school_rows(server, fresh, seed.schools["b"].id) == neighbour


def test_others_keep_what_is_theirs(child: Pupil, seed: Seed, fresh: str) -> None:
    """Another newcomer, another's line of a finished import, another's journal."""
    school = seed.schools["a"]
    with db.transaction(school_id=school.id):
        erase_pupil(child.id)
    with db.transaction(school_id=school.id) as session:
        plans = session.scalars(select(TurnPlan.newcomers).where(TurnPlan.year == 2031)).one()
        assert plans == [[1, "别的新生", 2]]
        assert "另一个人" in session.scalars(select(ImportLine.name)).all()
        kept = session.scalars(select(TurnChange.after)).all()
        assert {"id": 10**9, "name": "别人"} in kept
        states = dict(session.execute(select(ImportRun.state, ImportRun.message)).all())
        assert "重新上传" in states["cancelled"]
        assert states["done"] == ""


def test_a_guardian_s_number_stands_nowhere(
    child: Pupil, seed: Seed, server: Postgres, fresh: str
) -> None:
    """Nor in what imports remember of the child, who stays."""
    school, phone = seed.schools["a"], seed.people["guardian"].phone
    with db.transaction(school_id=school.id) as session:
        number = session.scalars(select(Guardian.id).where(Guardian.phone == phone)).one()
        run = session.scalars(select(ImportRun.id).where(ImportRun.state == "done")).one()
        session.execute(update(ImportLine).where(ImportLine.run_id == run).values(detail=phone))
        erase_guardian(number)
    for name, text in text_of(server, fresh).items():
        assert not leaks(text, [phone]), name
    with db.transaction(school_id=school.id) as session:
        assert session.get(Pupil, (school.id, child.id))


NO_FILES = {
    "idempotency_key.key",
    "account_session.device_key",
    "login_failure.device_key",
    "pupil.name_key",
}
KEYS = {"photo.key", "import_run.key", "takeaway_task.key", "school.logo_key"}


def test_every_column_that_names_a_file_is_known() -> None:
    """Its capability's personal_data.py says `standing_files`, or the sweep deletes its files."""
    named = {
        f"{table.name}.{column.name}"
        for table in catalogue.Base.metadata.sorted_tables
        for column in table.c
        if column.name.endswith("key") and isinstance(column.type, Text)
    }
    assert named - NO_FILES == KEYS


def test_the_sweep_keeps_what_is_needed(
    seed: Seed, fresh: str, objects_of_seed: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The logo, an upload on its way, a zip to fetch, a photo; an orphan of two hours goes."""
    school = seed.schools["a"]
    orphan = storage.object_key(school.id, uuid.uuid4())
    upload = storage.object_key(school.id, uuid.uuid4())
    for key in (orphan, upload):
        objects_of_seed.put(school.id, key, b"x", files.KIND)
    with db.transaction(school_id=school.id):
        set_look(seed.actor("admin"), version=0, accent="sky", logo=factories.picture(kind="PNG"))
        session = db.session()
        session.add(ImportRun(state="ready", size=1, key=upload, created_at=clock.now()))
        logo = session.get_one(School, school.id).logo_key
        zips = list(session.scalars(select(TakeawayTask.key).where(TakeawayTask.key.is_not(None))))
        photos = list(session.scalars(select(Photo.key)))
    for key in zips:
        objects_of_seed.put(school.id, str(key), b"PK", "application/zip")
    later = clock.now() + timedelta(hours=2)
    monkeypatch.setattr("tenants.media.jobs.clock.now", lambda: later)
    jobs.perform(jobs.JOBS["media.sweep"], {"school_id": school.id})
    left = {key for key, _ in objects_of_seed.keys(school.id)}
    assert left == {logo, upload, *zips, *photos}
    assert orphan not in left
