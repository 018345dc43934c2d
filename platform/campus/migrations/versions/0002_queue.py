"""The job queue's tables, types and functions, as procrastinate 3.10 ships them.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

from pathlib import Path

from alembic import op
from sqlalchemy import text

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SCHEMA = Path(__file__).with_suffix(".sql")
CLEAR = """
DO $$ DECLARE one record; BEGIN
  FOR one IN SELECT oid::regclass AS name FROM pg_class
    WHERE relname LIKE 'procrastinate%' AND relkind = 'r' LOOP
    EXECUTE format('DROP TABLE IF EXISTS %s CASCADE', one.name);
  END LOOP;
  FOR one IN SELECT oid::regprocedure AS name FROM pg_proc WHERE proname LIKE 'procrastinate%' LOOP
    EXECUTE format('DROP FUNCTION IF EXISTS %s CASCADE', one.name);
  END LOOP;
  FOR one IN SELECT oid::regtype AS name FROM pg_type
    WHERE typname LIKE 'procrastinate%' AND typtype IN ('e', 'c') LOOP
    EXECUTE format('DROP TYPE IF EXISTS %s CASCADE', one.name);
  END LOOP;
END $$
"""


def upgrade() -> None:
    # The text holds colons that are no parameters, so it goes to the driver as it is.
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute(SCHEMA.read_text("utf-8"))


def downgrade() -> None:
    op.execute(text(CLEAR))
