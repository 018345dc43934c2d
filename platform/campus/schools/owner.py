"""The owner's hand inside one school: the only way to remove what is append-only.

Reviewed for security: nobody signs in as the owner. The migrator's address (a secret of the
operator's shell, no web or worker process has it) takes the owner's hat for one transaction; the
forced policies hold for the owner too, so nothing outside the entered school is even visible. The
triggers of the append-only tables are off for the last moment of that transaction alone: if it
does not commit, they were never off. The lock that takes makes other schools' logging wait, so
it comes last.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, create_engine, text

from campus.embedded.roles import OWNER

APPEND_ONLY = ("audit_entry", "audit_seal")
LOCK_TIMEOUT = "4s"


@contextmanager
def as_owner(url: str, school_id: int) -> Iterator[Connection]:
    """A transaction as the owner, inside one school; commits when the block ends well."""
    engine = create_engine(url, hide_parameters=True)
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT set_config('role', :role, true)"), {"role": OWNER})
            connection.execute(
                text("SELECT set_config('campus.school', :school, true)"),
                {"school": str(school_id)},
            )
            connection.execute(
                text("SELECT set_config('lock_timeout', :wait, true)"), {"wait": LOCK_TIMEOUT}
            )
            yield connection
    finally:
        engine.dispose()


@contextmanager
def unlocked(connection: Connection) -> Iterator[None]:
    """Within it the append-only tables of the entered school can be emptied."""
    for table in APPEND_ONLY:
        connection.execute(text(SWITCH[table]["off"]))
    yield
    for table in APPEND_ONLY:
        connection.execute(text(SWITCH[table]["on"]))


SWITCH = {
    "audit_entry": {
        "off": "ALTER TABLE audit_entry DISABLE TRIGGER append_only",
        "on": "ALTER TABLE audit_entry ENABLE TRIGGER append_only",
    },
    "audit_seal": {
        "off": "ALTER TABLE audit_seal DISABLE TRIGGER append_only",
        "on": "ALTER TABLE audit_seal ENABLE TRIGGER append_only",
    },
}
