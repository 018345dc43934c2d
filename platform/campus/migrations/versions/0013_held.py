"""Tables filled by the thousand: nothing is checked twice, nothing is indexed for nobody.

A place in a class and a tie to a guardian point at rows of the same school, which hold the school.
Guardians have no account until they join.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

HELD = ("enrollment", "guardianship")
ACCOUNTS = "ix_guardian_account"


def upgrade() -> None:
    for table in HELD:
        op.drop_constraint(f"fk_{table}_school_id_school", table, type_="foreignkey")
    op.drop_index(ACCOUNTS, "guardian")
    joined = sa.text("account_id IS NOT NULL")
    op.create_index(ACCOUNTS, "guardian", ["school_id", "account_id"], postgresql_where=joined)


def downgrade() -> None:
    op.drop_index(ACCOUNTS, "guardian")
    op.create_index(ACCOUNTS, "guardian", ["school_id", "account_id"])
    for table in HELD:
        name = f"fk_{table}_school_id_school"
        op.create_foreign_key(name, table, "school", ["school_id"], ["id"])
