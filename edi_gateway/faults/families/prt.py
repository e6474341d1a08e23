"""PRT-: partner files, agreements and certificates."""

from edi_gateway.faults.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
