"""A long message is translated in pieces: its row says how far that is."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0016"
down_revision: str | Sequence[str] | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("transmissions", sa.Column("parts_kept", sa.Integer()))
    begun = sa.text("parts_kept IS NOT NULL")
    op.create_index("ix_transmissions_parts_kept", "transmissions", ["id"], sqlite_where=begun, postgresql_where=begun)
