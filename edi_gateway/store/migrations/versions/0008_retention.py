"""What was deleted when its time was over, and what must not be."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | Sequence[str] | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "deletions",
        sa.Column("transmission_id", ROW_ID, nullable=False, autoincrement=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("digests", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["transmission_id"], ["transmissions.id"], name="fk_deletions_transmission_id"),
        sa.PrimaryKeyConstraint("transmission_id", name="pk_deletions"),
    )
    op.create_table(
        "legal_holds",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=True),
        sa.Column("transmission_id", ROW_ID, nullable=True),
        sa.Column("po_number", sa.Text(), nullable=True),
        sa.Column("lifted_at", TIME, nullable=True),
        sa.Column("lifted_because", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_legal_holds"),
    )
