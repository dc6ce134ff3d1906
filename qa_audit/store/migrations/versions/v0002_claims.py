"""Several runs may share a store on a server: claims on calls, and signs of life of runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """From 0001."""
    op.create_table(
        "claims",
        sa.Column("call_id", sa.String, primary_key=True),
        sa.Column("run_id", sa.String, nullable=False),
        sa.Column("until", sa.Float, nullable=False),
    )
    op.add_column("runs", sa.Column("seen_at", sa.Float))
