"""TA1s that are awaited and that came, and since when a server is left alone."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | Sequence[str] | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # Nobody waited for a TA1 before; which ones came is in the timeline only.
    op.add_column("interchanges", sa.Column("expects_ta1", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("interchanges", sa.Column("ta1", sa.Text(), nullable=False, server_default=""))
    op.add_column("endpoints", sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True))
