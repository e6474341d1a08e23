"""What a changed map would make of what went through it before: nothing is sent, kept or changed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import TypeAlias, TypeVar

from edi_gateway import flatfile, x12
from edi_gateway.lifecycle.states import Direction
from edi_gateway.mapping import Map, record_changes, tree_changes
from edi_gateway.partners.agreement import Agreement
from edi_gateway.ports.rows import ErpFile, TransactionSet
from edi_gateway.ports.views import Archive
from edi_gateway.records import Record, from_json, record_type
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.shelf import Aliases
from edi_gateway.tree import Loop

Row = TypeVar("Row", TransactionSet, ErpFile)
PAGE = 200
_TOLERANT = x12.Rules(mode=x12.Mode.TOLERANT)
"""What was accepted when it came is read again, whatever terms were agreed on then."""


Version: TypeAlias = Callable[[Aliases], Map]
"""A map as it is compiled with the tables of an agreement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A map in use, by its name, what is to take its place, and which archived documents both are tried on."""

    name: str
    live: Version
    candidate: Version
    since: datetime
    partner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """One archived document: its agreement's and its own name for people, and the kinds of its changes, none where there are none."""

    agreement: str
    name: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trial:
    """Both maps, with the tables of one agreement of a partner."""

    partner: str
    agreement: Agreement
    live: Map
    candidate: Map
    since: datetime

    def tried(self, name: str, kinds: tuple[str, ...]) -> Rehearsed:
        return Rehearsed(agreement=agreement_words(self.partner, self.agreement), name=name, kinds=kinds)

    def of_tree(self, name: str, tree: Loop, day: date) -> Rehearsed:
        """What both read. Shape: `day` is the one on which the document came, for a document that says none."""
        return self.tried(name, record_changes(self.live.read(tree, day).record, self.candidate.read(tree, day).record))

    def of_record(self, name: str, record: Record, day: date) -> Rehearsed:
        """What both write."""
        return self.tried(name, tree_changes(self.live.write(record, day).tree, self.candidate.write(record, day).tree))


def agreement_words(partner: str, agreement: Agreement) -> str:
    """An agreement as people call it: "acme, 850 in, tables items: acme/items"."""
    tables = ", ".join(f"{via}: {name}" for via, name in agreement.tables)
    return f"{partner}, {agreement.set_id} {agreement.direction.value}" + (f", tables {tables}" if tables else "")


def rehearse(gateway: Gateway, archive: Archive, change: Change) -> Iterator[Rehearsed]:
    """Every archived document of the agreements that name the live map, and what the candidate changes of it.

    Shape:  a map of X12 reads the sets that came and writes the records that went; one of the ERP's files reads the files that the
            ERP dropped and writes the records that came. Both take the tables that the agreement names, as they hold on the document's day.
    Errors: Faulty where a map does not compile with an agreement's tables.
    """
    for partner in gateway.book.partners:
        for agreement in partner.agreements:
            if change.partner not in (None, partner.key) or change.name not in (agreement.map, agreement.erp_map):
                continue
            trial = _Trial(
                partner=partner.key,
                agreement=agreement,
                live=change.live(agreement.tables),
                candidate=change.candidate(agreement.tables),
                since=change.since,
            )
            comes = agreement.direction is Direction.IN
            if change.name == agreement.erp_map:
                yield from _written(gateway, archive, trial) if comes else _files(gateway, archive, trial)
            else:
                yield from _sets(gateway, archive, trial) if comes else _written(gateway, archive, trial)


def _sets(gateway: Gateway, archive: Archive, trial: _Trial) -> Iterator[Rehearsed]:
    """The sets that came, read by both maps. A message is read once for all sets of a page that it holds."""
    for page in _pages(partial(archive.sets_since, trial.since, trial.agreement.set_id, Direction.IN, trial.partner)):
        by_message: dict[int, dict[int, TransactionSet]] = {}
        for row in page:
            by_message.setdefault(row.transmission_id or 0, {})[row.offset] = row
        for message, wanted in by_message.items():
            with gateway.store.read() as uow:
                digest = uow.transmissions.get(message).content
                content = uow.payloads.get(digest) if digest else b""
            for found in x12.stream([content], gateway.library, rules=_TOLERANT):
                if isinstance(found, x12.TransactionSet) and found.offset in wanted:
                    row = wanted[found.offset]
                    yield trial.of_tree(_name(row), found.tree(), row.created_at.date())


def _written(gateway: Gateway, archive: Archive, trial: _Trial) -> Iterator[Rehearsed]:
    """The records of sets that came or went, written by both maps."""
    agreement = trial.agreement
    for page in _pages(partial(archive.sets_since, trial.since, agreement.set_id, agreement.direction, trial.partner)):
        for row in page:
            if row.document_id is None:
                continue
            with gateway.store.read() as uow:
                document = uow.documents.get(row.document_id)
            record = from_json(record_type(document.kind), document.record)
            yield trial.of_record(_name(row), record, row.created_at.date())


def _files(gateway: Gateway, archive: Archive, trial: _Trial) -> Iterator[Rehearsed]:
    """The documents of files that the ERP dropped, read by both maps."""
    layout = gateway.shelf.layout(trial.agreement.layout)
    for page in _pages(partial(archive.erp_files_since, trial.since, trial.agreement.layout, trial.partner)):
        for row in page:
            with gateway.store.read() as uow:
                content = uow.payloads.get(row.content) if row.content else b""
            for one in flatfile.read(content, layout, file=row.name).documents:
                if one.tree is not None:
                    yield trial.of_tree(f"{row.name}:{one.first_line}", one.tree, row.created_at.date())


def _pages(ask: Callable[[int, int], tuple[Row, ...]]) -> Iterator[tuple[Row, ...]]:
    """Pages in the order in which rows were kept; `ask` takes the id to go on after and how many rows are wanted."""
    after = 0
    while page := ask(after, PAGE):
        yield page
        after = page[-1].id or 0


def _name(row: TransactionSet) -> str:
    return f"message {row.transmission_id}, {row.set_id} {row.business_key or row.control_number}"
