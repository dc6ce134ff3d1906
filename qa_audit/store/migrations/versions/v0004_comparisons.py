"""Calls whose voices were compared with the same agent's other calls, and what came of it. No voice is in it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """From 0003."""
    op.create_table(
        "comparisons",
        sa.Column("call_id", sa.String, primary_key=True),
        sa.Column("sha256", sa.String, nullable=False),
        sa.Column("fingerprint", sa.String, nullable=False),
        sa.Column("usable", sa.Boolean, nullable=False),
        sa.Column("contradiction", sa.Text),
        sa.Column("compared_at", sa.Float, nullable=False),
    )
