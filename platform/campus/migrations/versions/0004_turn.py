"""The turn of the year.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from campus.migrations.guard import guard

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = ("departure", "turn", "turn_change", "turn_plan", "turn_choice")


def upgrade() -> None:
    _departure()
    _journal()
    _plan()
    for table in TABLES:
        guard(table)


def _own(table: str) -> list[sa.schema.SchemaItem]:
    """The columns and keys every table of a school's rows has."""
    return [
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=f"fk_{table}_school_id_school"),
        sa.PrimaryKeyConstraint("school_id", "id", name=f"pk_{table}"),
    ]


def _within(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["school_id", column],
        [f"{target}.school_id", f"{target}.id"],
        name=f"fk_{table}_school_id_{column}_{target}",
    )


def _account(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["account.id"], name=f"fk_{table}_{column}_account")


def _departure() -> None:
    op.create_table(
        "departure",
        *_own("departure"),
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("next_school", sa.Text(), server_default="", nullable=False),
        sa.Column("back_on", sa.Date(), nullable=True),
        _within("departure", "pupil_id", "pupil"),
    )
    op.create_index("ix_departure_pupil", "departure", ["school_id", "pupil_id"])


def _journal() -> None:
    op.create_table(
        "turn",
        *_own("turn"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=True),
        sa.Column("pupil_id", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.Column("undone_by", sa.BigInteger(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        _within("turn", "pupil_id", "pupil"),
        _account("turn", "made_by"),
        _account("turn", "undone_by"),
    )
    op.create_index("ix_turn_made_at", "turn", ["school_id", "made_at"])
    op.create_index(
        "uq_turn_year",
        "turn",
        ["school_id", "year"],
        unique=True,
        postgresql_where=sa.text("kind = 'year' AND undone_at IS NULL"),
    )
    op.create_table(
        "turn_change",
        *_own("turn_change"),
        sa.Column("turn_id", sa.BigInteger(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("after", postgresql.JSONB(), nullable=False),
        _within("turn_change", "turn_id", "turn"),
    )
    op.create_index("ix_turn_change_turn", "turn_change", ["school_id", "turn_id"])


def _plan() -> None:
    days = (
        "effective_on",
        "first_starts_on",
        "first_ends_on",
        "second_starts_on",
        "second_ends_on",
    )
    op.create_table(
        "turn_plan",
        *_own("turn_plan"),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("grades", sa.SmallInteger(), nullable=False),
        sa.Column("new_classes", sa.SmallInteger(), nullable=False),
        *(sa.Column(name, sa.Date(), nullable=False) for name in days),
        sa.Column("newcomers", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("saved_by", sa.BigInteger(), nullable=True),
        sa.Column(
            "saved_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.UniqueConstraint("school_id", "year", name="uq_turn_plan_school_id_year"),
        _account("turn_plan", "saved_by"),
    )
    op.create_table(
        "turn_choice",
        *_own("turn_choice"),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("entry_year", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("object_id", sa.BigInteger(), nullable=False),
        sa.Column("target", sa.SmallInteger(), nullable=True),
        _within("turn_choice", "plan_id", "turn_plan"),
    )
    op.create_index("ix_turn_choice_plan", "turn_choice", ["school_id", "plan_id"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
