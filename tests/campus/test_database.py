"""Flask-SQLAlchemy's session is that of the open transaction, and nobody's outside one."""

from __future__ import annotations

import ast

import pytest
from flask import Flask
from sqlalchemy import select

from campus import db
from campus.database import UnitSession, database
from campus.identity.models import Account
from tests.factories import Seed
from tests.rules import source


def test_the_extension_hands_out_the_open_transactions_session(
    app: Flask, seed: Seed, fresh: str
) -> None:
    school = seed.schools["a"].id
    with db.transaction(school_id=school) as session:
        assert isinstance(database.session(), UnitSession)
        assert database.session() is session is db.session()
        assert session.connection() is db.unit().connection
        assert db.school_id() == school
    with db.transaction(school_id=school) as other:
        assert other is not session, "a session ends with its transaction"


def test_no_transaction_no_session(app: Flask, fresh: str) -> None:
    with app.app_context(), pytest.raises(LookupError, match="no transaction is open"):
        database.session.execute(select(Account.id))
    database.session.remove()


def test_the_application_and_the_process_have_one_engine(app: Flask, fresh: str) -> None:
    with app.app_context():
        assert database.engine is db.engine("web")
    assert database.engines["worker"] is db.engine("worker"), "jobs need no application"


def test_model_query_is_found() -> None:
    tree = ast.parse("Pupil.query.all()\nmodule.query.Query\ndb.query")
    [problem] = source.model_query_problems(iter([("x.py", tree)]))
    assert "Pupil.query" in problem
