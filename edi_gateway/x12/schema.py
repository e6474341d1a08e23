"""The schemas on disk, loaded as shapes when they are asked for.

A release's folder holds `elements.tsv`, `composites.tsv`, `segments.tsv` and `sets/<id>.txt` (the README beside them says how
they read). Folders are searched in order and layered row by row, so an operator's folder may hold one set, or one element.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from edi_gateway.faults import Fault, Faulty, Place
from edi_gateway.fileset import Entry
from edi_gateway.shape import ElementShape, LoopShape, SegmentShape, Shape
from edi_gateway.x12.check import Separators
from edi_gateway.x12.grammar import Grammar
from edi_gateway.x12.isa import REPEATS_FROM

RELEASE_LENGTH = 6
"""GS08 names the release in its first six characters; what follows is an industry's suffix."""

_ANY = "*"
_SET = ".txt"
_SET_ID = re.compile(r"[0-9A-Za-z]{1,6}")
"""What ST01 may be to be looked for: it becomes a file's name, and partners write what they like there."""
_MOST_GRAMMARS = 32
"""Of one set, kept for different separators: more only come from bytes that are made up."""


class _Row(NamedTuple):
    """One row of a schema file, and where it stands."""

    text: str
    path: Entry
    line: int

    def unreadable(self) -> Faulty:
        return Faulty([Fault.of("X12-801", Place(file=str(self.path), line=self.line), value=self.text.strip())])


@dataclass(frozen=True, kw_only=True)
class SetSchema:
    """A transaction set as its schema gives it: its shape, and the functional identifier (GS01) it travels under."""

    set_id: str
    functional_id: str
    shape: Shape

    @cached_property
    def _grammars(self) -> dict[Separators, Grammar]:
        return {}

    def grammar(self, separators: Separators) -> Grammar:
        """The machine for this set, one for each choice of inner separators."""
        found = self._grammars.get(separators)
        if found is None:
            if len(self._grammars) >= _MOST_GRAMMARS:
                self._grammars.clear()
            found = self._grammars[separators] = Grammar(self.shape, separators)
        return found


class Library:
    """All schemas of some folders, the first folder's before the next.

    Errors: Faulty (X12-801) where a schema file cannot be understood.
    """

    def __init__(self, folders: Sequence[Entry]) -> None:
        self._folders = tuple(folder / "x12" for folder in folders)
        self._releases: dict[str, _Release] = {}

    def releases(self) -> tuple[str, ...]:
        """The releases there are, in order."""
        found = {path.name for folder in self._folders if folder.is_dir() for path in folder.iterdir() if (path / "segments.tsv").is_file()}
        return tuple(sorted(found))

    def supports(self, release: str) -> bool:
        """Whether there is a schema for the release that GS08 names."""
        return self._release(release) is not None

    def sets(self, release: str) -> tuple[str, ...]:
        """The transaction sets of a release, in order."""
        found = self._release(release)
        return found.sets() if found else ()

    def set_schema(self, release: str, set_id: str) -> SetSchema | None:
        """A transaction set's schema; None where the release or the set is unknown."""
        found = self._release(release)
        return found.set_schema(set_id) if found else None

    def shape(self, release: str, set_id: str) -> Shape | None:
        """A transaction set's shape; None where the release or the set is unknown. `release` is GS08, suffix and all."""
        found = self.set_schema(release, set_id)
        return found.shape if found else None

    def segment(self, release: str, tag: str) -> SegmentShape | None:
        """A segment of the release's dictionary, the envelopes' and TA1 among them; None where it is unknown."""
        found = self._release(release)
        return found.segment(tag) if found else None

    def element(self, release: str, number: str) -> ElementShape | None:
        """An element or composite of the release's dictionary; None where it is unknown."""
        found = self._release(release)
        return found.element(number) if found else None

    def functional_ids(self, release: str) -> frozenset[str]:
        """The functional identifiers (GS01) that a release's dictionary lists."""
        found = self._release(release)
        return found.functional_ids if found else frozenset()

    def _release(self, release: str) -> "_Release | None":
        key = release[:RELEASE_LENGTH]
        known = self._releases.get(key)
        if known is None and key.isascii() and key.isalnum():
            folders = tuple(folder / key for folder in self._folders if (folder / key / "segments.tsv").is_file())
            if folders:
                layers = tuple(folder / key for folder in self._folders if (folder / key).is_dir())
                known = self._releases[key] = _Release(key, layers, self._names())
        return known

    def _names(self) -> "_Names":
        return _Names(tuple(folder / "code-names.tsv" for folder in self._folders))


class _Names:
    """What codes mean, where it is known: element and code to words."""

    def __init__(self, paths: Sequence[Entry]) -> None:
        self._paths = paths

    @cached_property
    def by_element(self) -> dict[str, dict[str, str]]:
        names: dict[str, dict[str, str]] = {}
        for path in reversed(self._paths):
            for row in _rows(path):
                element, code, words = _cells(row.text, 3)
                names.setdefault(element, {})[code] = words
        return names


class _Release:
    """One release's dictionary: rows are kept as text and become shapes when a set needs them."""

    def __init__(self, name: str, layers: tuple[Entry, ...], names: _Names) -> None:
        self.name = name
        # Where no count is known, none is held; before there was a separator for it nothing could be repeated.
        self._unstated = _ANY if name >= REPEATS_FROM else "1"
        self._layers = layers
        self._names = names
        self._elements: dict[str, ElementShape] = {}
        self._segments: dict[str, SegmentShape] = {}
        self._sets: dict[str, SetSchema] = {}

    @cached_property
    def _element_rows(self) -> dict[str, _Row]:
        return self._table("elements.tsv")

    @cached_property
    def _composite_rows(self) -> dict[str, _Row]:
        return self._table("composites.tsv")

    @cached_property
    def _segment_rows(self) -> dict[str, _Row]:
        return self._table("segments.tsv")

    @cached_property
    def functional_ids(self) -> frozenset[str]:
        element = self.element("479")
        return frozenset(element.codes) if element else frozenset()

    def _table(self, file: str) -> dict[str, _Row]:
        return {row.text.partition("\t")[0]: row for layer in reversed(self._layers) for row in _rows(layer / file)}

    def sets(self) -> tuple[str, ...]:
        folders = [folder for layer in self._layers if (folder := layer / "sets").is_dir()]
        names = {path.name for folder in folders for path in folder.iterdir()}
        return tuple(sorted(name.removesuffix(_SET) for name in names if name.endswith(_SET)))

    def set_schema(self, set_id: str) -> SetSchema | None:
        if set_id not in self._sets and _SET_ID.fullmatch(set_id):
            path = next((p for layer in self._layers if (p := layer / "sets" / f"{set_id}{_SET}").is_file()), None)
            if path is None:
                return None
            self._sets[set_id] = self._load_set(path)
        return self._sets.get(set_id)

    def segment(self, tag: str) -> SegmentShape | None:
        if tag not in self._segments:
            found = self._segment_rows.get(tag)
            if found is None:
                return None
            _, name, elements, syntax = _cells(found.text, 4)
            self._segments[tag] = SegmentShape(
                tag=tag,
                name=name,
                elements=tuple(self._use(use, found, self._unstated) for use in elements.split()),
                syntax=tuple(syntax.split()),
            )
        return self._segments[tag]

    def element(self, number: str) -> ElementShape | None:
        if number not in self._elements:
            if found := self._composite_rows.get(number):
                self._elements[number] = self._composite(number, found)
            elif found := self._element_rows.get(number):
                self._elements[number] = self._simple(number, found)
            else:
                return None
        return self._elements[number]

    def _simple(self, number: str, row: _Row) -> ElementShape:
        _, kind, minimum, maximum, name, codes = _cells(row.text, 6)
        if not (minimum.isdigit() and maximum.isdigit()):
            raise row.unreadable()
        names = self._names.by_element.get(number, {})
        listed = {code: names.get(code, "") for code in codes.split()}
        return ElementShape(id=number, name=name, type=kind, minimum=int(minimum), maximum=int(maximum), codes=listed)

    def _composite(self, number: str, row: _Row) -> ElementShape:
        _, name, elements, syntax = _cells(row.text, 4)
        components = tuple(self._use(use, row, "1") for use in elements.split())
        return ElementShape(id=number, name=name, type="AN", components=components, syntax=tuple(syntax.split()))

    def _use(self, use: str, row: _Row, unstated: str) -> ElementShape:
        """An element where a segment or composite uses it: `353/M`, or `C040/O/5` where it may stand five times."""
        number, requirement, repeat = (*use.split("/"), "", "")[:3]
        element = self.element(number)
        if element is None or requirement not in ("M", "O", "X") or not _is_limit(repeat or unstated):
            raise row.unreadable()
        return ElementShape(
            id=element.id,
            name=element.name,
            type=element.type,
            minimum=element.minimum,
            maximum=element.maximum,
            requirement=requirement,
            codes=element.codes,
            components=element.components,
            syntax=element.syntax,
            repeat=_limit(repeat or unstated),
        )

    def _load_set(self, path: Entry) -> SetSchema:
        rows = list(_rows(path))
        header = rows[0] if rows else _Row("", path, 1)
        set_id, functional_id, title = (*header.text.split(maxsplit=2), "", "", "")[:3]
        if f"{set_id}{_SET}" != path.name or not functional_id:
            raise header.unreadable()
        items, rest = self._items(rows[1:], 0)
        if rest:
            raise rest[0].unreadable()
        root = LoopShape(tag=set_id, items=items, requirement="M")
        shape = Shape(name=f"X12 {self.name} {set_id}", title=title, root=root)
        return SetSchema(set_id=set_id, functional_id=functional_id, shape=shape)

    def _items(self, rows: list[_Row], depth: int) -> tuple[tuple[SegmentShape | LoopShape, ...], list[_Row]]:
        """The slots indented deeper than `depth`, and the rows that follow them."""
        items: list[SegmentShape | LoopShape] = []
        while rows and (inner := _indent(rows[0].text)) > depth:
            row, *rows = rows
            match row.text.split():
                case ["loop", tag, ("M" | "O") as requirement, limit] if _is_limit(limit):
                    inside, rows = self._items(rows, inner)
                    if not inside or not isinstance(inside[0], SegmentShape) or inside[0].tag != tag:
                        raise row.unreadable()
                    items.append(LoopShape(tag=tag, items=inside, requirement=requirement, limit=_limit(limit), hierarchical=tag == "HL"))
                case [tag, ("M" | "O") as requirement, limit] if _is_limit(limit) and (segment := self.segment(tag)):
                    items.append(
                        SegmentShape(
                            tag=tag,
                            name=segment.name,
                            elements=segment.elements,
                            requirement=requirement,
                            limit=_limit(limit),
                            syntax=segment.syntax,
                        )
                    )
                case _:
                    raise row.unreadable()
        return tuple(items), rows


def _rows(path: Entry) -> Iterator[_Row]:
    """A file's rows; comments and blank rows are left out. Nothing where there is no file."""
    if path.is_file():
        for number, row in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if row.strip() and not row.startswith("#"):
                yield _Row(row, path, number)


def _cells(row: str, count: int) -> tuple[str, ...]:
    cells = row.split("\t")
    return tuple((cells + [""] * count)[:count])


def _indent(row: str) -> int:
    return len(row) - len(row.lstrip(" "))


def _is_limit(text: str) -> bool:
    return text == _ANY or (text.isdecimal() and int(text) > 0)


def _limit(text: str) -> int:
    return 0 if text == _ANY else int(text)
