"""A configuration looked through before it is used: everything that is wrong with it, at once."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial

from edi_gateway import mapping
from edi_gateway.faults import Fault, Faulty, Place
from edi_gateway.partners.agreement import Agreement
from edi_gateway.services.guided import lint_agreement
from edi_gateway.services.shelf import Shelf
from edi_gateway.services.terms import Terms

_MAPS, _TABLES, _LAYOUTS, _GUIDES, _SCHEMAS = "maps/", "tables/", "schemas/flat/", "schemas/x12/guides/", "schemas/x12/"
_YAML, _CSV = ".yaml", ".csv"


def vet(terms: Terms) -> tuple[Fault, ...]:
    """Every finding: partners, certificates, own maps, guides, layouts and schemas, and whatever agreements use."""
    found: dict[Fault, None] = dict.fromkeys(terms.book.faults)
    found |= dict.fromkeys(fault for held in terms.keys.theirs.values() for fault in held.faults)
    found |= dict.fromkeys(_schemas(terms))
    for look in (*_own(terms), *_agreed(terms)):
        try:
            look()
        except Faulty as faulty:
            found |= dict.fromkeys(faulty.faults)
    return tuple(found)


def notes(terms: Terms) -> tuple[Fault, ...]:
    """What a careful colleague would say of the configuration's own maps, and of maps beside the guides that agreements name.

    Shape:  nothing that keeps them from being used.
    """
    found: dict[Fault, None] = {}
    for path in terms.files.files:
        if (name := _name(path, _MAPS)) is not None:
            with suppress(Faulty):
                found |= dict.fromkeys(mapping.lint_map(terms.shelf.map(name)))
    return (*found, *(fault for fault in beside_guides(terms) if fault not in found))


def beside_guides(terms: Terms) -> tuple[Fault, ...]:
    """What is found in the maps of all agreements beside the guides that they name."""
    return guided(terms.shelf, (one for partner in terms.book.partners for one in partner.agreements))


def guided(shelf: Shelf, agreements: Iterable[Agreement]) -> tuple[Fault, ...]:
    """What is found in these agreements' maps beside their guides; a map or guide that cannot be used is told by `vet`."""
    found: dict[Fault, None] = {}
    for agreement in agreements:
        with suppress(Faulty):
            found |= dict.fromkeys(lint_agreement(shelf, agreement))
    return tuple(found)


def _own(terms: Terms) -> Iterator[Callable[[], object]]:
    """The looks at the configuration's own files."""
    shelf = terms.shelf
    for path in terms.files.files:
        if (name := _name(path, _MAPS)) is not None:
            yield partial(shelf.map, name)
        elif (name := _name(path, _TABLES, _CSV)) is not None:
            yield partial(_table, shelf, name)
        elif (name := _name(path, _LAYOUTS)) is not None:
            yield partial(shelf.layout, name)
        elif (name := _name(path, _GUIDES)) is not None:
            yield partial(shelf.guide, name)


def _agreed(terms: Terms) -> Iterator[Callable[[], object]]:
    """The looks at what agreements name: a shipped map may stumble over an own schema."""
    agreements = [one for partner in terms.book.partners for one in partner.agreements]
    for name, tables in sorted({(name, one.tables) for one in agreements for name in (one.map, one.erp_map)}):
        yield partial(terms.shelf.map, name, tables)


def _schemas(terms: Terms) -> Iterator[Fault]:
    """The faults of own X12 schemas, each set read."""
    library = terms.shelf.library
    for path in terms.files.files:
        parts = path.removeprefix(_SCHEMAS).split("/")
        if not path.startswith(_SCHEMAS) or path.startswith(_GUIDES) or len(parts) < 2:
            continue
        release = parts[0]
        try:
            for set_id in [parts[2].removesuffix(".txt")] if len(parts) == 3 else library.sets(release):
                library.set_schema(release, set_id)
        except Faulty as faulty:
            yield from faulty.faults
        except UnicodeDecodeError as wrong:
            yield Fault.of("CFG-UNREADABLE", Place(file=str(terms.files.shown(path))), reason=wrong)


def _table(shelf: Shelf, name: str) -> None:
    found = shelf.table(name)
    if found is not None:
        found.must()


def _name(path: str, folder: str, ending: str = _YAML) -> str | None:
    return path.removeprefix(folder).removesuffix(ending) if path.startswith(folder) and path.endswith(ending) else None
