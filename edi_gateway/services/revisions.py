"""Revisions of the configuration: immutable, numbered from one, whole. The newest is in force."""

from dataclasses import dataclass

from edi_gateway.config import Settings
from edi_gateway.faults import Fault, Faulty, Severity
from edi_gateway.fileset import FileSet
from edi_gateway.ports.channels import Clock
from edi_gateway.ports.rows import Origin, Revision
from edi_gateway.ports.store import Store, UnitOfWork
from edi_gateway.services.terms import Terms, terms_of
from edi_gateway.services.vetting import vet

_QUEUE = "configuration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What came of applying a configuration.

    Shape:  `revision` is the one in force after it, None where there is none; `is_new` whether it was made by this. Where a finding
            weighs as an error nothing was changed.
    """

    revision: Revision | None
    is_new: bool = False
    findings: tuple[Fault, ...] = ()

    @property
    def is_refused(self) -> bool:
        return is_bad(self.findings)


def is_bad(findings: tuple[Fault, ...]) -> bool:
    """Whether a set with these findings is refused."""
    return any(fault.severity is Severity.ERROR for fault in findings)


def apply(store: Store, clock: Clock, terms: Terms, *, origin: Origin, actor: str, note: str, expected: int | None = None) -> Applied:
    """Makes a configuration the newest revision, whole or not at all; none is made where the newest is equal.

    Errors: Faulty (CFG-SET-MOVED) where another revision than the expected one is in force.
    """
    findings = vet(terms)
    if is_bad(findings):
        return Applied(revision=newest(store), findings=findings)
    revision = Revision(
        created_at=clock.now(), digest=terms.files.digest, manifest=terms.files.manifest, origin=origin, actor=actor, note=note
    )
    with store.begin() as uow:
        kept, is_new = _add(uow, revision, terms.files, expected)
    return Applied(revision=kept, is_new=is_new, findings=findings)


def roll_back(store: Store, clock: Clock, settings: Settings, number: int, *, actor: str, note: str) -> Applied:
    """Makes a new revision that is equal to an old one. Errors: Faulty (CFG-SET-UNKNOWN) where there is none of the number."""
    with store.read() as uow:
        old = known(uow, number)
        files = files_of(uow, old, settings)
    findings = vet(terms_of(settings, files, revision=number))
    if is_bad(findings):
        return Applied(revision=newest(store), findings=findings)
    revision = Revision(
        created_at=clock.now(), digest=old.digest, manifest=old.manifest, origin=Origin.ROLLBACK, actor=actor, note=note, source=number
    )
    with store.begin() as uow:
        kept, is_new = _add(uow, revision, files, None)
    return Applied(revision=kept, is_new=is_new, findings=findings)


def apply_at_start(store: Store, clock: Clock, terms: Terms, *, shared: bool) -> Applied:
    """Applies the files of a home when its gateway starts, where they have changed since they were applied last.

    Shape:  where hosts share the database (`shared`), files are applied only if there is no revision yet: a host whose files are of
            yesterday must not bring yesterday back. A bad set leaves the newest revision in force.
    """
    with store.read() as uow:
        revisions = uow.revisions.all()
    in_force = revisions[0] if revisions else None
    last = next((one for one in revisions if one.origin is Origin.HOME), None)
    if in_force is not None and (shared or (last is not None and last.digest == terms.files.digest)):
        differs = in_force.digest != terms.files.digest
        return Applied(revision=in_force, findings=(Fault.of("CFG-SET-DIFFERS", value=str(in_force.id)),) if differs else ())
    return apply(store, clock, terms, origin=Origin.HOME, actor="gateway", note="applied at start")


def newest(store: Store) -> Revision | None:
    """The revision in force; None where there is none yet."""
    with store.read() as uow:
        number = uow.revisions.newest_number()
        return None if number is None else uow.revisions.get(number)


def history(store: Store) -> list[Revision]:
    """Every revision, the newest first."""
    with store.read() as uow:
        return uow.revisions.all()


def known(uow: UnitOfWork, number: int) -> Revision:
    """The revision of a number. Errors: Faulty (CFG-SET-UNKNOWN) where there is none."""
    try:
        return uow.revisions.get(number)
    except KeyError:
        newest_number = uow.revisions.newest_number()
        there = "there is none yet" if newest_number is None else f"there are 1 to {newest_number}"
        raise Faulty([Fault.of("CFG-SET-UNKNOWN", value=str(number), there=there)]) from None


def files_of(uow: UnitOfWork, revision: Revision, settings: Settings) -> FileSet:
    """The files of a revision, named as they would stand in the home."""
    content = uow.revisions.contents(set(revision.manifest.values()))
    files = {path: content[digest] for path, digest in revision.manifest.items()}
    return FileSet(files=files, root=settings.home)


def _add(uow: UnitOfWork, revision: Revision, files: FileSet, expected: int | None) -> tuple[Revision, bool]:
    """The revision kept as the newest, or the newest where that is equal already. Whoever else adds one waits until this is done."""
    uow.queue_up(_QUEUE)
    number = uow.revisions.newest_number()
    if expected is not None and expected != (number or 0):
        raise Faulty([Fault.of("CFG-SET-MOVED", value=str(expected), found=number or 0)])
    if number is not None and (before := uow.revisions.get(number)).digest == revision.digest:
        return before, False
    return uow.revisions.add(revision, files.files), True
