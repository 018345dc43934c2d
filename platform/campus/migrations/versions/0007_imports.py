"""Imports with preview, conflicts and merges.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from campus.migrations.guard import guard

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = (
    "pupil_merge",
    "pupil_number",
    "import_memory",
    "import_habit",
    "import_line",
    "import_run",
)


def _school() -> list[sa.Column[Any]]:
    return [sa.Column("school_id", sa.BigInteger(), nullable=False)]


def _row() -> list[sa.Column[Any]]:
    return [*_school(), sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False)]


def _keys(table: str, *columns: str) -> list[sa.Constraint]:
    return [
        sa.PrimaryKeyConstraint("school_id", *columns, name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f(f"fk_{table}_school_id_school")
        ),
    ]


def _within(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["school_id", column],
        [f"{target}.school_id", f"{target}.id"],
        name=op.f(f"fk_{table}_school_id_{column}_{target}"),
    )


def _account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account_id"], ["account.id"], name=op.f(f"fk_{table}_account_id_account")
    )


def _text(name: str, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=False, **more)


def _now(name: str) -> sa.Column[Any]:
    return sa.Column(
        name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
    )


def upgrade() -> None:
    op.create_table(
        "import_run",
        *_row(),
        sa.Column("account_id", sa.BigInteger()),
        _text("state"),
        _text("step", server_default=""),
        sa.Column("progress", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("key", sa.Text()),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sheets", postgresql.JSONB()),
        sa.Column("chosen", postgresql.JSONB()),
        sa.Column("takes", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("counts", postgresql.JSONB()),
        _text("message", server_default=""),
        _now("created_at"),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        *_keys("import_run", "id"),
        _account("import_run"),
    )
    op.create_index("ix_import_run_created", "import_run", ["school_id", "created_at"])
    op.create_table(
        "import_line",
        *_school(),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        _text("sheet"),
        sa.Column("row", sa.Integer(), nullable=False),
        _text("outcome"),
        _text("name"),
        _text("group"),
        _text("detail"),
        *_keys("import_line", "run_id", "line"),
        _within("import_line", "run_id", "import_run"),
    )
    op.create_index(
        "ix_import_line_outcome", "import_line", ["school_id", "run_id", "outcome", "line"]
    )
    op.create_table(
        "import_habit",
        *_school(),
        _text("kind"),
        _text("title"),
        _text("field"),
        *_keys("import_habit", "kind", "title"),
    )
    op.create_table(
        "import_memory",
        *_school(),
        _text("kind"),
        sa.Column("object_id", sa.BigInteger(), nullable=False),
        _text("known"),
        *_keys("import_memory", "kind", "object_id"),
    )
    op.create_table(
        "pupil_number",
        *_school(),
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        _text("kind"),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("blind", sa.LargeBinary(), nullable=False),
        _text("tail"),
        *_keys("pupil_number", "pupil_id", "kind"),
        _within("pupil_number", "pupil_id", "pupil"),
    )
    op.create_index("ix_pupil_number_blind", "pupil_number", ["school_id", "kind", "blind"])
    op.create_table(
        "pupil_merge",
        *_row(),
        sa.Column("kept_id", sa.BigInteger(), nullable=False),
        sa.Column("gone_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger()),
        sa.Column("moved", postgresql.JSONB(), nullable=False),
        _now("created_at"),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        *_keys("pupil_merge", "id"),
        _within("pupil_merge", "kept_id", "pupil"),
        _within("pupil_merge", "gone_id", "pupil"),
        _account("pupil_merge"),
    )
    for table in TABLES:
        guard(table)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
