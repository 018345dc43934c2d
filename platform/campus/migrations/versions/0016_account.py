"""What became of every line of an import; habits of bare headings go

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("import_run", sa.Column("account", JSONB()))
    # They held for a heading wherever it stood; now they hold for a place in a row of headings.
    op.execute("TRUNCATE import_habit")


def downgrade() -> None:
    op.execute("TRUNCATE import_habit")
    op.drop_column("import_run", "account")
