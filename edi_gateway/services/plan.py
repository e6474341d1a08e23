"""What would become of the configuration in force if another were applied: a dry run."""

from dataclasses import dataclass, replace
from datetime import datetime

from edi_gateway.faults import Fault, Place, Severity
from edi_gateway.fileset import FileSet
from edi_gateway.ports.store import Store
from edi_gateway.services.changes import Change, changes
from edi_gateway.services.revisions import files_of, known
from edi_gateway.services.terms import Terms, terms_of
from edi_gateway.services.vetting import notes, vet


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A dry run.

    Shape:  `revision` is the one in force, None where there is none; `findings` are all there are, those that keep the configuration from
            being applied among them; `notes` is what a careful colleague would say of what is new.
    """

    revision: int | None
    changes: tuple[Change, ...]
    findings: tuple[Fault, ...] = ()
    notes: tuple[Fault, ...] = ()

    @property
    def is_refused(self) -> bool:
        return any(fault.severity is Severity.ERROR for fault in self.findings)


def plan(in_force: Terms, wanted: Terms, now: datetime) -> Plan:
    """What `wanted` would change. A revision that is in force is compared with; where there is none, everything is new."""
    old = in_force if in_force.revision is not None else terms_of(in_force.settings, FileSet(files={}, root=in_force.settings.home))
    said = {_bare(fault) for fault in _remarks(old, now)}
    return Plan(
        revision=in_force.revision,
        changes=changes(old, wanted),
        findings=vet(wanted),
        notes=tuple(fault for fault in _remarks(wanted, now) if _bare(fault) not in said),
    )


def terms_at(store: Store, like: Terms, number: int) -> Terms:
    """What a kept revision says. Errors: Faulty (CFG-SET-UNKNOWN) where there is none of the number."""
    with store.read() as uow:
        files = files_of(uow, known(uow, number), like.settings)
    return terms_of(like.settings, files, revision=number, like=like)


def _remarks(terms: Terms, now: datetime) -> tuple[Fault, ...]:
    """What may be said of own maps and of partners' certificates without refusing them."""
    theirs = replace(terms.keys, ours=replace(terms.keys.ours, keys=(), files=(), certificate_files=(), faults=()))
    broken = {fault for held in terms.keys.theirs.values() for fault in held.faults}
    return (*notes(terms), *(fault for fault in theirs.faults(now) if fault not in broken))


def _bare(fault: Fault) -> Fault:
    """A fault without its line: what moved within a file is no news."""
    return replace(fault, place=Place(file=fault.place.file))
