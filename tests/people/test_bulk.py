"""Whatever stands in a cell comes back as it was, in the order it was given."""

from __future__ import annotations

from datetime import date

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg.pq import PipelineStatus
from sqlalchemy import any_, func, select
from sqlalchemy.exc import DBAPIError, ResourceClosedError

from campus import db
from tenants.people.bulk import array_of, insert_rows, tie_rows, update_rows
from tenants.people.models import Guardian, Guardianship, Pupil
from tests.support.effort import examples
from tests.support.seed import Seed

ODD = [
    *("王小明", "", "NULL", "null", '"', "\\", '\\"', "a,b", "{}", "{a}", " 首尾 ", "'", "%s"),
    *("一\n行", "制\t表", "\x1d\x1e\x1f", "𠮷", "\ue000", "$1", ":name", "\\n", "}{", ",", '""'),
]
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


def test_every_text_arrives_as_it_was(database: str, seed: Seed) -> None:
    with db.transaction(school_id=seed.schools["a"].id, read_only=True):
        assert _echoed(ODD) == ODD
        assert _echoed([]) == []

        @settings(max_examples=examples(100), deadline=None)
        @given(st.lists(TEXT, max_size=30))
        def arrives(texts: list[str]) -> None:
            assert _echoed(texts) == texts

        arrives()


def _echoed(texts: list[str]) -> list[str]:
    return db.rows(select(array_of(Pupil.name, texts)))[0][0]  # type: ignore[no-any-return]


def test_rows_keep_their_order_and_their_blanks(fresh: str, seed: Seed) -> None:
    days = [None if at % 3 else date(2018, 2, 1 + at) for at in range(len(ODD))]
    with db.transaction(school_id=seed.schools["a"].id):
        columns = {
            "name": ODD,
            "name_key": ODD,
            "sex": [at % 3 for at in range(len(ODD))],
            "birthday": days,
        }
        ids = insert_rows(Pupil, columns)
        mine = select(Pupil.name, Pupil.birthday).where(Pupil.id == any_(array_of(Pupil.id, ids)))
        found = db.rows(mine.order_by(Pupil.id))
        assert [tuple(row) for row in found] == list(zip(ODD, days, strict=True))
        update_rows(Pupil, ids, {"name": ODD[::-1], "birthday": [None for _ in ids]})
        found = db.rows(mine.order_by(Pupil.id))
        assert [tuple(row) for row in found] == [(name, None) for name in ODD[::-1]]


def test_a_tie_that_exists_is_brought_up_to_date(fresh: str, seed: Seed) -> None:
    with db.transaction(school_id=seed.schools["a"].id):
        held = select(Guardianship.guardian_id, Guardianship.pupil_id).limit(1)
        guardian, pupil = db.rows(held)[0]
        ties = select(func.count()).select_from(Guardianship)
        before = db.session().scalar(ties)
        columns = {"guardian_id": [guardian], "pupil_id": [pupil], "relation": ['外"婆']}
        tie_rows(Guardianship, columns)
        assert db.session().scalar(ties) == before
        tie = db.session().get_one(Guardianship, (db.school_id(), guardian, pupil))
        assert tie.relation == '外"婆'


def test_nothing_is_no_statement(fresh: str, seed: Seed) -> None:
    with db.transaction(school_id=seed.schools["a"].id):
        assert insert_rows(Guardian, {"name": [], "phone": []}) == []


def _children(*names: str) -> list[int]:
    columns = {"name": names, "name_key": names, "sex": [0 for _ in names]}
    return insert_rows(Pupil, columns)


def test_what_is_sent_ahead_is_there_for_who_reads(fresh: str, seed: Seed) -> None:
    with db.transaction(school_id=seed.schools["a"].id):
        held = select(func.count()).select_from(Pupil)
        [[before]] = db.rows(held)
        with db.ahead():
            first = _children("甲", "乙")
            assert db.rows(held) == [(before + 2,)]
            with db.ahead():  # an action that goes ahead by itself may be part of a longer one
                second = _children("丙")
        assert db.unit().driver.pgconn.pipeline_status == PipelineStatus.OFF
        found = db.rows(select(Pupil.id, Pupil.name).order_by(Pupil.id.desc()).limit(3))
        assert [tuple(row) for row in found] == list(
            zip([*second, *first[::-1]], "丙乙甲", strict=True)
        )


def test_long_statements_arrive_whole(fresh: str, seed: Seed) -> None:
    """More than a socket takes at once, while the server still works on the one before."""
    long = [f"{'长' * 50}{at}" for at in range(20_000)]
    with db.transaction(school_id=seed.schools["a"].id):
        with db.ahead():
            ids = [*_children(*long), *_children(*long)]
        found = db.rows(select(Pupil.name).where(Pupil.id >= ids[0]).order_by(Pupil.id))
        assert [row[0] for row in found] == [*long, *long]


@pytest.mark.parametrize("then", ["ends", "writes", "reads"])
def test_a_write_that_fails_ahead_fails_its_transaction(fresh: str, seed: Seed, then: str) -> None:
    school = seed.schools["a"].id
    with db.transaction(school_id=school):
        [[before]] = db.rows(select(func.count()).select_from(Pupil))
    with (
        pytest.raises((psycopg.Error, DBAPIError), match="foreign key"),
        db.transaction(school_id=school),
        db.ahead(),
    ):
        _children("丁")
        tie_rows(Guardianship, {"guardian_id": [0], "pupil_id": [0], "relation": ["x"]})
        if then == "writes":
            _children("戊")
        elif then == "reads":
            db.rows(select(func.count()).select_from(Pupil))
    with db.transaction(school_id=school):
        assert db.rows(select(func.count()).select_from(Pupil)) == [(before,)]


def test_nothing_else_is_asked_while_writes_go_ahead(fresh: str, seed: Seed) -> None:
    """An answer that is not waited for would be taken for none."""
    with db.transaction(school_id=seed.schools["a"].id), db.ahead():
        with pytest.raises(RuntimeError, match=r"inside db\.ahead"):
            db.gather()
        with pytest.raises(ResourceClosedError):
            db.session().scalars(select(Pupil.id)).all()
