"""Opening a school step by step.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from campus.migrations.guard import guard

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SCHOOL_TABLES = ("setup_step", "privacy_rules")


def upgrade() -> None:
    op.add_column("school", sa.Column("accent", sa.Text(), server_default="", nullable=False))
    op.add_column("school", sa.Column("icp", sa.Text(), server_default="", nullable=False))
    op.add_column("school", sa.Column("logo_key", sa.Text(), nullable=True))
    op.create_table(
        "setup_step",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("answers", postgresql.JSONB(), nullable=True),
        sa.Column("draft", postgresql.JSONB(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("saved_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name="fk_setup_step_school_id_school"
        ),
        sa.ForeignKeyConstraint(
            ["saved_by"], ["account.id"], name="fk_setup_step_saved_by_account"
        ),
        sa.PrimaryKeyConstraint("school_id", "step", name="pk_setup_step"),
    )
    op.create_table(
        "privacy_rules",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("published_by", sa.BigInteger(), nullable=True),
        sa.Column(
            "published_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name="fk_privacy_rules_school_id_school"
        ),
        sa.ForeignKeyConstraint(
            ["published_by"], ["account.id"], name="fk_privacy_rules_published_by_account"
        ),
        sa.PrimaryKeyConstraint("school_id", "version", name="pk_privacy_rules"),
    )
    for table in SCHOOL_TABLES:
        guard(table)
    # What families were told once stays as it was told.
    op.execute("REVOKE UPDATE ON privacy_rules FROM campus_web, campus_worker")


def downgrade() -> None:
    for table in reversed(SCHOOL_TABLES):
        op.drop_table(table)
    for column in ("logo_key", "icp", "accent"):
        op.drop_column("school", column)
