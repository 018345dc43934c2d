"""Exports, approvals, erasure.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from campus.migrations.guard import guard

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _task()
    guard("takeaway_task")
    op.add_column("growth_record", sa.Column("origin", sa.Text(), nullable=True))
    _after_a_school()


def downgrade() -> None:
    op.drop_table("sealed_line")
    op.drop_table("erasure_certificate")
    op.drop_column("growth_record", "origin")
    op.drop_table("takeaway_task")


def _moment(name: str, *, now: bool = False) -> sa.Column[object]:
    default = sa.text("now()") if now else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=not now)


def _task() -> None:
    op.create_table(
        "takeaway_task",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=True),
        _moment("asked_at", now=True),
        sa.Column("approved_by", sa.BigInteger(), nullable=True),
        _moment("approved_at"),
        _moment("due_at"),
        _moment("finished_at"),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.LargeBinary(), nullable=True),
        _moment("expires_at"),
        sa.Column("detail", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name="fk_takeaway_task_school_id_school"
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name="pk_takeaway_task"),
    )
    op.create_index(
        "ix_takeaway_task_asked", "takeaway_task", ["school_id", "asked_by", "asked_at"]
    )
    op.create_index("ix_takeaway_task_kind", "takeaway_task", ["school_id", "kind", "asked_at"])
    op.create_index(
        "uq_takeaway_task_brought",
        "takeaway_task",
        ["school_id", "sha256"],
        unique=True,
        postgresql_where=sa.text("kind = 'bring' AND state NOT IN ('cancelled', 'failed')"),
    )


def _after_a_school() -> None:
    """What stays of a school that was erased: how much went, and who did what, without names."""
    op.create_table(
        "erasure_certificate",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        _moment("made_at", now=True),
        sa.PrimaryKeyConstraint("number", name="pk_erasure_certificate"),
    )
    op.create_table(
        "sealed_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object_kind", sa.Text(), nullable=False),
        sa.Column("keep_until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate"],
            ["erasure_certificate.number"],
            name="fk_sealed_line_certificate_erasure_certificate",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sealed_line"),
    )
    op.create_index("ix_sealed_line_keep_until", "sealed_line", ["keep_until"])
    # Only the owner's command writes here, and only the nightly job removes what is out of date.
    op.execute(
        "REVOKE INSERT, UPDATE, DELETE ON erasure_certificate FROM campus_web, campus_worker"
    )
    op.execute("REVOKE INSERT, UPDATE, DELETE ON sealed_line FROM campus_web")
    op.execute("REVOKE INSERT, UPDATE ON sealed_line FROM campus_worker")
