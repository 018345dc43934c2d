"""What migrations say to keep schools apart. Not application code: it knows only SQL.

The setting is read once per statement (an InitPlan); a per-row or volatile function here would cost
119 to 1,280 ms instead of 0.3. Nothing set means no rows, never all rows.
"""

from __future__ import annotations

from alembic import op

SCHOOL = "(select nullif(current_setting('campus.school', true), '')::bigint)"


def guard(table: str) -> None:
    """Put a table of school rows behind row-level security, for its owner too."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY school ON {table} "
        f"USING (school_id = {SCHOOL}) WITH CHECK (school_id = {SCHOOL})"
    )


def append_only(table: str) -> None:
    """Let nobody change or remove a line, whatever their grants."""
    op.execute(
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(f"REVOKE UPDATE, DELETE ON {table} FROM campus_web, campus_worker")
