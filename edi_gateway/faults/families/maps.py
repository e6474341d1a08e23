"""MAP-: maps, and values that a map cannot carry."""

from edi_gateway.faults.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
