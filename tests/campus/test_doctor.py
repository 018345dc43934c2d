"""The doctor finds each way past the walls, and the web does not start over one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from campus import doctor
from campus.config import Config
from campus.doctor.finding import Finding
from campus.embedded.postgres import Postgres
from tests.support import databases

SECRET = "7f3a9c5e1b8d2046-7f3a9c5e1b8d2046"
FAULTS = [
    ("ALTER TABLE pupil DISABLE ROW LEVEL SECURITY", "row-level security"),
    ("ALTER TABLE pupil NO FORCE ROW LEVEL SECURITY", "row-level security"),
    ("DROP POLICY school ON pupil", "row-level security"),
    ("CREATE POLICY loose ON pupil USING (true) WITH CHECK (true)", "row-level security"),
    ("ALTER POLICY school ON pupil WITH CHECK (true)", "row-level security"),
    (
        "ALTER POLICY school ON pupil USING (school_id = (select "
        "nullif(current_setting('campus.school', true), '')::bigint) OR true)",
        "row-level security",
    ),
    ("CREATE TABLE new_thing (school_id bigint)", "row-level security"),
    ("ALTER TABLE pupil OWNER TO campus_web", "role ownership"),
    ("CREATE VIEW every_pupil AS SELECT * FROM pupil", "views"),
    (
        "CREATE MATERIALIZED VIEW kept AS SELECT * FROM pupil; GRANT SELECT ON kept TO campus_web",
        "materialised views",
    ),
    (
        "CREATE FUNCTION helper() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
        "definer functions",
    ),
    ("UPDATE alembic_version SET version_num = '0000'", "migrations"),
]


@pytest.fixture
def copy(server: Postgres) -> Iterator[str]:
    name = databases.clone(server, databases.fresh_name(), databases.MIGRATED)
    yield name
    databases.drop(server, name)


@pytest.fixture
def config(server: Postgres, copy: str, tmp_path: object) -> Config:
    return Config(
        environment="test",
        home=str(tmp_path),
        secret_key=SECRET,
        database_url=server.url("web", copy),
        worker_database_url=server.url("worker", copy),
    )


def wrong(config: Config) -> set[str]:
    """Names of what is fatally wrong."""
    return {found.name for found in doctor.examine(config) if found.fatal and not found.ok}


def harm(server: Postgres, name: str, statement: str) -> None:
    with psycopg.connect(server.superuser_dsn, dbname=name, autocommit=True) as connection:
        connection.execute(statement)


def test_a_sound_installation_has_nothing_fatal(config: Config) -> None:
    assert wrong(config) == set()
    doctor.check_or_exit(config)


@pytest.mark.parametrize(("statement", "name"), FAULTS)
def test_each_fault_is_found_and_keeps_the_web_from_starting(
    statement: str, name: str, server: Postgres, copy: str, config: Config
) -> None:
    harm(server, copy, statement)
    assert name in wrong(config)
    with pytest.raises(SystemExit):
        doctor.check_or_exit(config)


def test_a_role_that_may_become_the_owner_is_found(
    config: Config, server: Postgres, copy: str
) -> None:
    migrator = replace(config, database_url=server.url("migrator", copy))
    assert "role membership" in wrong(migrator)


def test_a_superuser_is_found(config: Config, server: Postgres, copy: str) -> None:
    head, _, _ = server.superuser_dsn.rpartition("/")
    assert "role powers" in wrong(replace(config, database_url=f"{head}/{copy}"))


def test_what_cannot_be_asked_counts_as_wrong(config: Config) -> None:
    away = replace(config, database_url="postgresql+psycopg://nobody@127.0.0.1:9/none")
    assert wrong(away) == {"database"}
    assert wrong(replace(config, secret_key="a" * 40)) == {"secret key"}


def test_a_dead_store_and_a_dead_redis_are_warnings(config: Config) -> None:
    config = replace(
        config,
        s3_endpoint="http://127.0.0.1:9",
        s3_access_key="none",
        s3_secret_key="none",
        redis_url="redis://127.0.0.1:9/0",
    )
    bad = [found for found in doctor.examine(config) if not found.ok and found.name != "disk"]
    assert [(found.name, found.fatal) for found in bad] == [
        ("object store", False),
        ("redis", False),
    ]


def test_a_store_that_is_up_refuses_strangers(config: Config, objects: object) -> None:
    door = objects.door  # type: ignore[attr-defined]
    config = replace(
        config,
        s3_endpoint=door.endpoint,
        s3_access_key=door.access_key,
        s3_secret_key=door.secret_key,
    )
    found: dict[str, Finding] = {one.name: one for one in doctor.examine(config)}
    assert found["object store"].ok
    assert found["object store, strangers"].ok
