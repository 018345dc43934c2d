"""Invitations, joining and consent.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from campus.migrations.guard import guard

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SCHOOL_TABLES = ("invitation", "invitation_miss", "consent", "reset_code")


def upgrade() -> None:
    _people()
    _invitations()
    _consents()
    _reset_codes()
    for table in SCHOOL_TABLES:
        guard(table)


def downgrade() -> None:
    for table in reversed(SCHOOL_TABLES):
        op.drop_table(table)
    for column in ("previous", "ended_at", "limited", "may_see_health", "may_pick_up"):
        op.drop_column("guardianship", column)
    for column in ("previous_phone", "wrong_number_at"):
        op.drop_column("guardian", column)


def _people() -> None:
    op.add_column("guardian", sa.Column("wrong_number_at", sa.DateTime(timezone=True)))
    op.add_column("guardian", sa.Column("previous_phone", sa.Text()))
    for name, default in (
        ("may_pick_up", "true"),
        ("may_see_health", "true"),
        ("limited", "false"),
    ):
        column: sa.Column[bool] = sa.Column(
            name, sa.Boolean(), server_default=default, nullable=False
        )
        op.add_column("guardianship", column)
    op.add_column("guardianship", sa.Column("ended_at", sa.DateTime(timezone=True)))
    op.add_column("guardianship", sa.Column("previous", postgresql.JSONB()))


def _table(name: str, *rest: sa.schema.SchemaItem) -> None:
    """A school's table with an id of its own."""
    op.create_table(
        name,
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        *rest,
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=f"fk_{name}_school_id_school"),
        sa.PrimaryKeyConstraint("school_id", "id", name=f"pk_{name}"),
    )


def _within(name: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["school_id", column],
        [f"{target}.school_id", f"{target}.id"],
        name=f"fk_{name}_school_id_{column}_{target}",
    )


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _moment(name: str, *, now: bool = False, nullable: bool = True) -> sa.Column[object]:
    default = sa.text("now()") if now else None
    return sa.Column(
        name, sa.DateTime(timezone=True), server_default=default, nullable=nullable and not now
    )


def _invitations() -> None:
    _table(
        "invitation",
        _number("pupil_id"),
        _number("guardian_id", nullable=True),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), server_default="0", nullable=False),
        _number("created_by", nullable=True),
        _moment("created_at", now=True),
        _moment("expires_at", nullable=False),
        _moment("used_at"),
        _number("used_by", nullable=True),
        _moment("revoked_at"),
        _within("invitation", "pupil_id", "pupil"),
        _within("invitation", "guardian_id", "guardian"),
        sa.UniqueConstraint("school_id", "token_hash", name="uq_invitation_school_id_token_hash"),
        sa.UniqueConstraint("school_id", "code_hash", name="uq_invitation_school_id_code_hash"),
    )
    op.create_index("ix_invitation_pupil", "invitation", ["school_id", "pupil_id"])
    _table(
        "invitation_miss",
        sa.Column("ip", postgresql.INET(), nullable=False),
        _moment("at", now=True),
    )
    op.create_index("ix_invitation_miss_ip", "invitation_miss", ["school_id", "ip", "at"])


def _consents() -> None:
    _table(
        "consent",
        _number("guardian_id"),
        _number("pupil_id"),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        _moment("at", now=True),
        _moment("withdrawn_at"),
        _within("consent", "guardian_id", "guardian"),
        _within("consent", "pupil_id", "pupil"),
    )
    op.create_index("ix_consent_pupil", "consent", ["school_id", "pupil_id", "purpose"])
    op.create_index(
        "uq_consent_standing",
        "consent",
        ["school_id", "guardian_id", "pupil_id", "purpose"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )


def _reset_codes() -> None:
    _table(
        "reset_code",
        _number("account_id"),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), server_default="0", nullable=False),
        _number("created_by", nullable=True),
        _moment("created_at", now=True),
        _moment("expires_at", nullable=False),
        _moment("used_at"),
        _moment("revoked_at"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_reset_code_account_id_account"
        ),
    )
    op.create_index("ix_reset_code_account", "reset_code", ["school_id", "account_id"])
