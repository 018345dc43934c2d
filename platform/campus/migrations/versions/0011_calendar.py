"""The school's own days, its grades and what it calls its classes.

Revision ID: 0011
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from campus.migrations.guard import guard

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None

# What schools answered in the wizard so far: grades, and days off that stood in the answers alone.
SAID = """
DO $$
DECLARE one bigint;
BEGIN
  FOR one IN SELECT id FROM school LOOP
    PERFORM set_config('campus.school', one::text, true);
    UPDATE school SET first_grade = (s.answers->>'first_grade')::smallint,
                      last_grade = (s.answers->>'last_grade')::smallint
      FROM setup_step s
     WHERE school.id = one AND s.school_id = one AND s.step = 'stages'
       AND s.answers ?& ARRAY['first_grade', 'last_grade'];
    INSERT INTO calendar_day (school_id, day, name)
    SELECT one, day::date, min(off->>0)
      FROM setup_step s, jsonb_array_elements(s.answers->'holidays') off,
           generate_series((off->>1)::date, (off->>2)::date, interval '1 day') day
     WHERE s.school_id = one AND s.step = 'calendar'
     GROUP BY day;
  END LOOP;
  PERFORM set_config('campus.school', '', true);
END $$
"""


def upgrade() -> None:
    op.create_table(
        "calendar_day",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=True),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name="ck_calendar_day_weekday"),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name="fk_calendar_day_school_id_school"
        ),
        sa.PrimaryKeyConstraint("school_id", "day", name="pk_calendar_day"),
    )
    guard("calendar_day")
    op.add_column(
        "school", sa.Column("class_naming", sa.Text(), server_default="long", nullable=False)
    )
    for name, grade in (("first_grade", "1"), ("last_grade", "6")):
        op.add_column(
            "school", sa.Column(name, sa.SmallInteger(), server_default=grade, nullable=False)
        )
    op.create_check_constraint(
        "ck_school_class_naming", "school", "class_naming IN ('long', 'short', 'entry')"
    )
    op.create_check_constraint(
        "ck_school_grades", "school", "1 <= first_grade AND first_grade <= last_grade"
    )
    op.execute(SAID)
    # The plan of a year reads the school's grades; what it kept of its own could contradict them.
    op.drop_column("turn_plan", "grades")


def downgrade() -> None:
    op.add_column(
        "turn_plan", sa.Column("grades", sa.SmallInteger(), server_default="6", nullable=False)
    )
    op.alter_column("turn_plan", "grades", server_default=None)
    for name in ("last_grade", "first_grade", "class_naming"):
        op.drop_column("school", name)
    op.drop_table("calendar_day")
