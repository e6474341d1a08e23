"""The register's entries, a module a family: X12-, AS2-, MAP-, PRT-, ERP-, CFG-, STO-."""

from collections.abc import Iterator

from edi_gateway.faults.entry import Entry
from edi_gateway.faults.families import alerts, api, as2, cfg, commands, erp, flow, map_runs, maps, prt, revisions, sto, x12


def all_entries() -> Iterator[Entry]:
    for family in (x12, as2, maps, map_runs, prt, erp, api, cfg, commands, revisions, alerts, sto, flow):
        yield from family.ENTRIES
