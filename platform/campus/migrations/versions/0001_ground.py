"""The ground: schools, accounts, people, the class's day, growth, messages, and their guards.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from campus.migrations.guard import append_only, guard

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHOOL_TABLES = (
    "assignment",
    "attendance_mark",
    "attendance_sheet",
    "audit_entry",
    "enrollment",
    "growth_book",
    "growth_record",
    "guardian",
    "guardianship",
    "homeroom_class",
    "idempotency_key",
    "inbox",
    "notification",
    "period",
    "photo",
    "praise",
    "praise_pupil",
    "pupil",
    "school_year",
    "staff",
    "subject",
    "term",
    "timetable_slot",
)
TABLES = (
    "timetable_slot",
    "praise_pupil",
    "attendance_mark",
    "term",
    "praise",
    "notification",
    "guardianship",
    "growth_record",
    "growth_book",
    "enrollment",
    "attendance_sheet",
    "assignment",
    "subject",
    "staff",
    "school_year",
    "pupil",
    "photo",
    "period",
    "outbox",
    "membership",
    "inbox",
    "idempotency_key",
    "homeroom_class",
    "guardian",
    "audit_entry",
    "account_session",
    "account_event",
    "school",
    "login_failure",
    "account",
)
KEPT = "school, account, membership"


def upgrade() -> None:
    _grant_by_default()
    _tables()
    for table in SCHOOL_TABLES:
        guard(table)
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    append_only("audit_entry")
    append_only("account_event")
    op.execute(f"REVOKE DELETE ON {KEPT} FROM campus_web, campus_worker")
    op.execute("GRANT SELECT ON alembic_version TO campus_web, campus_worker")


def _grant_by_default() -> None:
    """What later migrations create is reachable by pages and jobs without saying so again."""
    op.execute(
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public "
        "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO campus_web, campus_worker"
    )
    op.execute(
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public "
        "GRANT USAGE, SELECT ON SEQUENCES TO campus_web, campus_worker"
    )


def _tables() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("operator", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("phone", name="uq_account_phone"),
    )
    op.create_table(
        "login_failure",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("phone_hash", sa.Text(), nullable=False),
        sa.Column("device_key", sa.Text(), nullable=False),
        sa.Column("ip", postgresql.INET(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name="pk_login_failure"),
    )
    op.create_index("ix_login_failure_ip", "login_failure", ["ip", "at"])
    op.create_index("ix_login_failure_phone_hash", "login_failure", ["phone_hash", "at"])
    op.create_table(
        "school",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("short_name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column(
            "opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name="pk_school"),
        sa.UniqueConstraint("slug", name="uq_school_slug"),
    )
    op.create_table(
        "account_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ip", postgresql.INET(), nullable=True),
        sa.Column("detail", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_account_event_account_id_account"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_account_event"),
    )
    op.create_index("ix_account_event_account_id", "account_event", ["account_id", "at"])
    op.create_table(
        "account_session",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("device_key", sa.Text(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column("ip", postgresql.INET(), nullable=False),
        sa.Column("idle_minutes", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("idle_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_account_session_account_id_account"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_account_session"),
        sa.UniqueConstraint("token_hash", name="uq_account_session_token_hash"),
    )
    op.create_index("ix_account_session_account_id", "account_session", ["account_id", "ended_at"])
    op.create_table(
        "audit_entry",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object_kind", sa.Text(), nullable=False),
        sa.Column("object_id", sa.BigInteger(), nullable=True),
        sa.Column("detail", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name="fk_audit_entry_school_id_school"
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name="pk_audit_entry"),
    )
    op.create_index("ix_audit_entry_at", "audit_entry", ["school_id", "at"])
    op.create_index(
        "ix_audit_entry_object", "audit_entry", ["school_id", "object_kind", "object_id", "at"]
    )
    op.create_table(
        "guardian",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_guardian_account_id_account"
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name="fk_guardian_school_id_school"),
        sa.PrimaryKeyConstraint("school_id", "id", name="pk_guardian"),
        sa.UniqueConstraint("school_id", "phone", name="uq_guardian_school_id_phone"),
    )
    op.create_index("ix_guardian_account", "guardian", ["school_id", "account_id"])
    op.create_table(
        "homeroom_class",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("entry_year", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("graduated_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name="fk_homeroom_class_school_id_school"
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name="pk_homeroom_class"),
        sa.UniqueConstraint(
            "school_id",
            "entry_year",
            "number",
            name="uq_homeroom_class_school_id_entry_year_number",
        ),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("result_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name="fk_idempotency_key_school_id_school"
        ),
        sa.PrimaryKeyConstraint("school_id", "account_id", "key", name="pk_idempotency_key"),
    )
    op.create_table(
        "inbox",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_inbox_account_id_account"),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name="fk_inbox_school_id_school"),
        sa.PrimaryKeyConstraint("school_id", "account_id", name="pk_inbox"),
    )
    op.create_table(
        "membership",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_membership_account_id_account"
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name="fk_membership_school_id_school"
        ),
        sa.PrimaryKeyConstraint("school_id", "account_id", name="pk_membership"),
    )
    op.create_index(("ix_membership_account_id"), "membership", ["account_id"])
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("account_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name="fk_outbox_school_id_school"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    op.create_index(
        "ix_outbox_unsent", "outbox", ["id"], postgresql_where=sa.text("sent_at IS NULL")
    )
    op.create_table(
        "period",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("starts_at", sa.Time(), nullable=False),
        sa.Column("ends_at", sa.Time(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name="fk_period_school_id_school"),
        sa.PrimaryKeyConstraint("school_id", "number", name="pk_period"),
    )
    op.create_table(
        "photo",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.SmallInteger(), nullable=False),
        sa.Column("height", sa.SmallInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name="fk_photo_school_id_school"),
        sa.PrimaryKeyConstraint("school_id", "id", name="pk_photo"),
    )
    op.create_table(
        "pupil",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("sex", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("birthday", sa.Date(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name="fk_pupil_school_id_school"),
        sa.PrimaryKeyConstraint("school_id", "id", name="pk_pupil"),
    )
    op.create_index("ix_pupil_name", "pupil", ["school_id", "name"])
    op.create_table(
        "school_year",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name="fk_school_year_school_id_school"
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name="pk_school_year"),
        sa.UniqueConstraint("school_id", "starts_on", name="uq_school_year_school_id_starts_on"),
    )
    op.create_table(
        "staff",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_staff_account_id_account"),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name="fk_staff_school_id_school"),
        sa.PrimaryKeyConstraint("school_id", "id", name="pk_staff"),
        sa.UniqueConstraint("school_id", "account_id", name="uq_staff_school_id_account_id"),
    )
    op.create_table(
        "subject",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.SmallInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name="fk_subject_school_id_school"),
        sa.PrimaryKeyConstraint("school_id", "id", name="pk_subject"),
        sa.UniqueConstraint("school_id", "name", name="uq_subject_school_id_name"),
    )
    op.create_table(
        "assignment",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("class_id", sa.BigInteger(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("homeroom", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["school_id", "class_id"],
            ["homeroom_class.school_id", "homeroom_class.id"],
            name="fk_assignment_school_id_class_id_homeroom_class",
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "staff_id"],
            ["staff.school_id", "staff.id"],
            name="fk_assignment_school_id_staff_id_staff",
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "subject_id"],
            ["subject.school_id", "subject.id"],
            name="fk_assignment_school_id_subject_id_subject",
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name="fk_assignment_school_id_school"
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name="pk_assignment"),
    )
    op.create_index("ix_assignment_class", "assignment", ["school_id", "class_id"])
    op.create_index("ix_assignment_staff", "assignment", ["school_id", "staff_id"])
    op.create_table(
        "attendance_sheet",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("class_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("half", sa.Text(), nullable=False),
        sa.Column("taken_by", sa.BigInteger(), nullable=True),
        sa.Column(
            "taken_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "class_id"],
            ["homeroom_class.school_id", "homeroom_class.id"],
            name="fk_attendance_sheet_school_id_class_id_homeroom_class",
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name="fk_attendance_sheet_school_id_school"
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name="pk_attendance_sheet"),
        sa.UniqueConstraint(
            "school_id",
            "class_id",
            "day",
            "half",
            name="uq_attendance_sheet_school_id_class_id_day_half",
        ),
    )
    op.create_table(
        "enrollment",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("class_id", sa.BigInteger(), nullable=False),
        sa.Column("seat_no", sa.SmallInteger(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["school_id", "class_id"],
            ["homeroom_class.school_id", "homeroom_class.id"],
            name="fk_enrollment_school_id_class_id_homeroom_class",
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name="fk_enrollment_school_id_pupil_id_pupil",
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name="fk_enrollment_school_id_school"
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name="pk_enrollment"),
    )
    op.create_index("ix_enrollment_class", "enrollment", ["school_id", "class_id", "seat_no"])
    op.create_index("ix_enrollment_pupil", "enrollment", ["school_id", "pupil_id"])
    op.create_table(
        "growth_book",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name="fk_growth_book_school_id_pupil_id_pupil",
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name="fk_growth_book_school_id_school"
        ),
        sa.PrimaryKeyConstraint("school_id", "pupil_id", name="pk_growth_book"),
    )
    op.create_table(
        "growth_record",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("source_kind", sa.Text(), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("photo_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "happened_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["school_id", "photo_id"],
            ["photo.school_id", "photo.id"],
            name="fk_growth_record_school_id_photo_id_photo",
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name="fk_growth_record_school_id_pupil_id_pupil",
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "staff_id"],
            ["staff.school_id", "staff.id"],
            name="fk_growth_record_school_id_staff_id_staff",
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name="fk_growth_record_school_id_school"
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name="pk_growth_record"),
        sa.UniqueConstraint(
            "school_id", "pupil_id", "seq", name="uq_growth_record_school_id_pupil_id_seq"
        ),
        sa.UniqueConstraint(
            "school_id",
            "pupil_id",
            "source_kind",
            "source_id",
            name="uq_growth_record_school_id_pupil_id_source_kind_source_id",
        ),
    )
    op.create_index(
        "ix_growth_record_source", "growth_record", ["school_id", "source_kind", "source_id"]
    )
    op.create_index(
        "ix_growth_record_time", "growth_record", ["school_id", "pupil_id", "happened_at"]
    )
    op.create_table(
        "guardianship",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("guardian_id", sa.BigInteger(), nullable=False),
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("contact_order", sa.SmallInteger(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "guardian_id"],
            ["guardian.school_id", "guardian.id"],
            name="fk_guardianship_school_id_guardian_id_guardian",
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name="fk_guardianship_school_id_pupil_id_pupil",
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name="fk_guardianship_school_id_school"
        ),
        sa.PrimaryKeyConstraint("school_id", "guardian_id", "pupil_id", name="pk_guardianship"),
    )
    op.create_index("ix_guardianship_pupil", "guardianship", ["school_id", "pupil_id"])
    op.create_table(
        "notification",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("pupil_id", sa.BigInteger(), nullable=True),
        sa.Column("class_id", sa.BigInteger(), nullable=True),
        sa.Column("source_kind", sa.Text(), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_notification_account_id_account"
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "class_id"],
            ["homeroom_class.school_id", "homeroom_class.id"],
            name="fk_notification_school_id_class_id_homeroom_class",
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name="fk_notification_school_id_pupil_id_pupil",
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name="fk_notification_school_id_school"
        ),
        sa.PrimaryKeyConstraint("school_id", "account_id", "seq", name="pk_notification"),
    )
    op.create_index(
        "ix_notification_source", "notification", ["school_id", "source_kind", "source_id"]
    )
    op.create_index(
        "ix_notification_unread",
        "notification",
        ["school_id", "account_id"],
        postgresql_where=sa.text("read_at IS NULL AND withdrawn_at IS NULL"),
    )
    op.create_table(
        "praise",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("class_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("photo_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("retracted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["school_id", "class_id"],
            ["homeroom_class.school_id", "homeroom_class.id"],
            name="fk_praise_school_id_class_id_homeroom_class",
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "photo_id"],
            ["photo.school_id", "photo.id"],
            name="fk_praise_school_id_photo_id_photo",
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "staff_id"],
            ["staff.school_id", "staff.id"],
            name="fk_praise_school_id_staff_id_staff",
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name="fk_praise_school_id_school"),
        sa.PrimaryKeyConstraint("school_id", "id", name="pk_praise"),
    )
    op.create_index("ix_praise_class", "praise", ["school_id", "class_id", "created_at"])
    op.create_table(
        "term",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("year_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "year_id"],
            ["school_year.school_id", "school_year.id"],
            name="fk_term_school_id_year_id_school_year",
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name="fk_term_school_id_school"),
        sa.PrimaryKeyConstraint("school_id", "id", name="pk_term"),
        sa.UniqueConstraint("school_id", "starts_on", name="uq_term_school_id_starts_on"),
    )
    op.create_table(
        "attendance_mark",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("sheet_id", sa.BigInteger(), nullable=False),
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("marked_by", sa.BigInteger(), nullable=True),
        sa.Column(
            "marked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name="fk_attendance_mark_school_id_pupil_id_pupil",
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "sheet_id"],
            ["attendance_sheet.school_id", "attendance_sheet.id"],
            name="fk_attendance_mark_school_id_sheet_id_attendance_sheet",
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name="fk_attendance_mark_school_id_school"
        ),
        sa.PrimaryKeyConstraint("school_id", "sheet_id", "pupil_id", name="pk_attendance_mark"),
    )
    op.create_index("ix_attendance_mark_pupil", "attendance_mark", ["school_id", "pupil_id"])
    op.create_table(
        "praise_pupil",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("praise_id", sa.BigInteger(), nullable=False),
        sa.Column("pupil_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "praise_id"],
            ["praise.school_id", "praise.id"],
            name="fk_praise_pupil_school_id_praise_id_praise",
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name="fk_praise_pupil_school_id_pupil_id_pupil",
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name="fk_praise_pupil_school_id_school"
        ),
        sa.PrimaryKeyConstraint("school_id", "praise_id", "pupil_id", name="pk_praise_pupil"),
    )
    op.create_index("ix_praise_pupil_pupil", "praise_pupil", ["school_id", "pupil_id"])
    op.create_table(
        "timetable_slot",
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("term_id", sa.BigInteger(), nullable=False),
        sa.Column("class_id", sa.BigInteger(), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("period", sa.SmallInteger(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["school_id", "class_id"],
            ["homeroom_class.school_id", "homeroom_class.id"],
            name="fk_timetable_slot_school_id_class_id_homeroom_class",
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "period"],
            ["period.school_id", "period.number"],
            name="fk_timetable_slot_school_id_period_period",
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "staff_id"],
            ["staff.school_id", "staff.id"],
            name="fk_timetable_slot_school_id_staff_id_staff",
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "subject_id"],
            ["subject.school_id", "subject.id"],
            name="fk_timetable_slot_school_id_subject_id_subject",
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "term_id"],
            ["term.school_id", "term.id"],
            name="fk_timetable_slot_school_id_term_id_term",
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name="fk_timetable_slot_school_id_school"
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name="pk_timetable_slot"),
        sa.UniqueConstraint(
            "school_id",
            "term_id",
            "class_id",
            "weekday",
            "period",
            name="uq_timetable_slot_school_id_term_id_class_id_weekday_period",
        ),
    )
    op.create_index(
        "ix_timetable_slot_staff", "timetable_slot", ["school_id", "staff_id", "term_id", "weekday"]
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_change()")
    for what in ("TABLES", "SEQUENCES"):
        op.execute(
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA public "
            f"REVOKE ALL ON {what} FROM campus_web, campus_worker"
        )
