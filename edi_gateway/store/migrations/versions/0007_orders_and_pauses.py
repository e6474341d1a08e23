"""Threads of purchase orders, paused partners, servers left alone, and the events of each message and set."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0007"
down_revision: str | Sequence[str] | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CODE = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    for table in ("transmissions", "sets"):
        # What is there already has no history: its events were not kept.
        op.add_column(table, sa.Column("history", sa.Text(), nullable=True))
    op.add_column("sets", sa.Column("released_by", sa.Text(), nullable=True))
    op.create_index("ix_document_lines_po_number", "document_lines", ["po_number"])
    op.create_index("ix_attempts_started", "attempts", ["started_at"])
    op.create_table(
        "pauses",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pauses"),
        sa.UniqueConstraint("partner", "direction", name="uq_pauses_partner_direction"),
    )
    op.create_table(
        "endpoints",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("address", CODE, nullable=False),
        sa.Column("failures", ROW_ID, nullable=False),
        sa.Column("open_until", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_endpoints"),
        sa.UniqueConstraint("address", name="uq_endpoints_address"),
    )
