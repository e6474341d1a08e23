"""The store: rows, payloads, control numbers and work in one database, on SQLite or PostgreSQL."""

from edi_gateway.store.shared_jobs import SharedJobs
from edi_gateway.store.sql_store import SqlStore, open_store

__all__ = ["SharedJobs", "SqlStore", "open_store"]
