"""Whose a task is, what may still be stopped, and what a refused form keeps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from campus import clock, db, jobs
from campus.errors import Conflict
from campus.schools.models import Membership
from tenants.people.calendar import school_year_of
from tenants.people.models import Enrollment, HomeroomClass, Pupil
from tenants.privacy import certificate, leaving, queries
from tenants.privacy.models import TakeawayTask
from tests.privacy.conftest import task_of
from tests.support.client import PageClient
from tests.support.memory_store import MemoryStore
from tests.support.seed import Seed

ClientOf = Callable[[str], PageClient]
Work = Callable[[int, int], None]


def held(seed: Seed, who: str, kind: str, state: str, **columns: object) -> int:
    """A task of ``who`` in some state, as if everything before had happened."""
    school = seed.schools["a"]
    with db.transaction(school_id=school.id) as session:
        row = TakeawayTask(kind=kind, state=state, asked_by=seed.people[who].account_id, **columns)
        session.add(row)
        session.flush()
        return row.id


def roles(seed: Seed, who: str, *given: str) -> None:
    """What somebody is in school A from now on."""
    with db.transaction(school_id=seed.schools["a"].id) as session:
        session.execute(
            update(Membership)
            .where(Membership.account_id == seed.people[who].account_id)
            .values(roles=list(given))
        )


@pytest.mark.parametrize("kind", ["school", "pupil"])
def test_who_was_an_administrator_keeps_no_file_as_a_parent(
    client_of: ClientOf, seed: Seed, fresh: str, kind: str
) -> None:
    """The whole school's zip must not be had through the family's address."""
    school = seed.schools["a"]
    task_id = held(
        seed, "admin", kind, "done", key=f"s/{school.id}/{'a' * 32}", subject_id=None,
        expires_at=clock.now() + timedelta(days=6), finished_at=clock.now(),
    )  # fmt: skip
    admin = client_of("admin")
    admin.get(f"/takeaway/{task_id}/file", 302)
    roles(seed, "admin", "guardian")
    admin.get(f"/takeaway/{task_id}/file", 403)
    for path in ("", "/file"):
        admin.get(f"/takeaway/mine/{task_id}{path}", 404)
    admin.post(f"/takeaway/mine/{task_id}/cancellation", status=404)


def test_a_parent_s_own_book_is_not_the_office_s(
    client_of: ClientOf, seed: Seed, fresh: str
) -> None:
    """Somebody who is both finds each under its own address."""
    roles(seed, "guardian", "guardian", "admin")
    task_id = seed.schools["a"].ids["mine_open"]
    both = client_of("guardian")
    both.get(f"/takeaway/mine/{task_id}")
    both.get(f"/takeaway/{task_id}", 404)
    both.get(f"/takeaway/{task_id}/file", 404)
    both.post(f"/takeaway/{task_id}/cancellation", status=404)


@pytest.mark.parametrize("kind", ["erase-optional", "erase-pupil", "bring"])
@pytest.mark.parametrize("state", ["waiting", "running"])
def test_what_is_under_way_is_not_stopped_by_another_door(
    client_of: ClientOf, seed: Seed, fresh: str, kind: str, state: str
) -> None:
    """An erasure at work has taken files already; a cancelled one would say it had not."""
    task_id = held(seed, "admin", kind, state, subject_id=seed.schools["a"].ids["child"])
    client_of("admin").post(f"/takeaway/{task_id}/cancellation", status=404)
    assert task_of(seed.schools["a"].id, task_id).state == state


def test_an_erasure_at_work_cannot_be_cancelled(
    client_of: ClientOf, seed: Seed, fresh: str
) -> None:
    task_id = held(
        seed, "admin", "erase-optional", "running", subject_id=seed.schools["a"].ids["child"]
    )
    answer = client_of("admin").post(f"/takeaway/going/{task_id}/cancellation", status=409)
    assert "已经开始或结束" in answer.get_data(as_text=True)


@pytest.fixture
def gone(seed: Seed, fresh: str) -> int:
    """A child who left yesterday, and whose erasure the administrator has asked for."""
    school = seed.schools["a"]
    with db.transaction(school_id=school.id) as session:
        session.execute(
            update(Enrollment)
            .where(Enrollment.pupil_id == school.ids["child"])
            .values(ends_on=clock.today() - timedelta(days=1))
        )
    with db.transaction(school_id=school.id):
        return leaving.ask(
            seed.actor("admin"), kind="erase-pupil", reason="request", pupil_id=school.ids["child"]
        )


def back(seed: Seed) -> None:
    """The child has come back to the class."""
    school = seed.schools["a"]
    with db.transaction(school_id=school.id) as session:
        session.execute(
            insert(Enrollment).values(
                school_id=school.id,
                pupil_id=school.ids["child"],
                class_id=school.ids["class"],
                starts_on=clock.today(),
            )
        )


def test_a_child_who_came_back_is_not_erased_by_the_clock(
    seed: Seed, gone: int, objects_of_seed: MemoryStore, work: Work
) -> None:
    """Asked while the child was away; seven days later nobody looks, so the worker does."""
    school = seed.schools["a"]
    back(seed)
    with db.transaction(school_id=school.id) as session:
        session.execute(
            update(TakeawayTask).where(TakeawayTask.id == gone).values(due_at=clock.now())
        )
    jobs.perform(jobs.JOBS["takeaway.due"], {"school_id": school.id})
    work(school.id, gone)
    task = task_of(school.id, gone)
    assert task.state == "failed"
    assert "还在班里" in task.problem
    assert {key for key, _ in objects_of_seed.keys(school.id)} >= set(school.files)
    with db.transaction(school_id=school.id) as session:
        assert session.get(Pupil, (school.id, school.ids["child"]))


def test_nor_by_the_second_person(seed: Seed, gone: int, client_of: ClientOf) -> None:
    back(seed)
    roles(seed, "head", "head", "admin")
    answer = client_of("head").post(f"/takeaway/going/{gone}/confirmation", status=409)
    assert "还在班里" in answer.get_data(as_text=True)
    assert task_of(seed.schools["a"].id, gone).state == "asked"


def test_two_confirm_at_once_and_it_is_done_once(
    seed: Seed, gone: int, client_of: ClientOf
) -> None:
    roles(seed, "head", "head", "admin")
    client_of("head").post(f"/takeaway/going/{gone}/confirmation")
    client_of("head").post(f"/takeaway/going/{gone}/confirmation", status=409)
    with db.transaction(school_id=seed.schools["a"].id), pytest.raises(Conflict):
        leaving.ask(
            seed.actor("admin"),
            kind="erase-pupil",
            reason="request",
            pupil_id=seed.schools["a"].ids["child"],
        )


def test_a_refused_form_keeps_what_was_chosen(
    client_of: ClientOf, seed: Seed, database: str
) -> None:
    """Without the class nothing of the list would be there to correct."""
    admin, ids = client_of("admin"), seed.schools["a"].ids
    form = {"class_id": ids["class"], "pupil_id": ids["child"]}
    said = admin.post("/takeaway/pupils", form, 422).get_data(as_text=True)
    assert "请选择一个理由" in said
    assert f'value="{ids["child"]}" required checked' in said
    form |= {"kind": "erase-guardian", "reason": "request"}
    said = admin.post("/takeaway/going", form, 422).get_data(as_text=True)
    assert "请选择一位监护人" in said
    assert f'<option value="{ids["class"]}" selected>' in said
    assert 'value="erase-guardian" checked' in said


def test_nothing_is_chosen_for_the_whole_school_beforehand(
    client_of: ClientOf, database: str
) -> None:
    page = client_of("admin").page("/takeaway/going/form")
    assert not page.select("input[checked]")
    client_of("admin").post("/takeaway/going", {"reason": "contract"}, 422)


@pytest.mark.parametrize("reason", ["transfer", "family", "x" * 21, ""])
def test_a_school_has_reasons_of_its_own(client_of: ClientOf, database: str, reason: str) -> None:
    """It does not move on to another school as a child does."""
    answer = client_of("admin").post("/takeaway/school", {"reason": reason}, 422)
    assert "请选择一个理由" in answer.get_data(as_text=True)


def test_a_class_that_has_not_begun_takes_nobody_in(seed: Seed, fresh: str) -> None:
    """Next year's first grade is there already when the year has been turned ahead of time."""
    school = seed.schools["a"]
    with db.transaction(school_id=school.id) as session:
        begun = len(queries.classes())
        year = school_year_of(clock.today()) + 1
        session.add(HomeroomClass(entry_year=year, number=1))
        session.flush()
        assert len(queries.classes()) == begun


@pytest.mark.parametrize(
    ("size", "words"),
    [(None, ""), (0, ""), (5, "1 KB"), (40_000, "39 KB"), (1_048_576, "1.0 MB")],
)
def test_a_size_is_never_nothing(size: int | None, words: str) -> None:
    assert queries.size_words(size) == words


def test_the_times_of_a_certificate_are_the_school_s() -> None:
    made = {"asked_at": "2026-11-23T15:35:13+00:00", "done_at": "2026-11-23T23:40:00+08:00"}
    times = certificate.times(made)
    assert times == {"asked_at": "2026年11月23日 23:35", "done_at": "2026年11月23日 23:40"}
    assert certificate.times({"asked_at": None, "done_at": made["done_at"]})["asked_at"] == ""
