"""The first tables: recordings, transcripts, views, audits, failures, runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """From nothing."""
    op.create_table(
        "recordings",
        sa.Column("call_id", sa.String, primary_key=True),
        sa.Column("uri", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("modified", sa.Float, nullable=False),
        sa.Column("facts", sa.String, nullable=False),
        sa.Column("known", sa.LargeBinary, nullable=False),
        sa.Column("sha256", sa.String),
        sa.Column("fingerprint", sa.String),
    )
    op.create_table(
        "transcripts",
        sa.Column("sha256", sa.String, primary_key=True),
        sa.Column("fingerprint", sa.String, primary_key=True),
        sa.Column("engine", sa.String, nullable=False),
        sa.Column("model", sa.String, nullable=False),
        sa.Column("heard", sa.LargeBinary, nullable=False),
        sa.Column("duration", sa.Float),
        sa.Column("trust", sa.Float, nullable=False),
        sa.Column("heard_at", sa.Float, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "views",
        sa.Column("sha256", sa.String, primary_key=True),
        sa.Column("fingerprint", sa.String, primary_key=True),
        sa.Column("version", sa.String, primary_key=True),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "audits",
        sa.Column("call_id", sa.String, primary_key=True),
        sa.Column("marked_by", sa.String, primary_key=True),
        sa.Column("sha256", sa.String, nullable=False),
        sa.Column("fingerprint", sa.String, nullable=False),
        sa.Column("facts", sa.String, nullable=False),
        sa.Column("ruleset", sa.String, nullable=False),
        sa.Column("marked_at", sa.Float, nullable=False),
        sa.Column("audit", sa.LargeBinary, nullable=False),
        sa.Column("score", sa.LargeBinary, nullable=False),
    )
    op.create_index("audits_marked_by", "audits", ["marked_by"])
    op.create_table(
        "failures",
        sa.Column("call_id", sa.String, primary_key=True),
        sa.Column("uri", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("modified", sa.Float, nullable=False),
        sa.Column("attempt", sa.String, nullable=False),
        sa.Column("stage", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("excluded", sa.Boolean, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("failed_at", sa.Float, nullable=False),
    )
    op.create_table(
        "runs",
        sa.Column("run_id", sa.String, primary_key=True),
        sa.Column("command", sa.String, nullable=False),
        sa.Column("host", sa.String, nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("started_at", sa.Float, nullable=False),
        sa.Column("finished_at", sa.Float),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("manifest", sa.LargeBinary),
    )
