"""The embedded database: who may do what, and every way a start can find the house in disorder."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from campus.embedded import account, files, processes
from campus.embedded.files import AlreadyRunning, PartError
from campus.embedded.postgres import Postgres
from campus.embedded.roles import LOGINS, ensure_roles


@pytest.fixture(scope="module")
def postgres(home: Path) -> Iterator[Postgres]:
    server = Postgres(home, durable=False)
    server.start()
    yield server
    server.stop()


def dsn(server: Postgres, role: str, database: str = "campus") -> str:
    return server.url(role, database).replace("+psycopg", "")


def ask(address: str, query: str) -> object:
    with psycopg.connect(address, autocommit=True, connect_timeout=3) as connection:
        cursor = connection.execute(query)
        row = cursor.fetchone() if cursor.description else None
    return row[0] if row else None


def pid_file(server: Postgres) -> Path:
    return server.cluster.data / "postmaster.pid"


# Who may do what


def test_urls_are_for_sqlalchemy_and_loopback(postgres: Postgres) -> None:
    assert postgres.urls().keys() == LOGINS.keys()
    for url in postgres.urls().values():
        assert url.startswith("postgresql+psycopg://campus_")
        assert url.endswith(f"@127.0.0.1:{postgres.port}/campus")


def test_wrong_password_is_refused(postgres: Postgres) -> None:
    right = dsn(postgres, "web")
    wrong = right.replace(right.split(":")[2].split("@")[0], "guess")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)
    assert ask(right, "SELECT current_user") == "campus_web"


def test_server_is_what_production_is(postgres: Postgres) -> None:
    def show(name: str) -> object:
        return ask(postgres.superuser_dsn, f"SHOW {name}")

    assert show("password_encryption") == "scram-sha-256"
    assert show("unix_socket_directories") == ""
    assert show("listen_addresses") == "127.0.0.1"
    assert show("TimeZone") == "UTC"
    assert show("jit") == "off"
    locale = "SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = 'campus'"
    assert ask(dsn(postgres, "web"), locale) == "bC.UTF-8"


def test_no_role_of_ours_has_a_dangerous_flag(postgres: Postgres) -> None:
    flags = "rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole OR rolreplication"
    query = (
        f"SELECT string_agg(rolname, ',') FROM pg_roles WHERE rolname ~ '^campus_' AND ({flags})"
    )
    assert ask(postgres.superuser_dsn, query) is None
    signs_in = "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'campus_owner'"
    assert ask(postgres.superuser_dsn, signs_in) is False


@pytest.mark.parametrize("role", ["web", "worker", "bureau"])
def test_app_roles_can_neither_create_nor_become_the_owner(postgres: Postgres, role: str) -> None:
    for statement in ("CREATE TABLE mine (id int)", "SET ROLE campus_owner", "CREATE SCHEMA mine"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ask(dsn(postgres, role), statement)


def test_migrator_works_as_the_owner(postgres: Postgres) -> None:
    made = "CREATE TABLE by_owner (id int)"
    with psycopg.connect(dsn(postgres, "migrator")) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(made)
        connection.rollback()
        connection.execute("SET ROLE campus_owner")
        connection.execute(made)
        owner = connection.execute("SELECT tableowner FROM pg_tables WHERE tablename = 'by_owner'")
        assert owner.fetchone() == ("campus_owner",)
        connection.rollback()


@pytest.mark.parametrize(
    ("role", "setting", "value"),
    [
        ("web", "statement_timeout", "4s"),
        ("web", "lock_timeout", "2s"),
        ("web", "idle_in_transaction_session_timeout", "10s"),
        ("worker", "statement_timeout", "1min"),
        ("migrator", "statement_timeout", "0"),
    ],
)
def test_limits(postgres: Postgres, role: str, setting: str, value: str) -> None:
    assert ask(dsn(postgres, role), f"SHOW {setting}") == value


def test_roles_are_repaired_and_no_password_reaches_the_log(postgres: Postgres) -> None:
    ask(postgres.superuser_dsn, "ALTER SYSTEM SET log_statement = 'all'")
    ask(postgres.superuser_dsn, "SELECT pg_reload_conf()")
    ask(postgres.superuser_dsn, "ALTER ROLE campus_web SUPERUSER BYPASSRLS")
    ensure_roles(postgres.superuser_dsn, dict.fromkeys(LOGINS, "plain-word"))
    ensure_roles(postgres.superuser_dsn, {role: postgres._password(role) for role in LOGINS})
    flags = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = 'campus_web'"
    assert ask(postgres.superuser_dsn, flags) is False
    log = (postgres.home / "logs" / "postgres.log").read_text()
    assert "ALTER ROLE" in log
    assert "plain-word" not in log
    ask(postgres.superuser_dsn, "ALTER SYSTEM RESET log_statement")


def test_databases_for_tests_are_copies(postgres: Postgres) -> None:
    ask(postgres.superuser_dsn, "CREATE DATABASE campus_gw0 TEMPLATE campus OWNER campus_owner")
    assert ask(dsn(postgres, "web", "campus_gw0"), "SELECT current_database()") == "campus_gw0"
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask(dsn(postgres, "web", "campus_gw0"), "CREATE TABLE mine (id int)")
    ask(postgres.superuser_dsn, "DROP DATABASE campus_gw0")


def test_secrets_are_for_the_owner_alone(postgres: Postgres) -> None:
    secrets = postgres.home / "secrets"
    assert secrets.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in secrets.iterdir()} == {0o600}
    assert postgres.cluster.data.stat().st_mode & 0o777 == 0o700


# A house in disorder


def test_killed_server_is_repaired_with_its_rows(postgres: Postgres) -> None:
    with psycopg.connect(dsn(postgres, "migrator")) as connection:
        connection.execute("SET ROLE campus_owner")
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        connection.execute("GRANT SELECT ON kept TO campus_web")
    pid = postgres.cluster.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert processes.wait_for(lambda: not postgres.running(), 2.0)
    postgres.start()
    assert postgres.cluster.pid() != pid
    assert ask(dsn(postgres, "web"), "SELECT answer FROM kept") == 42


@pytest.mark.parametrize("written", ["{own}\n{data}\n1\n{port}\n", "", "nonsense", "999999999\n"])
def test_pid_file_that_lies(postgres: Postgres, written: str) -> None:
    """A pid used again (here by this very test), a short file, a stale one: none is believed."""
    postgres.stop()
    data = postgres.cluster.data
    pid_file(postgres).write_text(written.format(own=os.getpid(), data=data, port=postgres.port))
    assert not postgres.running()
    postgres.start()
    assert ask(dsn(postgres, "web"), "SELECT 1") == 1


def test_zombie_is_no_server(postgres: Postgres) -> None:
    postgres.stop()
    with subprocess.Popen(["true"]) as zombie:
        assert processes.wait_for(lambda: not processes.is_running(zombie.pid), 2.0)
        os.kill(zombie.pid, 0)  # it still answers signals
        pid_file(postgres).write_text(f"{zombie.pid}\n")
        assert not postgres.running()
        postgres.start()
    assert ask(dsn(postgres, "web"), "SELECT 1") == 1


def test_taken_port_is_replaced_and_remembered(postgres: Postgres) -> None:
    postgres.stop()
    old = postgres.port
    with socket.create_server(("127.0.0.1", old)):
        postgres.start()
        assert postgres.port != old
        assert ask(dsn(postgres, "web"), "SELECT 1") == 1
    assert Postgres(postgres.home).port == postgres.port


def test_second_start_is_told_so_and_harms_nothing(postgres: Postgres) -> None:
    second = Postgres(postgres.home)
    with pytest.raises(AlreadyRunning, match=f"进程 {os.getpid()}"):
        second.start()
    assert second.running()
    second.stop()
    assert ask(dsn(postgres, "web"), "SELECT 1") == 1


def test_server_that_outlived_its_starter_is_adopted(postgres: Postgres) -> None:
    pid = postgres.cluster.pid()
    postgres._lock.release()
    heir = Postgres(postgres.home)
    heir.start()
    assert heir.cluster.pid() == pid
    heir._lock.release()
    postgres.start()


def test_full_disk_is_one_sentence(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    postgres.stop()
    with monkeypatch.context() as patch:
        patch.setattr(files, "FREE_BYTES", 2**62)
        with pytest.raises(PartError, match=r"磁盘快满了.*没有丢失.*make run"):
            postgres.start()
    postgres.start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another place")
def test_closed_parent_is_left_closed(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    place = account.find_place(files.prepare(closed / "home"))
    try:
        assert closed.stat().st_mode & 0o777 == 0o700
        assert account.is_open(place.folder.parent)
        assert place.folder.stat().st_uid == place.account.uid
        assert account.find_place(closed / "home") == place
    finally:
        shutil.rmtree(place.folder.parent)
