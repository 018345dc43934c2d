"""Audit chain, access records, second factors, staff roles.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from campus.migrations.guard import append_only, guard

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SCHOOL_TABLES = ("audit_seal", "audit_head", "approval", "duty")
TABLES = ("duty", "approval", "recovery_code", "second_factor", "audit_head", "audit_seal")


def upgrade() -> None:
    _chain()
    _second_factor()
    _approval()
    _duty()
    for table in SCHOOL_TABLES:
        guard(table)
    append_only("audit_seal")
    # Pages write the log and read the chain; only the worker chains.
    op.execute("REVOKE INSERT, UPDATE, DELETE ON audit_seal, audit_head FROM campus_web")
    op.execute("REVOKE DELETE ON audit_head FROM campus_worker")
    op.execute("REVOKE UPDATE, DELETE ON audit_pending FROM campus_web")
    op.execute("REVOKE DELETE ON approval, duty FROM campus_web, campus_worker")


def _chain() -> None:
    op.create_index("ix_audit_entry_account", "audit_entry", ["school_id", "account_id", "at"])
    op.create_table(
        "audit_pending",
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("school_id", "entry_id", name="pk_audit_pending"),
    )
    op.create_table(
        "audit_seal",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name="fk_audit_seal_school_id_school"
        ),
        sa.PrimaryKeyConstraint("school_id", "seq", name="pk_audit_seal"),
        sa.UniqueConstraint("school_id", "entry_id", name="uq_audit_seal_school_id_entry_id"),
    )
    op.create_table(
        "audit_head",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        _now("sealed_at"),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name="fk_audit_head_school_id_school"
        ),
        sa.PrimaryKeyConstraint("school_id", name="pk_audit_head"),
    )
    # What was written before there was a chain is chained first.
    op.execute("ALTER TABLE audit_entry NO FORCE ROW LEVEL SECURITY")
    op.execute("INSERT INTO audit_pending SELECT school_id, id FROM audit_entry")
    op.execute("ALTER TABLE audit_entry FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE FUNCTION note_audit_entry() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "INSERT INTO audit_pending SELECT school_id, id FROM written; RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER to_be_chained AFTER INSERT ON audit_entry "
        "REFERENCING NEW TABLE AS written "
        "FOR EACH STATEMENT EXECUTE FUNCTION note_audit_entry()"
    )


def _second_factor() -> None:
    op.add_column("account_session", _now("confirmed_at"))
    op.create_table(
        "second_factor",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), server_default="0", nullable=False),
        _now("created_at"),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_second_factor_account_id_account"
        ),
        sa.PrimaryKeyConstraint("account_id", name="pk_second_factor"),
    )
    op.create_table(
        "recovery_code",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_recovery_code_account_id_account"
        ),
        sa.PrimaryKeyConstraint("account_id", "code_hash", name="pk_recovery_code"),
    )


def _approval() -> None:
    op.create_table(
        "approval",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("back", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.BigInteger(), nullable=False),
        _now("requested_at"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("decided_by <> requested_by", name="ck_approval_two_people"),
        sa.CheckConstraint(
            "(decided_by IS NULL) = (decided_at IS NULL) "
            "AND (decided_by IS NULL) = (granted IS NULL)",
            name="ck_approval_decided_whole",
        ),
        sa.ForeignKeyConstraint(
            ["requested_by"], ["account.id"], name="fk_approval_requested_by_account"
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["account.id"], name="fk_approval_decided_by_account"
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name="fk_approval_school_id_school"),
        sa.PrimaryKeyConstraint("school_id", "id", name="pk_approval"),
    )
    op.create_index(
        "ix_approval_asked", "approval", ["school_id", "requested_by", "kind", "fingerprint"]
    )
    op.create_index("ix_approval_time", "approval", ["school_id", "requested_at"])


def _duty() -> None:
    op.create_table(
        "duty",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("scope_kind", sa.Text(), server_default="school", nullable=False),
        sa.Column("scope_id", sa.BigInteger(), nullable=True),
        sa.Column("deputy_of", sa.BigInteger(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint("deputy_of <> staff_id", name="ck_duty_deputy_of_another"),
        sa.CheckConstraint(
            "(role = 'deputy') = (deputy_of IS NOT NULL)", name="ck_duty_deputy_of_somebody"
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "staff_id"],
            ["staff.school_id", "staff.id"],
            name="fk_duty_school_id_staff_id_staff",
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "deputy_of"],
            ["staff.school_id", "staff.id"],
            name="fk_duty_school_id_deputy_of_staff",
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name="fk_duty_school_id_school"),
        sa.PrimaryKeyConstraint("school_id", "id", name="pk_duty"),
    )
    op.create_index("ix_duty_staff", "duty", ["school_id", "staff_id"])
    op.create_index("ix_duty_deputy", "duty", ["school_id", "deputy_of"])


def _now(name: str) -> sa.Column[object]:
    return sa.Column(
        name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER to_be_chained ON audit_entry")
    op.execute("DROP FUNCTION note_audit_entry()")
    op.drop_index("ix_audit_entry_account", "audit_entry")
    op.drop_column("account_session", "confirmed_at")
    for table in TABLES:
        op.drop_table(table)
    op.drop_table("audit_pending")
