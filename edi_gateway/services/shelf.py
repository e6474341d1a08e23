"""Maps, tables, layouts, guides and X12 schemas by name, as they stand in the home and in what is shipped; each compiled once.

Maps and guides are read anew where a file of theirs has changed, so that a mended one needs no restart.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from edi_gateway import flatfile, mapping, x12
from edi_gateway.assets import Assets
from edi_gateway.faults import Fault, Faulty, Place
from edi_gateway.partners.load_documents import Known
from edi_gateway.shape import Shape

_LAYOUTS = "flat/"
_GUIDES = "x12/guides/"

Aliases: TypeAlias = tuple[tuple[str, str], ...]
"""The cross-references that an agreement takes: the name after `via` in its maps, and the file's."""

Mark: TypeAlias = tuple[str, int, int]
"""A file as it was read: path, time of change, size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loaded:
    """A guide, and its file as it was read."""

    guide: x12.Guide
    mark: Mark | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compiled:
    """A map, and the files that it was made of by their names."""

    map: mapping.Map
    marks: Mapping[tuple[str, str], Mark | None]


class Shelf:
    """What is compiled, by the names that agreements use ("x12/004010/850", "flat/order"; layouts "order")."""

    def __init__(self, assets: Assets) -> None:
        self._assets = assets
        self.library = x12.Library(assets.roots("schemas"))
        self._maps: dict[tuple[str, Aliases], _Compiled] = {}
        self._tables: dict[str, tuple[Mark | None, mapping.LoadedReference]] = {}
        self._guides: dict[str, _Loaded] = {}

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
        """The guide of a name ("amazon/retail-850"), as its file is now. Errors: Faulty where there is none, or it has faults."""
        path = self._assets.find("schemas", f"{_GUIDES}{name}.yaml")
        if path is None:
            raise Faulty([Fault.of("STO-436", value=name, known=", ".join(self.guide_names()))])
        mark = _mark(path)
        held = self._guides.get(name)
        if held is None or held.mark != mark:
            found = x12.load_guide(_text(path), self.library, file=str(path))
            if found.guide is None:
                raise Faulty(found.faults)
            held = self._guides[name] = _Loaded(guide=found.guide, mark=mark)
        return held.guide

    def map(self, name: str, tables: Aliases = ()) -> mapping.Map:
        """The map of a name, as its files are now. Errors: Faulty where there is none, or it does not compile."""
        held = self._maps.get((name, tables))
        if held is None or any(self._mark(*file) != mark for file, mark in held.marks.items()):
            held = self._maps[name, tables] = self._compile(name, dict(tables))
        return held.map

    def compile(self, path: Path) -> mapping.Map:
        """The map in a file. Errors: Faulty with file, line and column of each thing that stands in its way."""
        return mapping.compile_map(_text(path), file=str(path), shapes=self.shape, base=self._base, tables=self.table).must()

    def table(self, name: str) -> mapping.LoadedReference | None:
        """The cross-reference of a name, as its file is now; None where there is none. Errors: Faulty where it is no text."""
        path = self._assets.find("tables", f"{name}.csv")
        if path is None:
            return None
        mark = _mark(path)
        held = self._tables.get(name)
        if held is None or held[0] != mark:
            held = self._tables[name] = mark, self.table_in(path)
        return held[1]

    def table_in(self, path: Path) -> mapping.LoadedReference:
        """The cross-reference in a file. Errors: Faulty where it is no text."""
        return mapping.load_cross_reference(_text(path), name=path.stem, file=str(path))

    def layout(self, name: str) -> flatfile.Layout:
        """The layout of a name. Errors: Faulty where there is none, or it cannot be read."""
        if name not in self._layouts:
            raise Faulty([Fault.of("STO-425", value=name, known=", ".join(self.layout_names()))])
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
                return self._layouts[name].shape if name in self._layouts else None
            case _:
                return None

    @cached_property
    def _layouts(self) -> dict[str, flatfile.Layout]:
        return dict(self._load_layouts())

    def _load_layouts(self) -> Iterator[tuple[str, flatfile.Layout]]:
        for name, path in self._assets.names("schemas").items():
            if name.startswith(_LAYOUTS):
                yield name.removeprefix(_LAYOUTS), flatfile.load_layout(_text(path), file=str(path), base=self._layout_text).must()

    def _compile(self, name: str, tables: Mapping[str, str]) -> _Compiled:
        path = self._find(name)
        if path is None:
            raise Faulty([Fault.of("STO-424", value=name, known=", ".join(self.map_names()))])
        # Marked before they are read: a file that changes meanwhile is read once more rather than missed.
        marks = {("maps", f"{name}.yaml"): self._mark("maps", f"{name}.yaml")}

        def base(extended: str) -> tuple[str, str] | None:
            marks["maps", f"{extended}.yaml"] = self._mark("maps", f"{extended}.yaml")
            return self._base(extended)

        def table(via: str) -> mapping.LoadedReference | None:
            file = tables.get(via, via)
            marks["tables", f"{file}.csv"] = self._mark("tables", f"{file}.csv")
            return self.table(file)

        made = mapping.compile_map(_text(path), file=str(path), shapes=self.shape, base=base, tables=table).must()
        return _Compiled(map=made, marks=marks)

    def _mark(self, folder: str, file: str) -> Mark | None:
        path = self._assets.find(folder, file)
        return _mark(path) if path else None

    def _find(self, name: str) -> Path | None:
        return self._assets.find("maps", f"{name}.yaml")

    def _layout_text(self, name: str) -> tuple[str, str] | None:
        path = self._assets.find("schemas", f"{_LAYOUTS}{name}.yaml")
        return (_text(path), str(path)) if path else None

    def _base(self, name: str) -> tuple[str, str] | None:
        path = self._find(name)
        return (_text(path), str(path)) if path else None


def _mark(path: Path) -> Mark | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return str(path), found.st_mtime_ns, found.st_size


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as wrong:
        raise Faulty([Fault.of("CFG-UNREADABLE", Place(file=str(path)), reason=wrong)]) from wrong
