"""The configuration as the console shows it: its revisions, what each changed, and whether the home's files are those in force."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby

from edi_gateway.faults import Faulty
from edi_gateway.fileset import FileSet
from edi_gateway.partners.homefiles import home_files
from edi_gateway.ports.rows import Revision
from edi_gateway.ports.store import Store
from edi_gateway.ports.web import ChangedFile, Drift, RevisionDetail
from edi_gateway.services.changes import changes
from edi_gateway.services.plan import terms_at
from edi_gateway.services.revisions import history, newest
from edi_gateway.services.terms import Terms, terms_of

_NEW, _GONE, _OTHER = "is new", "is gone", "is changed"


@dataclass(frozen=True, slots=True)
class Configuration:
    """Fulfils `ports.web.Configuration`. `terms` gives those that this process works by."""

    store: Store
    terms: Callable[[], Terms]

    def history(self) -> tuple[Revision, ...]:
        return tuple(history(self.store))

    def in_use(self) -> int | None:
        return self.terms().revision

    def revision(self, number: int) -> RevisionDetail:
        with self.store.read() as uow:
            found = uow.revisions.get(number)
            sizes = {digest: len(content) for digest, content in uow.revisions.contents(set(found.manifest.values())).items()}
        try:
            return RevisionDetail(revision=found, sizes=sizes, changes=self._changes(number))
        except Faulty as faulty:  # our own keys cannot be read on this machine: what the files say is not known then
            return RevisionDetail(revision=found, sizes=sizes, faults=faulty.faults)

    def drift(self) -> Drift | None:
        return drift(self.store, self.terms())

    def _changes(self, number: int) -> tuple[ChangedFile, ...]:
        """What a revision changed by meaning. Errors: Faulty where our own keys are unusable."""
        like = self.terms()
        new = terms_at(self.store, like, number)
        before = terms_at(self.store, like, number - 1) if number > 1 else _nothing(like)
        found = groupby(changes(before, new), key=lambda one: one.path)
        return tuple(ChangedFile(path=path, words=tuple(one.words() for one in some)) for path, some in found)


def drift(store: Store, terms: Terms) -> Drift | None:
    """The files of the home that are not as the newest revision has them.

    Shape:  None where there is no revision yet, where nothing differs, and where the home has no files: that of a host that leaves
            them to others.
    """
    in_force = newest(store)
    if in_force is None or in_force.id is None:
        return None
    found = home_files(terms.settings.home).files
    if not found.files or found.digest == in_force.digest:
        return None
    return Drift(revision=in_force.id, files=tuple(_differing(dict(in_force.manifest), found.manifest)))


def _differing(before: dict[str, str], after: dict[str, str]) -> Iterator[ChangedFile]:
    for path in sorted(before.keys() | after.keys()):
        if before.get(path) != after.get(path):
            words = _NEW if path not in before else _GONE if path not in after else _OTHER
            yield ChangedFile(path=path, words=(words,))


def _nothing(like: Terms) -> Terms:
    return terms_of(like.settings, FileSet(files={}, root=like.settings.home))
