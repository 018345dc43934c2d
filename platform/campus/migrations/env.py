"""Run by Alembic: one connection, the owner's hat, a short lock timeout, one transaction a step."""

from __future__ import annotations

from alembic import context
from sqlalchemy import NullPool, create_engine, text

config = context.config
OWNER = "campus_owner"


def run() -> None:
    """Apply the asked-for steps online; an offline SQL script is not offered."""
    engine = create_engine(config.attributes["url"], poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(f"SET ROLE {OWNER}"))
        connection.execute(text("SET lock_timeout = '4s'"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=config.attributes.get("metadata"),
            transaction_per_migration=True,
            compare_server_default=False,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
