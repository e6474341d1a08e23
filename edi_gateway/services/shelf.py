"""Maps, tables, layouts, guides and X12 schemas by name, as a configuration and what is shipped have them; each compiled once.

A shelf is of one configuration: whoever changes that makes another shelf. Homes that add nothing to what is shipped share one.
"""

from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from typing import TypeAlias

from edi_gateway import flatfile, mapping, x12
from edi_gateway.assets import Assets, files_below
from edi_gateway.faults import Fault, Faulty, Place
from edi_gateway.fileset import Entry
from edi_gateway.marked import nearest
from edi_gateway.partners.homefiles import FOLDERS
from edi_gateway.partners.load_documents import Known
from edi_gateway.shape import Shape

_LAYOUTS = "flat/"
_GUIDES = "x12/guides/"

Aliases: TypeAlias = tuple[tuple[str, str], ...]
"""The cross-references that an agreement takes: the name after `via` in its maps, and the file's."""


def shelf_of(home: Entry | None) -> "Shelf":
    """The shelf of a home, or of what is shipped alone; the same one for all that add nothing to it, so that is compiled once a process."""
    own = home is not None and any((home / folder).is_dir() and any(files_below(home / folder)) for folder in FOLDERS)
    return Shelf(Assets(home=home)) if own else _shipped()


@cache
def _shipped() -> "Shelf":
    return Shelf(Assets())


class Shelf:
    """What is compiled, by the names that agreements use ("x12/004010/850", "flat/order"; layouts "order")."""

    def __init__(self, assets: Assets) -> None:
        self._assets = assets
        self.library = x12.Library(assets.roots("schemas"))
        self._maps: dict[tuple[str, Aliases], mapping.Map] = {}
        self._tables: dict[str, mapping.LoadedReference] = {}
        self._guides: dict[str, x12.Guide] = {}

    def map_names(self) -> tuple[str, ...]:
        """The maps there are."""
        return tuple(self._assets.names("maps"))

    def table_names(self) -> tuple[str, ...]:
        """The cross-references there are."""
        return tuple(self._assets.names("tables", ".csv"))

    def layout_names(self) -> tuple[str, ...]:
        """The flat-file layouts there are."""
        return tuple(name.removeprefix(_LAYOUTS) for name in self._assets.names("schemas") if name.startswith(_LAYOUTS))

    def guide_names(self) -> tuple[str, ...]:
        """The partners' guides there are."""
        return tuple(name.removeprefix(_GUIDES) for name in self._assets.names("schemas") if name.startswith(_GUIDES))

    def known(self) -> Known:
        """The names that agreements may use."""
        return Known(maps=self.map_names(), layouts=self.layout_names(), guides=self.guide_names(), tables=self.table_names())

    def guide(self, name: str) -> x12.Guide:
        """The guide of a name ("amazon/retail-850"). Errors: Faulty where there is none, or it has faults."""
        if name not in self._guides:
            path = self._assets.find("schemas", f"{_GUIDES}{name}.yaml")
            if path is None:
                raise Faulty([Fault.of("STO-436", value=name, hint=nearest(name, self.guide_names()))])
            found = x12.load_guide(_text(path), self.library, file=str(path))
            if found.guide is None:
                raise Faulty(found.faults)
            self._guides[name] = found.guide
        return self._guides[name]

    def map(self, name: str, tables: Aliases = ()) -> mapping.Map:
        """The map of a name. Errors: Faulty where there is none, or it does not compile."""
        if (name, tables) not in self._maps:
            path = self._find(name)
            if path is None:
                raise Faulty([Fault.of("STO-424", value=name, hint=nearest(name, self.map_names()))])
            self._maps[name, tables] = self._compile(path, dict(tables))
        return self._maps[name, tables]

    def compile(self, path: Entry, tables: Aliases = ()) -> mapping.Map:
        """The map in a file. Errors: Faulty with file, line and column of each thing that stands in its way."""
        return self._compile(path, dict(tables))

    def table(self, name: str) -> mapping.LoadedReference | None:
        """The cross-reference of a name, None where there is none. Errors: Faulty where it is no text."""
        path = self._assets.find("tables", f"{name}.csv")
        if path is None:
            return None
        if name not in self._tables:
            self._tables[name] = self.table_in(path)
        return self._tables[name]

    def table_in(self, path: Entry) -> mapping.LoadedReference:
        """The cross-reference in a file. Errors: Faulty where it is no text."""
        return mapping.load_cross_reference(_text(path), name=path.name.removesuffix(".csv"), file=str(path))

    def layout(self, name: str) -> flatfile.Layout:
        """The layout of a name. Errors: Faulty where there is none, or it cannot be read."""
        if name not in self._layouts:
            raise Faulty([Fault.of("STO-425", value=name, hint=nearest(name, self.layout_names()))])
        return self._layouts[name]

    def layouts(self) -> tuple[flatfile.Layout, ...]:
        """Every layout, for recognising a dropped file. Errors: Faulty where one cannot be read."""
        return tuple(self._layouts.values())

    def shape(self, schema: str) -> Shape | None:
        """The shape that a map's `schema:` names: "X12 004010 850" or "flat order"; None where there is none."""
        match schema.split():
            case ["X12", release, set_id]:
                return self.library.shape(release, set_id)
            case ["flat", name]:
                return self._layouts[name].map_shape if name in self._layouts else None
            case _:
                return None

    @cached_property
    def _layouts(self) -> dict[str, flatfile.Layout]:
        return dict(self._load_layouts())

    def _load_layouts(self) -> Iterator[tuple[str, flatfile.Layout]]:
        for name, path in self._assets.names("schemas").items():
            if name.startswith(_LAYOUTS):
                yield name.removeprefix(_LAYOUTS), flatfile.load_layout(_text(path), file=str(path), base=self._layout_text).must()

    def _compile(self, path: Entry, tables: Mapping[str, str]) -> mapping.Map:
        def table(via: str) -> mapping.LoadedReference | None:
            return self.table(tables.get(via, via))

        return mapping.compile_map(_text(path), file=str(path), shapes=self.shape, base=self._base, tables=table).must()

    def _find(self, name: str) -> Entry | None:
        return self._assets.find("maps", f"{name}.yaml")

    def _layout_text(self, name: str) -> tuple[str, str] | None:
        path = self._assets.find("schemas", f"{_LAYOUTS}{name}.yaml")
        return (_text(path), str(path)) if path else None

    def _base(self, name: str) -> tuple[str, str] | None:
        path = self._find(name)
        return (_text(path), str(path)) if path else None


def _text(path: Entry) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as wrong:
        raise Faulty([Fault.of("CFG-UNREADABLE", Place(file=str(path)), reason=wrong)]) from wrong
