"""Windows warn before they are breached."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | Sequence[str] | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    # Windows that are open now were agreed without a warning; they are breached as before.
    op.add_column("deadlines", sa.Column("warn_at", TIME, nullable=True))
    op.add_column("deadlines", sa.Column("warned_at", TIME, nullable=True))
    silent = sa.text("warned_at IS NULL")
    op.create_index("ix_deadlines_warning", "deadlines", ["state", "warn_at"], sqlite_where=silent, postgresql_where=silent)
