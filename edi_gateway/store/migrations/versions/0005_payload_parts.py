"""Large payloads in the database: rows of parts, which PostgreSQL's hosts share. On SQLite large ones stay files, and this stays empty."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | Sequence[str] | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "payload_parts",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("number", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["payloads.digest"], name="fk_payload_parts_digest", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("digest", "number", name="pk_payload_parts"),
    )
    if op.get_bind().dialect.name == "postgresql":
        # Wire bytes are encrypted or compressed as a rule: another try costs time and saves nothing.
        op.execute("ALTER TABLE payload_parts ALTER COLUMN content SET STORAGE EXTERNAL")
