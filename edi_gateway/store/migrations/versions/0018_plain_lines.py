"""The lines of documents are known by document and position alone, and ask for no other row when they are written."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0018"
down_revision: str | Sequence[str] | None = "0017"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CODE = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
EXACT = sa.Text().with_variant(sa.Numeric(), "postgresql")
_COLUMNS: dict[str, sa.types.TypeEngine[Any]] = {
    "line_id": CODE,
    "po_number": CODE,
    "quantity": EXACT,
    "ordered_quantity": EXACT,
    "unit_code": sa.Text(),
    "unit_price": EXACT,
    "amount": EXACT,
    "buyer_item_id": CODE,
    "seller_item_id": CODE,
    "gtin": CODE,
    "description": sa.Text(),
    "status": sa.Text(),
    "reason_code": sa.Text(),
    "credit_or_debit": sa.Text(),
    "due_date": sa.Date(),
    "sscc": CODE,
    "reference": CODE,
}


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("fk_document_lines_document_id", "document_lines")
        # With it go the key and the sequence.
        op.drop_column("document_lines", "id")
        op.create_primary_key("pk_document_lines", "document_lines", ["document_id", "position"])
        op.drop_constraint("uq_document_lines_document_id_position", "document_lines")
        return
    # SQLite changes no key of a table that is there.
    op.create_table(
        "plain_lines",
        sa.Column("document_id", ROW_ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        *(sa.Column(name, kind) for name, kind in _COLUMNS.items()),
        sa.PrimaryKeyConstraint("document_id", "position", name="pk_document_lines"),
    )
    names = ", ".join(("document_id", "position", *_COLUMNS))
    op.execute(f"INSERT INTO plain_lines ({names}) SELECT {names} FROM document_lines ORDER BY id")  # noqa: S608 - names of ours
    op.drop_table("document_lines")
    op.rename_table("plain_lines", "document_lines")
    for name in ("po_number", "reference"):
        op.create_index(f"ix_document_lines_{name}", "document_lines", [name], sqlite_where=sa.text(f"{name} IS NOT NULL"))
