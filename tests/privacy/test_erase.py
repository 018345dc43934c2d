"""Erasing people and a school: two steps, everything gone, the neighbour byte-identical."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import func, select, update

from campus import clock, db, jobs
from campus.embedded.postgres import Postgres
from campus.errors import Conflict, InvalidInput
from campus.identity.models import Account
from campus.realtime.links import Link
from tenants.growth.models import GrowthRecord
from tenants.people.models import Enrollment, Guardian, Guardianship, Pupil
from tenants.privacy import certificate, leaving
from tenants.privacy.models import TakeawayTask
from tests.privacy.conftest import task_of
from tests.privacy.test_suspend import links
from tests.rules import catalogue
from tests.support.canary import leaks
from tests.support.client import PageClient
from tests.support.databases import superuser
from tests.support.memory_store import MemoryStore
from tests.support.seed import Seed

ClientOf = Callable[[str], PageClient]
Work = Callable[[int, int], None]
__all__ = ["links"]  # fixtures of the neighbour


@pytest.fixture
def second_admin(seed: Seed, fresh: str) -> str:
    """The head of A is an administrator as well; the name of that person."""
    with db.transaction(school_id=seed.schools["a"].id) as session:
        session.execute(
            update(catalogue.Base.metadata.tables["membership"])
            .where(
                catalogue.Base.metadata.tables["membership"].c.account_id
                == seed.people["head"].account_id
            )
            .values(roles=["head", "admin"])
        )
    return "head"


def text_of(server: Postgres, database: str) -> dict[str, str]:
    """Every row of every table as text: what a dump would hold."""
    with superuser(server, database) as connection:
        names = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
            "AND relkind = 'r' ORDER BY 1"
        ).fetchall()
        return {name: rows_of(connection, name) for (name,) in names}


def rows_of(connection: psycopg.Connection[Any], name: str, where: str = "true") -> str:
    query = sql.SQL("SELECT t::text FROM {} t WHERE {} ORDER BY 1").format(
        sql.Identifier(name), sql.SQL(where)
    )
    return "\n".join(row[0] for row in connection.execute(query))


def school_rows(server: Postgres, database: str, school_id: int) -> dict[str, str]:
    """The rows of one school in every table that knows schools."""
    with superuser(server, database) as connection:
        names = connection.execute(
            "SELECT table_name FROM information_schema.columns WHERE column_name = 'school_id' "
            "AND table_schema = 'public' ORDER BY 1"
        ).fetchall()
        return {name: rows_of(connection, name, f"school_id = {school_id}") for (name,) in names}


def asked(seed: Seed, **wish: Any) -> int:
    with db.transaction(school_id=seed.schools["a"].id):
        return leaving.ask(seed.actor("admin"), **{"reason": "withdrawn", **wish})


def erased(seed: Seed, client_of: ClientOf, work: Work, second: str, **wish: Any) -> Any:
    """Asked by the admin, confirmed by the other, done by the worker; the task."""
    school, task_id = seed.schools["a"], asked(seed, **wish)
    client_of(second).post(f"/takeaway/going/{task_id}/confirmation")
    work(school.id, task_id)
    task = task_of(school.id, task_id)
    assert task.state == "done", task.problem
    return task


def left(seed: Seed, child: str = "child") -> int:
    """The child has left the school; its number."""
    pupil_id = seed.schools["a"].ids[child]
    with db.transaction(school_id=seed.schools["a"].id) as session:
        session.execute(
            update(Enrollment)
            .where(Enrollment.pupil_id == pupil_id)
            .values(ends_on=clock.today() - timedelta(days=1))
        )
    return pupil_id


def test_withdrawn_consent_takes_what_rests_on_it(
    client_of: ClientOf,
    seed: Seed,
    second_admin: str,
    objects_of_seed: MemoryStore,
    work: Work,
    server: Postgres,
    fresh: str,
) -> None:
    """Records, praise, photo, news go; name, class and attendance stay; nobody else loses a row."""
    school = seed.schools["a"]
    child, mark = school.ids["child"], school.private["child"]
    neighbour = school_rows(server, fresh, seed.schools["b"].id)
    task = erased(seed, client_of, work, second_admin, kind="erase-optional", pupil_id=child)
    found = text_of(server, fresh)
    assert [name for name, text in found.items() if leaks(text, [mark])] == ["pupil"]
    assert school.private["classmate"] in found["growth_record"]
    with db.transaction(school_id=school.id) as session:
        assert session.get(Pupil, (school.id, child))
        assert session.scalar(select(func.count()).select_from(GrowthRecord)) == 2
    assert not {key for key, _ in objects_of_seed.keys(school.id)} & set(school.files)
    assert task.detail["counts"]["growth_record"] == 1
    assert task.detail["counts"]["files"] == 3  # the photo, and two books made before
    assert school_rows(server, fresh, seed.schools["b"].id) == neighbour
    page = client_of("guardian").page("/children")
    assert "还没有记录" in page.get_text()


def test_a_pupil_goes_whole(
    client_of: ClientOf,
    seed: Seed,
    second_admin: str,
    objects_of_seed: MemoryStore,
    work: Work,
    server: Postgres,
    fresh: str,
    links: dict[str, Link],
) -> None:
    """0 rows, 0 files, 0 sessions, 0 sockets; the account of a guardian only here is a shell."""
    school, mark = seed.schools["a"], seed.schools["a"].private["child"]
    neighbour = school_rows(server, fresh, seed.schools["b"].id)
    foreign = {key for key, _ in objects_of_seed.keys(seed.schools["b"].id)}
    task = erased(seed, client_of, work, second_admin, kind="erase-pupil", pupil_id=left(seed))
    found = text_of(server, fresh)
    guardian = seed.people["guardian"]
    for name, text in found.items():
        assert not leaks(text, [mark, guardian.phone]), name
    account = found["account"].splitlines()
    shell = next(line for line in account if line.startswith(f"({guardian.account_id},"))
    assert "已注销" in shell
    assert "erased-" in shell
    client_of("guardian").get("/home", 302)
    assert links["guardian"].engine.closed
    assert not links["guardian_b"].engine.closed
    assert {key for key, _ in objects_of_seed.keys(seed.schools["b"].id)} == foreign
    assert school_rows(server, fresh, seed.schools["b"].id) == neighbour
    counts = task.detail["counts"]
    assert counts["pupil"] == 2, "the row that was merged into it as well"
    assert counts["guardian"] >= 1
    assert counts["account"] >= 1
    with db.transaction(school_id=school.id) as session:
        assert (
            session.scalar(
                select(func.count()).select_from(Guardianship).filter_by(pupil_id=task.subject_id)
            )
            == 0
        )


def test_a_guardian_goes_and_the_child_stays(
    client_of: ClientOf, seed: Seed, second_admin: str, work: Work, fresh: str
) -> None:
    school = seed.schools["a"]
    with db.transaction(school_id=school.id) as session:
        number = session.scalars(
            select(Guardian.id).filter_by(account_id=seed.people["guardian"].account_id)
        ).one()
    erased(
        seed, client_of, work, second_admin,
        kind="erase-guardian", guardian_id=number, reason="request",
    )  # fmt: skip
    with db.transaction(school_id=school.id) as session:
        assert session.get(Pupil, (school.id, school.ids["child"]))
        assert session.get(Guardian, (school.id, number)) is None
    client_of("guardian").get("/home", 302)
    client_of("other_guardian").get("/home")


def test_an_account_of_two_schools_loses_one(
    client_of: ClientOf,
    seed: Seed,
    second_admin: str,
    objects_of_seed: MemoryStore,
    work: Work,
    fresh: str,
) -> None:
    """A guardian who is also somebody at B keeps the account, the session and B."""
    guardian, tables = seed.people["guardian"], catalogue.Base.metadata.tables
    with db.transaction(school_id=seed.schools["b"].id) as session:
        session.execute(
            tables["membership"]
            .insert()
            .values(
                school_id=seed.schools["b"].id, account_id=guardian.account_id, roles=["guardian"]
            )
        )
    erased(seed, client_of, work, second_admin, kind="erase-pupil", pupil_id=left(seed))
    with db.transaction() as session:
        assert session.get_one(Account, guardian.account_id).name == guardian.full_name
    client_of("guardian").get("/home", 404)
    client_of("guardian").get("/s/yixiao/home")


def test_who_is_in_class_does_not_go_whole(seed: Seed, fresh: str) -> None:
    with pytest.raises(InvalidInput, match="转出"):
        asked(seed, kind="erase-pupil", pupil_id=seed.schools["a"].ids["child"])


def test_two_steps(
    client_of: ClientOf, seed: Seed, second_admin: str, work: Work, fresh: str
) -> None:
    """Not by oneself, not before seven days, not twice, and not once it is cancelled."""
    school = seed.schools["a"]
    wish = {"kind": "erase-optional", "pupil_id": school.ids["child"]}
    task_id = asked(seed, **wish)
    with pytest.raises(Conflict):
        asked(seed, **wish)
    client_of("admin").post(f"/takeaway/going/{task_id}/confirmation", status=403)
    work(school.id, task_id)
    jobs.perform(jobs.JOBS["takeaway.due"], {"school_id": school.id})
    assert task_of(school.id, task_id).state == "asked"
    client_of(second_admin).post(f"/takeaway/going/{task_id}/cancellation")
    client_of(second_admin).post(f"/takeaway/going/{task_id}/confirmation", status=409)
    with db.transaction(school_id=school.id) as session:
        assert session.scalar(select(func.count()).select_from(GrowthRecord)) == 3


def test_after_seven_days_it_begins_by_itself(
    seed: Seed, fresh: str, objects_of_seed: MemoryStore, work: Work
) -> None:
    school = seed.schools["a"]
    task_id = asked(seed, kind="erase-optional", pupil_id=school.ids["child"])
    with db.transaction(school_id=school.id) as session:
        session.execute(update(TakeawayTask).values(due_at=clock.now()))
    jobs.perform(jobs.JOBS["takeaway.due"], {"school_id": school.id})
    work(school.id, task_id)
    assert task_of(school.id, task_id).state == "done"


def test_a_dead_store_erases_no_row(
    client_of: ClientOf, seed: Seed, second_admin: str, work: Work, server: Postgres, fresh: str
) -> None:
    """Otherwise a photo would be forgotten and stay for ever."""
    school = seed.schools["a"]
    task_id = asked(seed, kind="erase-optional", pupil_id=school.ids["child"])
    client_of(second_admin).post(f"/takeaway/going/{task_id}/confirmation")
    before = school_rows(server, fresh, school.id)["growth_record"]
    work(school.id, task_id)
    assert task_of(school.id, task_id).state == "failed"
    assert school_rows(server, fresh, school.id)["growth_record"] == before


def test_the_certificate_is_a_page_with_a_true_hash(
    client_of: ClientOf,
    seed: Seed,
    second_admin: str,
    objects_of_seed: MemoryStore,
    work: Work,
    fresh: str,
) -> None:
    school = seed.schools["a"]
    wish = {"kind": "erase-optional", "pupil_id": school.ids["child"]}
    task = erased(seed, client_of, work, second_admin, **wish)
    made = dict(task.detail)
    assert made.pop("sha256") == certificate.digest(made)
    assert not leaks(json.dumps(made), [school.private["child"]])
    page = client_of("admin").page(f"/takeaway/going/{task.id}/certificate")
    words = page.get_text()
    for expected in (
        "删除证明",
        made["number"],
        task.detail["sha256"],
        "成长记录",
        "监护人撤回同意",
    ):
        assert expected in words
    client_of("class_teacher").get(f"/takeaway/going/{task.id}/certificate", 403)
