"""The school's own days: days off and make-up days.

Revision ID: 0011
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from campus.migrations.guard import guard

revision = "0011"
down_revision = "0008"
branch_labels = None
depends_on = None


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


def downgrade() -> None:
    op.drop_table("calendar_day")
