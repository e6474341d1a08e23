"""CFG-: settings, folders, ports and passwords of the gateway itself."""

from edi_gateway.faults.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
