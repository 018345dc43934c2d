"""Children, guardians and what an import left of them: the registry is asked once a statement.

A foreign key looks for the school again for every row, 5 µs each. These triggers do what it does,
for all rows of a statement together: the school is there, and its row is held (FOR KEY SHARE) until
the transaction ends; and a school does not go while rows of its are left.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLES = ("pupil", "guardian", "import_memory")

HELD = """
CREATE FUNCTION held_by_school() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  one bigint;
BEGIN
  FOR one IN SELECT DISTINCT school_id FROM written LOOP
    PERFORM FROM school WHERE id = one FOR KEY SHARE;
    IF NOT FOUND THEN
      RAISE foreign_key_violation USING MESSAGE =
        format('%s: a row of school %s, which is not there', TG_TABLE_NAME, one);
    END IF;
  END LOOP;
  RETURN NULL;
END $$
"""
# Whoever deletes sees rows of the entered school alone, so the school that goes is entered.
EMPTY = """
CREATE FUNCTION school_is_empty() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  entered text := current_setting('campus.school', true);
  name text;
  found_one boolean;
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.id = OLD.id THEN
    RETURN NULL;
  END IF;
  PERFORM set_config('campus.school', OLD.id::text, true);
  FOREACH name IN ARRAY TG_ARGV LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE school_id = $1)', name)
       INTO found_one USING OLD.id;
    IF found_one THEN
      RAISE foreign_key_violation USING MESSAGE =
        format('school %s still has rows in %s', OLD.id, name);
    END IF;
  END LOOP;
  PERFORM set_config('campus.school', coalesce(entered, ''), true);
  RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.execute(HELD)
    op.execute(EMPTY)
    for table in TABLES:
        op.drop_constraint(f"fk_{table}_school_id_school", table, type_="foreignkey")
        for event in ("insert", "update"):
            op.execute(
                f"CREATE TRIGGER held_on_{event} AFTER {event} ON {table} "
                "REFERENCING NEW TABLE AS written "
                "FOR EACH STATEMENT EXECUTE FUNCTION held_by_school()"
            )
    names = ", ".join(f"'{table}'" for table in TABLES)
    op.execute(
        "CREATE TRIGGER school_is_empty AFTER DELETE OR UPDATE OF id ON school "
        f"FOR EACH ROW EXECUTE FUNCTION school_is_empty({names})"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER school_is_empty ON school")
    for table in TABLES:
        for event in ("insert", "update"):
            op.execute(f"DROP TRIGGER held_on_{event} ON {table}")
        name = f"fk_{table}_school_id_school"
        op.create_foreign_key(name, table, "school", ["school_id"], ["id"])
    op.execute("DROP FUNCTION school_is_empty()")
    op.execute("DROP FUNCTION held_by_school()")
