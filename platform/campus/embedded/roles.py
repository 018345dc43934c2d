"""The database roles, the same on one machine, in tests and in production.

campus_owner     owns database, schema and tables; nobody signs in as it
campus_migrator  may become the owner (SET ROLE campus_owner) and change tables
campus_web       what a page may do, guarded by row-level security, never waits long
campus_worker    the same for background jobs, with a minute instead of seconds
campus_bureau    reads what migrations grant it: aggregates, never pupil rows

None is superuser, none passes by row-level security, none but the migrator can become the owner.
Rights on tables are granted by the migrations that create them.
"""

from __future__ import annotations

from collections.abc import Mapping

import psycopg
from psycopg import sql

OWNER = "campus_owner"
LOGINS = {
    "migrator": "campus_migrator",
    "web": "campus_web",
    "worker": "campus_worker",
    "bureau": "campus_bureau",
}
DATABASE = "campus"
FLAGS = sql.SQL("NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT")
LIMITS = {
    "campus_web": {
        "statement_timeout": "4s",
        "lock_timeout": "2s",
        "idle_in_transaction_session_timeout": "10s",
    },
    "campus_worker": {"statement_timeout": "60s"},
    "campus_bureau": {"statement_timeout": "15s", "idle_in_transaction_session_timeout": "10s"},
}
# Two starts at once must not create one role twice: a key of our own for the advisory lock.
_ONE_AT_A_TIME = 7_236_001


def ensure_roles(
    superuser_dsn: str, passwords: Mapping[str, str], database: str = DATABASE
) -> None:
    """Make or repair the roles and ``database``; safe to repeat, never drops anything.

    ``superuser_dsn`` is a libpq URL or DSN of a role that may create roles and databases;
    ``passwords`` maps "migrator", "web", "worker" and "bureau" to passwords. Only their scram
    verifiers travel, so no password can reach the server's log. Raises KeyError when one is
    missing, psycopg.Error when the server refuses.
    """
    with psycopg.connect(superuser_dsn, autocommit=True, connect_timeout=5) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (_ONE_AT_A_TIME,))
        _ensure_role(connection, OWNER, None)
        for role, name in LOGINS.items():
            _ensure_role(connection, name, passwords[role])
        connection.execute(
            _sql("GRANT {} TO {} WITH INHERIT FALSE, SET TRUE", OWNER, "campus_migrator")
        )
        _ensure_database(connection, database)
    with psycopg.connect(
        superuser_dsn, dbname=database, autocommit=True, connect_timeout=5
    ) as connection:
        _guard_schema(connection)


def _ensure_role(connection: psycopg.Connection, name: str, password: str | None) -> None:
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).fetchone()
    if known is None:
        connection.execute(_sql("CREATE ROLE {}", name))
    connection.execute(_sql("ALTER ROLE {} ", name) + FLAGS)
    if password is None:
        connection.execute(_sql("ALTER ROLE {} NOLOGIN PASSWORD NULL", name))
    else:
        verifier = connection.pgconn.encrypt_password(
            password.encode(), name.encode(), b"scram-sha-256"
        )
        connection.execute(
            _sql("ALTER ROLE {} LOGIN PASSWORD ", name) + sql.Literal(verifier.decode())
        )
    for setting, value in LIMITS.get(name, {}).items():
        connection.execute(_sql("ALTER ROLE {} SET {} = ", name, setting) + sql.Literal(value))


def _ensure_database(connection: psycopg.Connection, database: str) -> None:
    known = connection.execute(
        "SELECT 1 FROM pg_database WHERE datname = %s", (database,)
    ).fetchone()
    if known is None:
        connection.execute(
            _sql(
                "CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8' "
                "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C.UTF-8'",
                database,
                OWNER,
            )
        )
    connection.execute(_sql("ALTER DATABASE {} OWNER TO {}", database, OWNER))
    connection.execute(_sql("REVOKE ALL ON DATABASE {} FROM PUBLIC", database))
    for name in LOGINS.values():
        connection.execute(_sql("GRANT CONNECT ON DATABASE {} TO {}", database, name))


def _guard_schema(connection: psycopg.Connection) -> None:
    connection.execute(_sql("ALTER SCHEMA public OWNER TO {}", OWNER))
    connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    for name in LOGINS.values():
        connection.execute(_sql("REVOKE CREATE ON SCHEMA public FROM {}", name))
        connection.execute(_sql("GRANT USAGE ON SCHEMA public TO {}", name))


def _sql(template: str, *names: str) -> sql.Composed:
    return sql.SQL(template).format(*(sql.Identifier(name) for name in names))
