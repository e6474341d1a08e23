"""What the API of documents needs: its tokens, and the key that a request bears."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0002"
down_revision: str | Sequence[str] | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CODE = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
TIME = sa.DateTime(timezone=True)
BEARING_A_KEY = sa.text("request_key IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", CODE, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("partners", sa.Text(), nullable=True),
        sa.Column("revoked_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_tokens"),
        sa.UniqueConstraint("digest", name="uq_api_tokens_digest"),
    )
    op.add_column("erp_files", sa.Column("request_key", CODE, nullable=True))
    op.create_index(
        "ix_erp_files_request",
        "erp_files",
        ["partner", "request_key"],
        unique=True,
        sqlite_where=BEARING_A_KEY,
        postgresql_where=BEARING_A_KEY,
    )
