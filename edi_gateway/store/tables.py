"""The tables. Columns of a row's table bear the names of the row's fields; a test holds them and the migrations together."""

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
)

from edi_gateway.lifecycle.incidents import IncidentState, Kind, Weight
from edi_gateway.lifecycle.notices import NoticeState
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, Direction, FileState
from edi_gateway.ports.rows import Origin
from edi_gateway.store.types import FAULTS, OBJECT, PAIRS, TEXTS, Closed, Code, Day, Exact, UtcTime, Words

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
    return Column(name, Words, nullable=False)


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
    Column("partner", Words),
    _text("as2_from"),
    _text("as2_to"),
    _code("message_id"),
    _text("subject"),
    Column("filename", Code),
    Column("content_type", Words),
    Column("headers", PAIRS),
    Column("url", Words),
    Column("remote_address", Words),
    Column("wire", Words),
    Column("content", Words),
    _flag("signed"),
    _flag("encrypted"),
    _flag("compressed"),
    Column("digest", Words),
    Column("cipher", Words),
    Column("signer", Words),
    Column("mic", Words),
    Column("mic_algorithm", Words),
    Column("mics", PAIRS),
    _text("payload_head"),
    _count("attempts"),
    Column("next_attempt_at", UtcTime),
    Column("tried_since", UtcTime),
    Column("settled_at", UtcTime),
    _to("duplicate_of", "transmissions"),
    Column("revision", RowId),
    Column("faults", FAULTS),
    Column("history", Words),
    Column("parts_kept", Integer),
)

receipts = Table(
    "receipts",
    metadata,
    _key(),
    _direction(),
    Column("created_at", UtcTime, nullable=False),
    _to("transmission_id", "transmissions"),
    Column("partner", Words),
    _code("message_id"),
    _code("original_message_id"),
    _text("disposition"),
    _text("verdict"),
    Column("reasons", TEXTS),
    Column("mic", Words),
    Column("mic_algorithm", Words),
    _flag("signed"),
    Column("signer", Words),
    Column("signer_serial", Words),
    Column("signer_fingerprint", Words),
    Column("signer_not_before", UtcTime),
    Column("signer_not_after", UtcTime),
    Column("dated", Words),
    _flag("asynchronous"),
    Column("url", Words),
    Column("http_status", Integer),
    Column("headers", PAIRS),
    Column("body", Words),
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
    Column("partner", Words),
    _text("sender_qualifier"),
    _text("sender_id"),
    _text("receiver_qualifier"),
    _text("receiver_id"),
    _text("version"),
    _text("usage"),
    Column("content", Words),
    _count("offset"),
    _count("length"),
    Column("faults", FAULTS),
    _flag("expects_ta1"),
    _text("ta1"),
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
    Column("partner", Words),
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
    Column("partner", Words),
    Column("business_key", Code),
    Column("po_number", Code),
    _text("verdict"),
    Column("held_code", Words),
    _count("offset"),
    _count("length"),
    _count("segment_count"),
    Column("acknowledged_by", RowId),
    Column("revision", RowId),
    Column("faults", FAULTS),
    Column("released_by", Words),
    Column("history", Words),
)

documents = Table(
    "documents",
    metadata,
    _key(),
    _direction(),
    _text("kind"),
    Column("record", OBJECT),
    Column("created_at", UtcTime, nullable=False),
    Column("partner", Words),
    _text("map_name"),
    _text("map_digest"),
    Column("lineage", OBJECT),
    Column("revision", RowId),
    # What follows is made from the record (store/columns.py), to be searched, summed and joined.
    Column("number", Code),
    Column("po_number", Code),
    Column("issue_date", Day),
    Column("po_date", Day),
    Column("due_date", Day),
    Column("purpose", Words),
    Column("type", Words),
    Column("currency", Words),
    Column("total_amount", Exact),
    Column("credit_or_debit", Words),
    Column("reference", Code),
    Column("line_count", Integer),
    Column("buyer_id", Code),
    Column("buyer_name", Words),
    Column("seller_id", Code),
    Column("seller_name", Words),
    Column("ship_to_id", Code),
    Column("ship_to_name", Words),
)

document_lines = Table(
    "document_lines",
    metadata,
    # Made from the record of its document, by the tens: to ask for that document once a line, and to number the lines, took longer than
    # to write them.
    Column("document_id", RowId, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("line_id", Code),
    Column("po_number", Code),
    Column("quantity", Exact),
    Column("ordered_quantity", Exact),
    Column("unit_code", Words),
    Column("unit_price", Exact),
    Column("amount", Exact),
    Column("buyer_item_id", Code),
    Column("seller_item_id", Code),
    Column("gtin", Code),
    Column("description", Words),
    Column("status", Words),
    Column("reason_code", Words),
    Column("credit_or_debit", Words),
    Column("due_date", Day),
    Column("sscc", Code),
    Column("reference", Code),
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
    Column("layout", Words),
    Column("content", Words),
    Column("path", Words),
    Column("semaphore", Words),
    Column("request_key", Code),
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
    Column("partner", Words),
    _text("expects"),
    Column("settled_at", UtcTime),
    Column("warn_at", UtcTime),
    Column("warned_at", UtcTime),
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
    Column("partner", Words),
    _text("actor"),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    _key(),
    _text("name"),
    _code("digest"),
    Column("created_at", UtcTime, nullable=False),
    Column("partners", TEXTS),
    Column("revoked_at", UtcTime),
    UniqueConstraint("digest"),
)

incidents = Table(
    "incidents",
    metadata,
    _key(),
    _text("key"),
    Column("kind", Closed(Kind), nullable=False),
    Column("weight", Closed(Weight), nullable=False),
    Column("since", UtcTime, nullable=False),
    _text("words"),
    _text("fix"),
    Column("opened_at", UtcTime, nullable=False),
    Column("partner", Words),
    _text("subject"),
    Column("subject_id", RowId),
    _count("level"),
    Column("state", Closed(IncidentState), nullable=False),
    _count("reminders"),
    Column("next_reminder_at", UtcTime),
    Column("muted_until", UtcTime),
    _text("muted_because"),
    Column("ended_at", UtcTime),
)

notices = Table(
    "notices",
    metadata,
    _key(),
    _text("route"),
    Column("weight", Closed(Weight), nullable=False),
    _text("title"),
    _text("words"),
    Column("created_at", UtcTime, nullable=False),
    Column("state", Closed(NoticeState), nullable=False),
    _to("incident_id", "incidents"),
    _to("gathered_into", "notices"),
    Column("due_at", UtcTime),
    _count("attempts"),
    Column("next_attempt_at", UtcTime),
    Column("sent_at", UtcTime),
    _text("detail"),
)

pauses = Table(
    "pauses",
    metadata,
    _key(),
    _text("partner"),
    _direction(),
    _text("reason"),
    _text("actor"),
    Column("since", UtcTime, nullable=False),
    UniqueConstraint("partner", "direction"),
)

endpoints = Table(
    "endpoints",
    metadata,
    _key(),
    _code("address"),
    _count("failures"),
    Column("open_until", UtcTime),
    Column("opened_at", UtcTime),
    UniqueConstraint("address"),
)

deletions = Table(
    "deletions",
    metadata,
    Column("transmission_id", RowId, ForeignKey("transmissions.id"), primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("digests", TEXTS),
)

legal_holds = Table(
    "legal_holds",
    metadata,
    _key(),
    Column("created_at", UtcTime, nullable=False),
    _text("reason"),
    Column("partner", Words),
    Column("transmission_id", RowId),
    Column("po_number", Words),
    Column("lifted_at", UtcTime),
    _text("lifted_because"),
)

payloads = Table(
    "payloads",
    metadata,
    Column("digest", Words, primary_key=True),
    Column("size", RowId, nullable=False),
    Column("content", LargeBinary),
    Column("created_at", UtcTime, nullable=False),
)

payload_parts = Table(
    "payload_parts",
    metadata,
    Column("digest", Words, ForeignKey("payloads.digest", ondelete="CASCADE"), primary_key=True),
    Column("number", RowId, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)

config_files = Table(
    "config_files",
    metadata,
    Column("digest", Words, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

config_revisions = Table(
    "config_revisions",
    metadata,
    _key(),
    Column("created_at", UtcTime, nullable=False),
    _text("digest"),
    Column("manifest", OBJECT),
    Column("origin", Closed(Origin), nullable=False),
    _text("actor"),
    _text("note"),
    Column("source", RowId),
)

control_numbers = Table(
    "control_numbers",
    metadata,
    Column("scope", Words, primary_key=True),
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
    Column("owner", Words),
    Column("lease_until", UtcTime),
    Column("fault", FAULTS),
    Column("ordering", Words),
)

ticks = Table(
    "ticks",
    metadata,
    Column("name", Words, primary_key=True),
    Column("at", UtcTime, nullable=False),
)
