"""The first tables."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0001"
down_revision: str | Sequence[str] | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# A migration says what was true when it was written, so it shares no types with the tables of today.
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CODE = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
EXACT = sa.Text().with_variant(sa.Numeric(), "postgresql")
TIME = sa.DateTime(timezone=True)


def _only(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    op.create_table(
        "control_numbers",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("last", ROW_ID, nullable=False),
        sa.PrimaryKeyConstraint("scope", name="pk_control_numbers"),
    )
    op.create_table(
        "deadlines",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", ROW_ID, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=True),
        sa.Column("expects", sa.Text(), nullable=False),
        sa.Column("settled_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_deadlines"),
    )
    op.create_index("ix_deadlines_state", "deadlines", ["state", "due_at"])
    op.create_index("ix_deadlines_subject", "deadlines", ["subject", "subject_id"])
    op.create_table(
        "documents",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("partner", sa.Text(), nullable=True),
        sa.Column("map_name", sa.Text(), nullable=False),
        sa.Column("map_digest", sa.Text(), nullable=False),
        sa.Column("lineage", sa.Text(), nullable=True),
        sa.Column("number", CODE, nullable=True),
        sa.Column("po_number", CODE, nullable=True),
        sa.Column("issue_date", sa.Date(), nullable=True),
        sa.Column("po_date", sa.Date(), nullable=True),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("total_amount", EXACT, nullable=True),
        sa.Column("credit_or_debit", sa.Text(), nullable=True),
        sa.Column("reference", CODE, nullable=True),
        sa.Column("line_count", sa.Integer(), nullable=True),
        sa.Column("buyer_id", CODE, nullable=True),
        sa.Column("buyer_name", sa.Text(), nullable=True),
        sa.Column("seller_id", CODE, nullable=True),
        sa.Column("seller_name", sa.Text(), nullable=True),
        sa.Column("ship_to_id", CODE, nullable=True),
        sa.Column("ship_to_name", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
    )
    op.create_index("ix_documents_number", "documents", ["kind", "number"])
    op.create_index("ix_documents_po_number", "documents", ["po_number"])
    op.create_table(
        "erp_files",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("name", CODE, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("layout", sa.Text(), nullable=True),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("path", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("faults", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_erp_files"),
    )
    op.create_index("ix_erp_files_name", "erp_files", ["name", "id"])
    op.create_index("ix_erp_files_partner", "erp_files", ["partner", "id"])
    op.create_index("ix_erp_files_state", "erp_files", ["direction", "state"])
    op.create_table(
        "jobs",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("ids", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("run_at", TIME, nullable=False),
        sa.Column("attempts", ROW_ID, nullable=False),
        sa.Column("first_at", TIME, nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("lease_until", TIME, nullable=True),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    )
    op.create_index("ix_jobs_due", "jobs", ["run_at", "id"], **_only("state = 'waiting'"))
    op.create_index("ix_jobs_key", "jobs", ["key"])
    op.create_index("ix_jobs_parked", "jobs", ["id"], **_only("state = 'parked'"))
    op.create_index("ix_jobs_running", "jobs", ["lease_until"], **_only("state = 'running'"))
    op.create_index("uq_jobs_running", "jobs", ["key"], unique=True, **_only("state = 'running'"))
    op.create_index("uq_jobs_waiting", "jobs", ["key"], unique=True, **_only("state = 'waiting'"))
    op.create_table(
        "payloads",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("size", ROW_ID, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_payloads"),
    )
    op.create_table(
        "ticks",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_ticks"),
    )
    op.create_table(
        "transmissions",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("partner", sa.Text(), nullable=True),
        sa.Column("as2_from", sa.Text(), nullable=False),
        sa.Column("as2_to", sa.Text(), nullable=False),
        sa.Column("message_id", CODE, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("filename", CODE, nullable=True),
        sa.Column("content_type", sa.Text(), nullable=True),
        sa.Column("headers", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("remote_address", sa.Text(), nullable=True),
        sa.Column("wire", sa.Text(), nullable=True),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("signed", sa.Boolean(), nullable=False),
        sa.Column("encrypted", sa.Boolean(), nullable=False),
        sa.Column("compressed", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("cipher", sa.Text(), nullable=True),
        sa.Column("signer", sa.Text(), nullable=True),
        sa.Column("mic", sa.Text(), nullable=True),
        sa.Column("mic_algorithm", sa.Text(), nullable=True),
        sa.Column("mics", sa.Text(), nullable=True),
        sa.Column("payload_head", sa.Text(), nullable=False),
        sa.Column("attempts", ROW_ID, nullable=False),
        sa.Column("next_attempt_at", TIME, nullable=True),
        sa.Column("tried_since", TIME, nullable=True),
        sa.Column("settled_at", TIME, nullable=True),
        sa.Column("duplicate_of", ROW_ID, nullable=True),
        sa.Column("faults", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["duplicate_of"], ["transmissions.id"], name="fk_transmissions_duplicate_of"),
        sa.PrimaryKeyConstraint("id", name="pk_transmissions"),
    )
    op.create_index("ix_transmissions_created", "transmissions", ["created_at"])
    op.create_index("ix_transmissions_duplicate_of", "transmissions", ["duplicate_of"])
    op.create_index("ix_transmissions_faulty", "transmissions", ["id"], **_only("faults IS NOT NULL"))
    op.create_index("ix_transmissions_filename", "transmissions", ["filename"])
    op.create_index("ix_transmissions_message_id", "transmissions", ["message_id"])
    op.create_index("ix_transmissions_partner", "transmissions", ["partner", "id"])
    op.create_index("ix_transmissions_traffic", "transmissions", ["partner", "direction", "id"])
    op.create_index("ix_transmissions_state", "transmissions", ["direction", "state", "id"])
    op.create_table(
        "document_lines",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("document_id", ROW_ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("line_id", CODE, nullable=True),
        sa.Column("po_number", CODE, nullable=True),
        sa.Column("quantity", EXACT, nullable=True),
        sa.Column("ordered_quantity", EXACT, nullable=True),
        sa.Column("unit_code", sa.Text(), nullable=True),
        sa.Column("unit_price", EXACT, nullable=True),
        sa.Column("amount", EXACT, nullable=True),
        sa.Column("buyer_item_id", CODE, nullable=True),
        sa.Column("seller_item_id", CODE, nullable=True),
        sa.Column("gtin", CODE, nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("credit_or_debit", sa.Text(), nullable=True),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("sscc", CODE, nullable=True),
        sa.Column("reference", CODE, nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name="fk_document_lines_document_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_document_lines"),
        sa.UniqueConstraint("document_id", "position", name="uq_document_lines_document_id_position"),
    )
    op.create_index("ix_document_lines_item", "document_lines", ["seller_item_id"])
    op.create_table(
        "interchanges",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("control_number", CODE, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("transmission_id", ROW_ID, nullable=True),
        sa.Column("partner", sa.Text(), nullable=True),
        sa.Column("sender_qualifier", sa.Text(), nullable=False),
        sa.Column("sender_id", sa.Text(), nullable=False),
        sa.Column("receiver_qualifier", sa.Text(), nullable=False),
        sa.Column("receiver_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("usage", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("offset", ROW_ID, nullable=False),
        sa.Column("length", ROW_ID, nullable=False),
        sa.Column("faults", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["transmission_id"], ["transmissions.id"], name="fk_interchanges_transmission_id"),
        sa.PrimaryKeyConstraint("id", name="pk_interchanges"),
    )
    op.create_index("ix_interchanges_control", "interchanges", ["control_number", "transmission_id"])
    op.create_index("ix_interchanges_transmission", "interchanges", ["transmission_id"])
    op.create_table(
        "receipts",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("transmission_id", ROW_ID, nullable=True),
        sa.Column("partner", sa.Text(), nullable=True),
        sa.Column("message_id", CODE, nullable=False),
        sa.Column("original_message_id", CODE, nullable=False),
        sa.Column("disposition", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=True),
        sa.Column("mic", sa.Text(), nullable=True),
        sa.Column("mic_algorithm", sa.Text(), nullable=True),
        sa.Column("signed", sa.Boolean(), nullable=False),
        sa.Column("signer", sa.Text(), nullable=True),
        sa.Column("signer_serial", sa.Text(), nullable=True),
        sa.Column("signer_fingerprint", sa.Text(), nullable=True),
        sa.Column("signer_not_before", TIME, nullable=True),
        sa.Column("signer_not_after", TIME, nullable=True),
        sa.Column("dated", sa.Text(), nullable=True),
        sa.Column("asynchronous", sa.Boolean(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("headers", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("attempts", ROW_ID, nullable=False),
        sa.Column("sent_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["transmission_id"], ["transmissions.id"], name="fk_receipts_transmission_id"),
        sa.PrimaryKeyConstraint("id", name="pk_receipts"),
    )
    op.create_index("ix_receipts_message_id", "receipts", ["message_id"])
    op.create_index("ix_receipts_original", "receipts", ["original_message_id"])
    op.create_index("ix_receipts_transmission", "receipts", ["transmission_id"])
    op.create_table(
        "attempts",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("number", ROW_ID, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("transmission_id", ROW_ID, nullable=True),
        sa.Column("receipt_id", ROW_ID, nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipts.id"], name="fk_attempts_receipt_id"),
        sa.ForeignKeyConstraint(["transmission_id"], ["transmissions.id"], name="fk_attempts_transmission_id"),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
    )
    op.create_index("ix_attempts_receipt", "attempts", ["receipt_id"])
    op.create_index("ix_attempts_transmission", "attempts", ["transmission_id"])
    op.create_table(
        "groups",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("functional_id", sa.Text(), nullable=False),
        sa.Column("control_number", CODE, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("interchange_id", ROW_ID, nullable=True),
        sa.Column("transmission_id", ROW_ID, nullable=True),
        sa.Column("partner", sa.Text(), nullable=True),
        sa.Column("release", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("set_count", ROW_ID, nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("acknowledged_by", ROW_ID, nullable=True),
        sa.Column("acknowledged_at", TIME, nullable=True),
        sa.Column("faults", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["interchange_id"], ["interchanges.id"], name="fk_groups_interchange_id"),
        sa.ForeignKeyConstraint(["transmission_id"], ["transmissions.id"], name="fk_groups_transmission_id"),
        sa.PrimaryKeyConstraint("id", name="pk_groups"),
    )
    op.create_index("ix_groups_acknowledged_by", "groups", ["acknowledged_by"])
    op.create_index("ix_groups_control", "groups", ["control_number", "transmission_id"])
    op.create_index("ix_groups_interchange", "groups", ["interchange_id"])
    op.create_index("ix_groups_transmission", "groups", ["transmission_id"])
    op.create_table(
        "sets",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("set_id", sa.Text(), nullable=False),
        sa.Column("control_number", CODE, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("group_id", ROW_ID, nullable=True),
        sa.Column("interchange_id", ROW_ID, nullable=True),
        sa.Column("transmission_id", ROW_ID, nullable=True),
        sa.Column("document_id", ROW_ID, nullable=True),
        sa.Column("erp_file_id", ROW_ID, nullable=True),
        sa.Column("partner", sa.Text(), nullable=True),
        sa.Column("business_key", CODE, nullable=True),
        sa.Column("po_number", CODE, nullable=True),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("held_code", sa.Text(), nullable=True),
        sa.Column("offset", ROW_ID, nullable=False),
        sa.Column("length", ROW_ID, nullable=False),
        sa.Column("segment_count", ROW_ID, nullable=False),
        sa.Column("acknowledged_by", ROW_ID, nullable=True),
        sa.Column("faults", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name="fk_sets_document_id"),
        sa.ForeignKeyConstraint(["erp_file_id"], ["erp_files.id"], name="fk_sets_erp_file_id"),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_sets_group_id"),
        sa.ForeignKeyConstraint(["interchange_id"], ["interchanges.id"], name="fk_sets_interchange_id"),
        sa.ForeignKeyConstraint(["transmission_id"], ["transmissions.id"], name="fk_sets_transmission_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sets"),
    )
    op.create_index("ix_sets_acknowledged_by", "sets", ["acknowledged_by"])
    op.create_index("ix_sets_business_key", "sets", ["business_key", "transmission_id"])
    op.create_index("ix_sets_control", "sets", ["control_number", "transmission_id"])
    op.create_index("ix_sets_document", "sets", ["document_id"])
    op.create_index("ix_sets_erp_file", "sets", ["erp_file_id"])
    op.create_index("ix_sets_group", "sets", ["group_id"])
    op.create_index("ix_sets_interchange", "sets", ["interchange_id"])
    op.create_index("ix_sets_po_number", "sets", ["po_number", "transmission_id"])
    op.create_index("ix_sets_set_id", "sets", ["set_id", "transmission_id"])
    op.create_index("ix_sets_state", "sets", ["direction", "state", "id"])
    op.create_index("ix_sets_transmission", "sets", ["transmission_id"])
    op.create_table(
        "events",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("transmission_id", ROW_ID, nullable=True),
        sa.Column("set_row_id", ROW_ID, nullable=True),
        sa.Column("erp_file_id", ROW_ID, nullable=True),
        sa.Column("partner", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["erp_file_id"], ["erp_files.id"], name="fk_events_erp_file_id"),
        sa.ForeignKeyConstraint(["set_row_id"], ["sets.id"], name="fk_events_set_row_id"),
        sa.ForeignKeyConstraint(["transmission_id"], ["transmissions.id"], name="fk_events_transmission_id"),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
    )
    op.create_index("ix_events_erp_file", "events", ["erp_file_id"])
    op.create_index("ix_events_set", "events", ["set_row_id"])
    op.create_index("ix_events_transmission", "events", ["transmission_id"])
