"""Passkeys, changes of phone number, and the numbers a school knew before them.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from campus.migrations.guard import guard

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _passkey()
    _challenge()
    _phone_change()
    _former_phone()
    guard("former_phone")


def downgrade() -> None:
    for table in ("former_phone", "phone_change", "passkey_challenge", "passkey"):
        op.drop_table(table)


def _moment(name: str, *, now: bool = False) -> sa.Column[object]:
    default = sa.text("now()") if now else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=not now)


def _passkey() -> None:
    op.create_table(
        "passkey",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("user_handle", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        _moment("created_at", now=True),
        _moment("used_at"),
        _moment("suspect_at"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_passkey_account_id_account"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_passkey"),
        sa.UniqueConstraint("credential_id", name="uq_passkey_credential_id"),
    )
    op.create_index("ix_passkey_account_id", "passkey", ["account_id"])


def _challenge() -> None:
    op.create_table(
        "passkey_challenge",
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("ip", postgresql.INET(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("holder", name="pk_passkey_challenge"),
    )
    op.create_index("ix_passkey_challenge_ip", "passkey_challenge", ["ip", "expires_at"])
    op.create_index("ix_passkey_challenge_expires_at", "passkey_challenge", ["expires_at"])


def _phone_change() -> None:
    op.create_table(
        "phone_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("old_phone", sa.Text(), nullable=False),
        sa.Column("new_phone", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        _moment("changed_at", now=True),
        _moment("undone_at"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_phone_change_account_id_account"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_phone_change"),
    )
    op.create_index("ix_phone_change_old_phone", "phone_change", ["old_phone", "changed_at"])
    op.create_index("ix_phone_change_account_id", "phone_change", ["account_id", "changed_at"])


def _former_phone() -> None:
    op.create_table(
        "former_phone",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("guardian_id", sa.BigInteger(), nullable=True),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=False),
        _moment("left_at", now=True),
        sa.CheckConstraint(
            "(guardian_id IS NULL) <> (staff_id IS NULL)", name="ck_former_phone_one_person"
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name="fk_former_phone_school_id_school"
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "guardian_id"],
            ["guardian.school_id", "guardian.id"],
            name="fk_former_phone_school_id_guardian_id_guardian",
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "staff_id"],
            ["staff.school_id", "staff.id"],
            name="fk_former_phone_school_id_staff_id_staff",
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name="pk_former_phone"),
    )
    op.create_index("ix_former_phone_guardian", "former_phone", ["school_id", "guardian_id"])
    op.create_index("ix_former_phone_staff", "former_phone", ["school_id", "staff_id"])
