"""Reset codes for colleagues: what a code may open depends on whom it was made for.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column: sa.Column[bool] = sa.Column(
        "for_staff", sa.Boolean(), server_default=sa.false(), nullable=False
    )
    op.add_column("reset_code", column)


def downgrade() -> None:
    op.drop_column("reset_code", "for_staff")
