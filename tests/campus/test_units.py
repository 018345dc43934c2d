"""One transaction per intention: what is left for its end, and what fails alone."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import insert, select

from campus import audit, db
from campus.audit import AuditEntry
from campus.audit.write import LINES
from campus.errors import Conflict
from tenants.people.models import Subject
from tests.support.seed import Seed

pytestmark = pytest.mark.usefixtures("fresh")


def test_what_fails_in_a_savepoint_leaves_nothing_behind(seed: Seed) -> None:
    """Neither a row, nor a log line, nor a call after commit; what was before it stays."""
    actor, school = seed.actor("admin"), seed.schools["a"].id
    called: list[str] = []
    with db.transaction(school_id=school):
        audit.record(actor, "test.before", "test", 1)
        with pytest.raises(Conflict), db.savepoint():
            audit.record(actor, "test.within", "test", 1)
            db.session().execute(insert(Subject).values(school_id=school, name="不留", position=99))
            db.after_commit(lambda: called.append("within"))
            raise Conflict("no")
        audit.record(actor, "test.after", "test", 1)
    with db.transaction(school_id=school) as session:
        lines = session.scalars(
            select(AuditEntry.action)
            .where(AuditEntry.object_kind == "test")
            .order_by(AuditEntry.id)
        )
        assert list(lines) == ["test.before", "test.after"]
        assert not session.scalars(select(Subject.id).where(Subject.name == "不留")).all()
    assert called == []


def test_a_line_that_cannot_be_written_takes_the_change_with_it(seed: Seed) -> None:
    """COMMIT comes after the log line in the same trip: no change without its line."""
    school = seed.schools["a"].id
    with pytest.raises(psycopg.Error), db.transaction(school_id=school) as session:
        session.execute(insert(Subject).values(school_id=school, name="不留", position=99))
        db.at_end(LINES, {"school_id": school, "action": None, "object_kind": "x"})
    with db.transaction(school_id=school) as session:
        assert not session.scalars(select(Subject.id).where(Subject.name == "不留")).all()


def test_each_school_gets_its_own_lines_in_one_transaction(seed: Seed) -> None:
    """A person belongs to several schools: what was left in one is written before the next."""
    ours, theirs = seed.schools["a"].id, seed.schools["b"].id
    actor = seed.actor("admin")
    with db.transaction():
        for school in (ours, theirs):
            db.enter(school)
            audit.record(replace(actor, school_id=school), "test.everywhere", "test", 7)
    for school in (ours, theirs):
        with db.transaction(school_id=school) as session:
            found = session.scalars(
                select(AuditEntry.school_id).where(AuditEntry.action == "test.everywhere")
            )
            assert list(found) == [school]
