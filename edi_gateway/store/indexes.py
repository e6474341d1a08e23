"""The indexes: one for each way that people, the worker and the clock look for rows; a test holds them and the migrations together."""

from typing import Any

from sqlalchemy import Column, Index, text

from edi_gateway.store.tables import (
    attempts,
    deadlines,
    document_lines,
    documents,
    erp_files,
    events,
    groups,
    incidents,
    interchanges,
    jobs,
    notices,
    receipts,
    sets,
    transmissions,
)


def _only(condition: str) -> dict[str, Any]:
    """A partial index on both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def _named(name: str, *columns: Column[Any]) -> Index:
    """An index of those rows alone that have a value in its first column: a row without one costs nothing when it is added."""
    return Index(name, *columns, **_only(f"{columns[0].name} IS NOT NULL"))


INDEXES = (
    # Lists: newest first, with one filter at a time; SQLite and PostgreSQL walk an index backwards as well as forwards.
    # One direction of a partner is about every other entry: it is looked at here, and is not worth an index of its own.
    Index("ix_transmissions_partner", transmissions.c.partner, transmissions.c.id, transmissions.c.direction),
    Index("ix_transmissions_state", transmissions.c.direction, transmissions.c.state, transmissions.c.id),
    Index("ix_transmissions_created", transmissions.c.created_at),
    Index("ix_transmissions_faulty", transmissions.c.id, **_only("faults IS NOT NULL")),
    # Of the long messages those that are being translated: seldom one.
    Index("ix_transmissions_parts_kept", transmissions.c.id, **_only("parts_kept IS NOT NULL")),
    Index("ix_sets_set_id", sets.c.set_id, sets.c.transmission_id),
    Index("ix_sets_state", sets.c.direction, sets.c.state, sets.c.id),
    Index("ix_erp_files_partner", erp_files.c.partner, erp_files.c.id),
    Index("ix_erp_files_state", erp_files.c.direction, erp_files.c.state),
    # One file a key that a request of the API bears.
    Index("ix_erp_files_request", erp_files.c.partner, erp_files.c.request_key, unique=True, **_only("request_key IS NOT NULL")),
    # Search.
    Index("ix_transmissions_message_id", transmissions.c.message_id),
    _named("ix_transmissions_filename", transmissions.c.filename, transmissions.c.id),
    Index("ix_interchanges_control", interchanges.c.control_number, interchanges.c.transmission_id),
    Index("ix_groups_control", groups.c.control_number, groups.c.transmission_id),
    Index("ix_sets_control", sets.c.control_number, sets.c.transmission_id),
    _named("ix_sets_business_key", sets.c.business_key, sets.c.transmission_id),
    _named("ix_sets_po_number", sets.c.po_number, sets.c.transmission_id),
    Index("ix_erp_files_name", erp_files.c.name, erp_files.c.id),
    _named("ix_document_lines_po_number", document_lines.c.po_number),
    _named("ix_document_lines_reference", document_lines.c.reference),
    _named("ix_documents_reference", documents.c.reference),
    Index("ix_attempts_started", attempts.c.started_at),
    # One message whole.
    _named("ix_transmissions_duplicate_of", transmissions.c.duplicate_of),
    Index("ix_receipts_transmission", receipts.c.transmission_id),
    _named("ix_attempts_transmission", attempts.c.transmission_id),
    _named("ix_attempts_receipt", attempts.c.receipt_id),
    Index("ix_interchanges_transmission", interchanges.c.transmission_id),
    Index("ix_groups_transmission", groups.c.transmission_id),
    _named("ix_groups_acknowledged_by", groups.c.acknowledged_by),
    Index("ix_sets_transmission", sets.c.transmission_id),
    Index("ix_sets_group", sets.c.group_id),
    _named("ix_sets_document", sets.c.document_id),
    _named("ix_sets_erp_file", sets.c.erp_file_id),
    _named("ix_sets_acknowledged_by", sets.c.acknowledged_by),
    _named("ix_events_transmission", events.c.transmission_id),
    _named("ix_events_set", events.c.set_row_id),
    _named("ix_events_erp_file", events.c.erp_file_id),
    # Windows and work.
    Index("ix_deadlines_state", deadlines.c.state, deadlines.c.due_at),
    Index("ix_deadlines_warning", deadlines.c.state, deadlines.c.warn_at, **_only("warned_at IS NULL")),
    Index("ix_deadlines_subject", deadlines.c.subject, deadlines.c.subject_id),
    Index("ix_jobs_due", jobs.c.run_at, jobs.c.id, **_only("state = 'waiting'")),
    Index("ix_jobs_running", jobs.c.lease_until, **_only("state = 'running'")),
    Index("ix_jobs_parked", jobs.c.id, **_only("state = 'parked'")),
    Index("ix_jobs_key", jobs.c.key),
    Index("ix_jobs_ordering", jobs.c.ordering, jobs.c.id, **_only("ordering IS NOT NULL")),
    # Alerts.
    Index("ix_sets_arrivals", sets.c.partner, sets.c.set_id, sets.c.direction, sets.c.created_at),
    Index("ix_incidents_state", incidents.c.state, incidents.c.id),
    # One open incident a key.
    Index("uq_incidents_open", incidents.c.key, unique=True, **_only("state = 'open'")),
    Index("ix_notices_state", notices.c.state, notices.c.id),
    Index("ix_notices_route", notices.c.route, notices.c.due_at),
    # One live job a key: what runs does not count, so that a hint given meanwhile is not lost.
    Index("uq_jobs_waiting", jobs.c.key, unique=True, **_only("state = 'waiting'")),
    Index("uq_jobs_running", jobs.c.key, unique=True, **_only("state = 'running'")),
)
