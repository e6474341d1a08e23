"""ERP-: flat files and the folder contract."""

from edi_gateway.faults.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
