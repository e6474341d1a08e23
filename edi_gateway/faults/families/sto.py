"""STO-: the store, its work and its windows."""

from edi_gateway.faults.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
