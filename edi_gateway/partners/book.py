"""All partner files of a home: the partners that are good, the faults of the others, and the ways to find a partner."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from edi_gateway.faults import Fault, Place
from edi_gateway.fileset import FileSet
from edi_gateway.partners.agreement import Identity, Partner
from edi_gateway.partners.load import ENDING, load_partner
from edi_gateway.partners.load_documents import Known

FOLDER = "partners"
"""Where a configuration's partner files stand."""


@dataclass(frozen=True, kw_only=True)
class Book:
    """The partners we trade with, and what is wrong with the files of those we cannot."""

    identity: Identity
    partners: tuple[Partner, ...] = ()
    faults: tuple[Fault, ...] = ()

    def partner(self, key: str) -> Partner | None:
        """The partner of a file name without its ending."""
        return self._by_key.get(key)

    def by_as2(self, as2_from: str, as2_to: str) -> Partner | None:
        """Who sends, by AS2-From, where AS2-To is us; None for anyone else. Names are compared exactly.

        Source: RFC 4130 section 6.2, AS2 System Identifiers are case-sensitive.
        """
        return self._by_as2.get(as2_from) if as2_to == self.identity.as2_id else None

    @cached_property
    def _by_key(self) -> dict[str, Partner]:
        return {one.key: one for one in self.partners}

    @cached_property
    def _by_as2(self) -> dict[str, Partner]:
        return {one.as2.id: one for one in self.partners}


def load_book(files: FileSet, *, home: Path, known: Known, identity: Identity) -> Book:
    """The partners of a configuration, in the order of their files. A file with faults is left out and harms no other."""
    faults: list[Fault] = []
    good: dict[str, Partner] = {}
    as2_names: dict[str, Partner] = {}
    isa_names: dict[tuple[str, str], Partner] = {}
    for file in files.entry(FOLDER).iterdir():
        place = Place(file=str(file))
        if not file.name.endswith(ENDING):
            faults.append(Fault.of("PRT-FILE-ENDING", place))
            continue
        partner, found = load_partner(file, base=home, known=known, identity=identity, own=files)
        faults += found
        if partner is None:
            continue
        isa = (partner.x12.identity.qualifier, partner.x12.identity.id)
        first = as2_names.get(partner.as2.id)
        second = isa_names.get(isa)
        if first is not None:
            faults.append(Fault.of("PRT-AS2-NAME-TAKEN", place, partner.as2.id, other=first.source))
        if second is not None:
            faults.append(Fault.of("PRT-ISA-ID-TAKEN", place, partner.x12.identity.id, qualifier=isa[0], other=second.source))
        if first is None and second is None:
            good[partner.key] = as2_names[partner.as2.id] = isa_names[isa] = partner
    return Book(identity=identity, partners=tuple(good.values()), faults=tuple(faults))
