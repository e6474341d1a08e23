"""Documents are found by the invoices and ship notices that they name."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | Sequence[str] | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # Texts (864) that are there already have no line that names a number, and join no thread; every other document has its own.
    named = sa.text("reference IS NOT NULL")
    for table in ("document_lines", "documents"):
        op.create_index(f"ix_{table}_reference", table, ["reference"], sqlite_where=named, postgresql_where=named)
