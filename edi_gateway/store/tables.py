"""The tables. Columns of a row's table bear the names of the row's fields; migrations stand beside, and a test holds both together."""

from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from edi_gateway.lifecycle import waits
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, Direction, FileState
from edi_gateway.store.types import FAULTS, OBJECT, PAIRS, TEXTS, Closed, Code, Exact, UtcTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

RowId = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only where the key is an INTEGER."""


def _key() -> Column[int]:
    return Column("id", RowId, primary_key=True)


def _to(name: str, table: str) -> Column[int]:
    return Column(name, RowId, ForeignKey(f"{table}.id"))


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _code(name: str) -> Column[str]:
    return Column(name, Code, nullable=False)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False)


def _count(name: str) -> Column[int]:
    return Column(name, RowId, nullable=False)


def _direction() -> Column[StrEnum]:
    return Column("direction", Closed(Direction), nullable=False)


transmissions = Table(
    "transmissions",
    metadata,
    _key(),
    _direction(),
    _text("state"),
    Column("created_at", UtcTime, nullable=False),
    Column("partner", Text),
    _text("as2_from"),
    _text("as2_to"),
    _code("message_id"),
    _text("subject"),
    Column("filename", Code),
    Column("content_type", Text),
    Column("headers", PAIRS),
    Column("url", Text),
    Column("remote_address", Text),
    Column("wire", Text),
    Column("content", Text),
    _flag("signed"),
    _flag("encrypted"),
    _flag("compressed"),
    Column("digest", Text),
    Column("cipher", Text),
    Column("signer", Text),
    Column("mic", Text),
    Column("mic_algorithm", Text),
    Column("mics", PAIRS),
    _text("payload_head"),
    _count("attempts"),
    Column("next_attempt_at", UtcTime),
    Column("tried_since", UtcTime),
    Column("settled_at", UtcTime),
    _to("duplicate_of", "transmissions"),
    Column("faults", FAULTS),
)

receipts = Table(
    "receipts",
    metadata,
    _key(),
    _direction(),
    Column("created_at", UtcTime, nullable=False),
    _to("transmission_id", "transmissions"),
    Column("partner", Text),
    _code("message_id"),
    _code("original_message_id"),
    _text("disposition"),
    _text("verdict"),
    Column("reasons", TEXTS),
    Column("mic", Text),
    Column("mic_algorithm", Text),
    _flag("signed"),
    Column("signer", Text),
    Column("signer_serial", Text),
    Column("signer_fingerprint", Text),
    Column("signer_not_before", UtcTime),
    Column("signer_not_after", UtcTime),
    Column("dated", Text),
    _flag("asynchronous"),
    Column("url", Text),
    Column("http_status", Integer),
    Column("headers", PAIRS),
    Column("body", Text),
    _count("attempts"),
    Column("sent_at", UtcTime),
)

attempts = Table(
    "attempts",
    metadata,
    _key(),
    _count("number"),
    _text("url"),
    Column("started_at", UtcTime, nullable=False),
    _to("transmission_id", "transmissions"),
    _to("receipt_id", "receipts"),
    Column("ended_at", UtcTime),
    _text("outcome"),
    Column("http_status", Integer),
    _text("detail"),
)

interchanges = Table(
    "interchanges",
    metadata,
    _key(),
    _direction(),
    _code("control_number"),
    Column("created_at", UtcTime, nullable=False),
    _to("transmission_id", "transmissions"),
    Column("partner", Text),
    _text("sender_qualifier"),
    _text("sender_id"),
    _text("receiver_qualifier"),
    _text("receiver_id"),
    _text("version"),
    _text("usage"),
    Column("content", Text),
    _count("offset"),
    _count("length"),
    Column("faults", FAULTS),
)

groups = Table(
    "groups",
    metadata,
    _key(),
    _direction(),
    _text("functional_id"),
    _code("control_number"),
    Column("created_at", UtcTime, nullable=False),
    _to("interchange_id", "interchanges"),
    _to("transmission_id", "transmissions"),
    Column("partner", Text),
    _text("release"),
    _text("sender"),
    _text("receiver"),
    _count("set_count"),
    _text("verdict"),
    Column("acknowledged_by", RowId),
    Column("acknowledged_at", UtcTime),
    Column("faults", FAULTS),
)

sets = Table(
    "sets",
    metadata,
    _key(),
    _direction(),
    _text("state"),
    _text("set_id"),
    _code("control_number"),
    Column("created_at", UtcTime, nullable=False),
    _to("group_id", "groups"),
    _to("interchange_id", "interchanges"),
    _to("transmission_id", "transmissions"),
    _to("document_id", "documents"),
    _to("erp_file_id", "erp_files"),
    Column("partner", Text),
    Column("business_key", Code),
    Column("po_number", Code),
    _text("verdict"),
    Column("held_code", Text),
    _count("offset"),
    _count("length"),
    _count("segment_count"),
    Column("acknowledged_by", RowId),
    Column("faults", FAULTS),
)

documents = Table(
    "documents",
    metadata,
    _key(),
    _direction(),
    _text("kind"),
    Column("record", OBJECT),
    Column("created_at", UtcTime, nullable=False),
    Column("partner", Text),
    _text("map_name"),
    _text("map_digest"),
    Column("lineage", OBJECT),
    # What follows is made from the record (store/columns.py), to be searched, summed and joined.
    Column("number", Code),
    Column("po_number", Code),
    Column("issue_date", Date),
    Column("po_date", Date),
    Column("due_date", Date),
    Column("purpose", Text),
    Column("type", Text),
    Column("currency", Text),
    Column("total_amount", Exact),
    Column("credit_or_debit", Text),
    Column("line_count", Integer),
    Column("buyer_id", Code),
    Column("buyer_name", Text),
    Column("seller_id", Code),
    Column("seller_name", Text),
    Column("ship_to_id", Code),
    Column("ship_to_name", Text),
)

document_lines = Table(
    "document_lines",
    metadata,
    _key(),
    Column("document_id", RowId, ForeignKey("documents.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("line_id", Code),
    Column("po_number", Code),
    Column("quantity", Exact),
    Column("ordered_quantity", Exact),
    Column("unit_code", Text),
    Column("unit_price", Exact),
    Column("amount", Exact),
    Column("buyer_item_id", Code),
    Column("seller_item_id", Code),
    Column("gtin", Code),
    Column("description", Text),
    Column("status", Text),
    Column("reason_code", Text),
    Column("credit_or_debit", Text),
    Column("due_date", Date),
    Column("sscc", Code),
    UniqueConstraint("document_id", "position"),
)

erp_files = Table(
    "erp_files",
    metadata,
    _key(),
    _direction(),
    Column("state", Closed(FileState), nullable=False),
    _text("partner"),
    _code("name"),
    Column("created_at", UtcTime, nullable=False),
    Column("layout", Text),
    Column("content", Text),
    Column("path", Text),
    Column("result", OBJECT),
    Column("faults", FAULTS),
)

deadlines = Table(
    "deadlines",
    metadata,
    _key(),
    _text("subject"),
    _count("subject_id"),
    Column("kind", Closed(DeadlineKind), nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("state", Closed(DeadlineState), nullable=False),
    Column("partner", Text),
    _text("expects"),
    Column("settled_at", UtcTime),
)

events = Table(
    "events",
    metadata,
    _key(),
    Column("at", UtcTime, nullable=False),
    _text("kind"),
    _text("words"),
    _to("transmission_id", "transmissions"),
    _to("set_row_id", "sets"),
    _to("erp_file_id", "erp_files"),
    Column("partner", Text),
    _text("actor"),
)

payloads = Table(
    "payloads",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("size", RowId, nullable=False),
    Column("content", LargeBinary),
    Column("created_at", UtcTime, nullable=False),
)

control_numbers = Table(
    "control_numbers",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("last", RowId, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    _key(),
    _text("task"),
    _text("key"),
    Column("ids", OBJECT),
    _text("state"),
    Column("run_at", UtcTime, nullable=False),
    _count("attempts"),
    Column("first_at", UtcTime),
    Column("owner", Text),
    Column("lease_until", UtcTime),
    Column("fault", FAULTS),
)

ticks = Table(
    "ticks",
    metadata,
    Column("name", Text, primary_key=True),
    Column("at", UtcTime, nullable=False),
)


def only(condition: str) -> dict[str, Any]:
    """A partial index on both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


TRANSMISSION_ATTENTION = tuple(sorted(waits.waiting_for_a_person(waits.OUTBOUND) + waits.waiting_for_a_person(waits.INBOUND)))
SET_ATTENTION = tuple(sorted({*waits.waiting_for_a_person(waits.SET_OUT), *waits.waiting_for_a_person(waits.SET_IN)}))

INDEXES = (
    # Lists: newest first, with one filter at a time; SQLite and PostgreSQL walk an index backwards as well as forwards.
    Index("ix_transmissions_partner", transmissions.c.partner, transmissions.c.id),
    Index("ix_transmissions_traffic", transmissions.c.partner, transmissions.c.direction, transmissions.c.id),
    Index("ix_transmissions_state", transmissions.c.direction, transmissions.c.state, transmissions.c.id),
    Index("ix_transmissions_created", transmissions.c.created_at),
    Index("ix_transmissions_faulty", transmissions.c.id, **only("faults IS NOT NULL")),
    Index("ix_sets_set_id", sets.c.set_id, sets.c.transmission_id),
    Index("ix_sets_state", sets.c.direction, sets.c.state, sets.c.id),
    Index("ix_erp_files_partner", erp_files.c.partner, erp_files.c.id),
    Index("ix_erp_files_state", erp_files.c.direction, erp_files.c.state),
    # Search.
    Index("ix_transmissions_message_id", transmissions.c.message_id),
    Index("ix_transmissions_filename", transmissions.c.filename),
    Index("ix_interchanges_control", interchanges.c.control_number, interchanges.c.transmission_id),
    Index("ix_groups_control", groups.c.control_number, groups.c.transmission_id),
    Index("ix_sets_control", sets.c.control_number, sets.c.transmission_id),
    Index("ix_sets_business_key", sets.c.business_key, sets.c.transmission_id),
    Index("ix_sets_po_number", sets.c.po_number, sets.c.transmission_id),
    Index("ix_erp_files_name", erp_files.c.name, erp_files.c.id),
    Index("ix_receipts_message_id", receipts.c.message_id),
    Index("ix_receipts_original", receipts.c.original_message_id),
    Index("ix_documents_number", documents.c.kind, documents.c.number),
    Index("ix_documents_po_number", documents.c.po_number),
    Index("ix_document_lines_item", document_lines.c.seller_item_id),
    # One message whole.
    Index("ix_transmissions_duplicate_of", transmissions.c.duplicate_of),
    Index("ix_receipts_transmission", receipts.c.transmission_id),
    Index("ix_attempts_transmission", attempts.c.transmission_id),
    Index("ix_attempts_receipt", attempts.c.receipt_id),
    Index("ix_interchanges_transmission", interchanges.c.transmission_id),
    Index("ix_groups_transmission", groups.c.transmission_id),
    Index("ix_groups_interchange", groups.c.interchange_id),
    Index("ix_groups_acknowledged_by", groups.c.acknowledged_by),
    Index("ix_sets_transmission", sets.c.transmission_id),
    Index("ix_sets_group", sets.c.group_id),
    Index("ix_sets_interchange", sets.c.interchange_id),
    Index("ix_sets_document", sets.c.document_id),
    Index("ix_sets_erp_file", sets.c.erp_file_id),
    Index("ix_sets_acknowledged_by", sets.c.acknowledged_by),
    Index("ix_events_transmission", events.c.transmission_id),
    Index("ix_events_set", events.c.set_row_id),
    Index("ix_events_erp_file", events.c.erp_file_id),
    # Windows and work.
    Index("ix_deadlines_state", deadlines.c.state, deadlines.c.due_at),
    Index("ix_deadlines_subject", deadlines.c.subject, deadlines.c.subject_id),
    Index("ix_jobs_due", jobs.c.run_at, jobs.c.id, **only("state = 'waiting'")),
    Index("ix_jobs_running", jobs.c.lease_until, **only("state = 'running'")),
    Index("ix_jobs_parked", jobs.c.id, **only("state = 'parked'")),
    Index("ix_jobs_key", jobs.c.key),
    # One live job a key: what runs does not count, so that a hint given meanwhile is not lost.
    Index("uq_jobs_waiting", jobs.c.key, unique=True, **only("state = 'waiting'")),
    Index("uq_jobs_running", jobs.c.key, unique=True, **only("state = 'running'")),
)
