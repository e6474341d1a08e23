"""What a changed map would make of what went through it before: nothing is sent, kept or changed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from edi_gateway import flatfile, x12
from edi_gateway.lifecycle.states import Direction
from edi_gateway.mapping import Map, record_changes, tree_changes
from edi_gateway.partners.agreement import Agreement
from edi_gateway.ports.rows import ErpFile, TransactionSet
from edi_gateway.ports.views import Archive
from edi_gateway.records import from_json, record_type
from edi_gateway.services.gateway import Gateway

Row = TypeVar("Row", TransactionSet, ErpFile)
PAGE = 200
_TOLERANT = x12.Rules(mode=x12.Mode.TOLERANT)
"""What was accepted when it came is read again, whatever terms were agreed on then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A map in use, what is to take its place, and which archived documents both are tried on."""

    live: Map
    candidate: Map
    since: datetime
    partner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """One archived document: its name for people, and the kinds of its changes, none where both maps make the same of it."""

    name: str
    kinds: tuple[str, ...]


def rehearse(gateway: Gateway, archive: Archive, change: Change) -> Iterator[Rehearsed]:
    """Every archived document of the agreements that name the live map, and what the candidate changes of it.

    Shape:  a map of X12 reads the sets that came and writes the records that went; one of the ERP's files reads the files that the
            ERP dropped and writes the records that came.
    """
    for key, agreement in _agreements(gateway, change):
        comes = agreement.direction is Direction.IN
        if change.live.name == agreement.erp_map:
            yield from _written(gateway, archive, change, key, agreement) if comes else _files(gateway, archive, change, key, agreement)
        else:
            yield from _sets(gateway, archive, change, key, agreement) if comes else _written(gateway, archive, change, key, agreement)


def _agreements(gateway: Gateway, change: Change) -> Iterator[tuple[str, Agreement]]:
    for partner in gateway.book.partners:
        if change.partner in (None, partner.key):
            yield from ((partner.key, one) for one in partner.agreements if change.live.name in (one.map, one.erp_map))


def _sets(gateway: Gateway, archive: Archive, change: Change, key: str, agreement: Agreement) -> Iterator[Rehearsed]:
    """The sets that came, read by both maps. A message is read once for all sets of a page that it holds."""
    for page in _pages(partial(archive.sets_since, change.since, agreement.set_id, Direction.IN, key)):
        by_message: dict[int, dict[int, TransactionSet]] = {}
        for row in page:
            by_message.setdefault(row.transmission_id or 0, {})[row.offset] = row
        for message, wanted in by_message.items():
            with gateway.store.read() as uow:
                digest = uow.transmissions.get(message).content
                content = uow.payloads.get(digest) if digest else b""
            for found in x12.stream([content], gateway.library, rules=_TOLERANT):
                if isinstance(found, x12.TransactionSet) and found.offset in wanted:
                    tree = found.tree()
                    day = wanted[found.offset].created_at.date()
                    kinds = record_changes(change.live.read(tree, day).record, change.candidate.read(tree, day).record)
                    yield Rehearsed(name=_name(wanted[found.offset]), kinds=kinds)


def _written(gateway: Gateway, archive: Archive, change: Change, key: str, agreement: Agreement) -> Iterator[Rehearsed]:
    """The records of sets that came or went, written by both maps."""
    for page in _pages(partial(archive.sets_since, change.since, agreement.set_id, agreement.direction, key)):
        for row in page:
            if row.document_id is None:
                continue
            with gateway.store.read() as uow:
                document = uow.documents.get(row.document_id)
            record = from_json(record_type(document.kind), document.record)
            day = row.created_at.date()
            kinds = tree_changes(change.live.write(record, day).tree, change.candidate.write(record, day).tree)
            yield Rehearsed(name=_name(row), kinds=kinds)


def _files(gateway: Gateway, archive: Archive, change: Change, key: str, agreement: Agreement) -> Iterator[Rehearsed]:
    """The documents of files that the ERP dropped, read by both maps."""
    layout = gateway.shelf.layout(agreement.layout)
    for page in _pages(partial(archive.erp_files_since, change.since, agreement.layout, key)):
        for row in page:
            with gateway.store.read() as uow:
                content = uow.payloads.get(row.content) if row.content else b""
            for one in flatfile.read(content, layout, file=row.name).documents:
                if one.tree is not None:
                    day = row.created_at.date()
                    kinds = record_changes(change.live.read(one.tree, day).record, change.candidate.read(one.tree, day).record)
                    yield Rehearsed(name=f"{row.name}:{one.first_line}", kinds=kinds)


def _pages(ask: Callable[[int, int], tuple[Row, ...]]) -> Iterator[tuple[Row, ...]]:
    """Pages in the order in which rows were kept; `ask` takes the id to go on after and how many rows are wanted."""
    after = 0
    while page := ask(after, PAGE):
        yield page
        after = page[-1].id or 0


def _name(row: TransactionSet) -> str:
    return f"message {row.transmission_id}, {row.set_id} {row.business_key or row.control_number}"
