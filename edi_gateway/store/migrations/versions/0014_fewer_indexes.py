"""Nothing is kept in an index that no question asks for: each costs a page a row, and in a large archive a page that is not in memory."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | Sequence[str] | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

UNASKED = {
    "receipts": ("message_id", "original"),
    "documents": ("number", "po_number"),
    "document_lines": ("item",),
    "groups": ("interchange",),
    "sets": ("interchange",),
    "transmissions": ("traffic", "partner"),
}
"""The indexes that go, by table: what comes after `ix_` and its name. The last one comes again with a column more."""
NAMED = {
    "transmissions": {"filename": ["filename", "id"], "duplicate_of": ["duplicate_of"]},
    "attempts": {"transmission": ["transmission_id"], "receipt": ["receipt_id"]},
    "groups": {"acknowledged_by": ["acknowledged_by"]},
    "sets": {
        "business_key": ["business_key", "transmission_id"],
        "po_number": ["po_number", "transmission_id"],
        "document": ["document_id"],
        "erp_file": ["erp_file_id"],
        "acknowledged_by": ["acknowledged_by"],
    },
    "document_lines": {"po_number": ["po_number"]},
    "events": {"transmission": ["transmission_id"], "set": ["set_row_id"], "erp_file": ["erp_file_id"]},
}
"""The columns of those that are of the rows alone that have a value in the first of them."""


def upgrade() -> None:
    for table, names in UNASKED.items():
        for name in names:
            op.drop_index(f"ix_{table}_{name}", table)
    op.create_index("ix_transmissions_partner", "transmissions", ["partner", "id", "direction"])
    for table, indexes in NAMED.items():
        for name, columns in indexes.items():
            op.drop_index(f"ix_{table}_{name}", table)
            there = sa.text(f"{columns[0]} IS NOT NULL")
            op.create_index(f"ix_{table}_{name}", table, columns, sqlite_where=there, postgresql_where=there)
