"""AS2-: transport, security and receipts."""

from edi_gateway.faults.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
