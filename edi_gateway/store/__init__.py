"""The store: rows, payloads, control numbers and work in one database, on SQLite or PostgreSQL."""

from edi_gateway.store.sql_store import SqlStore, open_store

__all__ = ["SqlStore", "open_store"]
