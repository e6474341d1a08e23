"""X12-: what a partner's interchange got wrong."""

from edi_gateway.faults.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
