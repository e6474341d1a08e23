"""A map's text to its definition: the YAML read, the rows parsed, what it extends laid beneath it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from edi_gateway.faults import Fault, Place
from edi_gateway.mapping.definition import Block, Definition, End, Equation, Item, Row, Units
from edi_gateway.mapping.overlay import overlaid, overlaid_equations, without
from edi_gateway.mapping.paths import Path, PathTrouble, parse_loop_path, parse_path
from edi_gateway.mapping.tables import Table
from edi_gateway.marked import Items, Keyed, Node, Text, Trouble, nearest, parse

Base: TypeAlias = Callable[[str], tuple[str, str] | None]
"""Finds the map that another extends: its name to its text and file, None where there is none."""

MAX_EXTENDS = 8
MAX_ROWS = 5000
"""Rows and blocks of one file, parts counted wherever they are used: parts within parts grow fast."""
_UNITS = ("quantity", "unit", "item", "table", "ours")
_HEADER = ("map", "title", "record", "schema", "extends")
KEYS = (*_HEADER, "tables", "parts", "omit", "fields", "equations")
"""What may stand at the top of a map."""
_END = re.compile(r"(?P<path>\S+)(?:\s+via\s+(?P<via>\S+))?(?:\s+=(?:\s+(?P<default>.*))?)?\Z", re.DOTALL)
_TROUBLES = {Trouble.SYNTAX: "MAP-101", Trouble.DUPLICATE: "MAP-102", Trouble.REFUSED: "MAP-103"}
_WORD = re.compile(r"[A-Za-z_][\w.-]*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a map says of itself, before anything is compiled."""

    name: str = ""
    title: str = ""
    record: str = ""
    schema: str = ""
    extends: str = ""


@dataclass(slots=True, kw_only=True)
class _Draft:
    """One file's part of a map."""

    header: Header
    place: Place
    tables: dict[str, Table] = field(default_factory=dict)
    table_places: dict[str, Place] = field(default_factory=dict)
    items: tuple[Item, ...] = ()
    equations: tuple[Equation, ...] = ()
    omit: tuple[tuple[str, Place], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Fields that blocks name, and the file that they stand in."""

    node: Node
    file: str


def load(source: str, file: str, base: Base | None) -> tuple[Definition | None, list[Fault]]:
    """The definition that a map's text and what it extends make together, and every fault found on the way."""
    faults: list[Fault] = []
    readers: list[_Reader] = []
    while True:
        reader = _Reader(file, faults)
        if not reader.take(source):
            return None, faults
        readers.append(reader)
        extends = reader.header.extends
        if not extends:
            break
        found = base(extends) if base else None
        if found is None:
            faults.append(Fault.of("MAP-115", reader.place_of("extends"), extends))
            return None, faults
        source, file = found
        if any(reader.file == file for reader in readers) or len(readers) >= MAX_EXTENDS:
            faults.append(Fault.of("MAP-116", readers[-1].place_of("extends"), extends))
            return None, faults
    parts = {name: part for reader in reversed(readers) for name, part in reader.parts().items()}
    drafts = [reader.draft(parts) for reader in readers]
    files = [reader.file for reader in readers]
    return _merged(drafts, files, faults), faults


def _merged(drafts: list[_Draft], files: list[str], faults: list[Fault]) -> Definition | None:
    top = drafts[0]
    said = {}
    for key, where in (("name", "map"), ("record", "record"), ("schema", "schema")):
        said[key] = next((value for draft in drafts if (value := getattr(draft.header, key))), "")
        if not said[key]:
            faults.append(Fault.of("MAP-104", top.place, where))
    tables: dict[str, Table] = {}
    table_places: dict[str, Place] = {}
    items: tuple[Item, ...] = ()
    equations: tuple[Equation, ...] = ()
    for draft in reversed(drafts):
        for name, place in draft.omit:
            items, equations, gone = without(items, equations, name)
            if not gone:
                faults.append(Fault.of("MAP-117", place, name))
        tables |= draft.tables
        table_places |= draft.table_places
        items = overlaid(items, draft.items)
        equations = overlaid_equations(equations, draft.equations)
    if not all(said.values()):
        return None
    return Definition(
        **said,
        place=top.place,
        body=Block(field="", place=top.place, at=None, many=False, items=items, equations=equations),
        tables=tables,
        table_places=table_places,
        files=tuple(files),
    )


class _Reader:
    """Reads one file, collecting faults with their place."""

    def __init__(self, file: str, faults: list[Fault]) -> None:
        self.file = file
        self.header = Header()
        self._faults = faults
        self._root = Keyed(line=1, column=1)
        self._parts: Mapping[str, _Part] = {}
        self._within: tuple[str, ...] = ()
        self._rows = 0

    def _place(self, node: Node) -> Place:
        return Place(file=self.file, line=node.line, column=node.column)

    def _fault(self, code: str, node: Node, value: str | None = None, **detail: object) -> None:
        self._faults.append(Fault.of(code, self._place(node), value, **detail))

    def take(self, source: str) -> bool:
        """Reads the YAML and the header; False where the text holds no map."""
        parsed = parse(source)
        for problem in parsed.problems:
            place = Place(file=self.file, line=problem.line, column=problem.column)
            self._faults.append(Fault.of(_TROUBLES[problem.trouble], place, problem.words))
        if any(problem.trouble is not Trouble.DUPLICATE for problem in parsed.problems):
            return False
        if not isinstance(parsed.root, Keyed):
            held = "it holds no keys such as map: and fields:" if source.strip() else "there is nothing in it"
            self._faults.append(Fault.of("MAP-101", Place(file=self.file, line=1, column=1), held))
            return False
        self._root = parsed.root
        self._known(parsed.root, KEYS)
        said = {key: self._text(parsed.root, key) for key in _HEADER}
        self.header = Header(name=said["map"], title=said["title"], record=said["record"], schema=said["schema"], extends=said["extends"])
        return True

    def place_of(self, key: str) -> Place:
        """Where the value of a key at the top stands."""
        return self._place(self._root.entries[key][1])

    def parts(self) -> dict[str, "_Part"]:
        """The file's own parts."""
        return {name: _Part(node=node, file=self.file) for name, (_, node) in self._entries(self._root.get("parts")).items()}

    def draft(self, parts: Mapping[str, "_Part"]) -> _Draft:
        """The file's part of the map. Shape: `parts` are those of all its files, the nearest file's before the others'."""
        self._parts = parts
        root = self._root
        return _Draft(
            header=self.header,
            place=self._place(root),
            tables=self._tables(root.get("tables")),
            table_places={key: self._place(at) for key, (at, _) in self._entries(root.get("tables")).items()},
            items=self._items(root.get("fields")),
            equations=self._equations(root.get("equations")),
            omit=self._omit(root.get("omit")),
        )

    def _known(self, node: Keyed, keys: tuple[str, ...]) -> None:
        for key, (at, _) in node.entries.items():
            if key not in keys:
                self._fault("MAP-105", at, key, hint=nearest(key, keys))

    def _text(self, node: Keyed, key: str) -> str:
        found = node.get(key)
        if found is None:
            return ""
        if not isinstance(found, Text):
            self._fault("MAP-106", found, key, wanted="one word or line of text")
            return ""
        return found.value.strip()

    def _entries(self, node: Node | None) -> Mapping[str, tuple[Text, Node]]:
        if node is None or (isinstance(node, Text) and not node.value):
            return {}
        if isinstance(node, Keyed):
            return node.entries
        self._fault("MAP-106", node, "", wanted="keys with values")
        return {}

    def _items(self, node: Node | None) -> tuple[Item, ...]:
        """The rows and blocks of `fields:`, which holds them or names a part that does."""
        if isinstance(node, Text) and node.value:
            part = self._parts.get(node.value)
            if part is None or node.value in self._within:
                self._fault("MAP-126", node, node.value, hint=nearest(node.value, self._parts))
                return ()
            outer = self._within, self.file
            self._within, self.file = (*self._within, node.value), part.file
            items = self._items(part.node)
            self._within, self.file = outer
            return items
        found = (self._item(name, at, value) for name, (at, value) in self._entries(node).items())
        return tuple(item for item in found if item is not None)

    def _item(self, name: str, at: Text, node: Node) -> Item | None:
        place = self._place(at)
        self._rows += 1
        if self._rows >= MAX_ROWS:
            if self._rows == MAX_ROWS:
                self._fault("MAP-127", at, str(MAX_ROWS))
            return None
        if isinstance(node, Text):
            end = self._end(node)
            return Row(field=name, place=place, read=end, write=end) if end else None
        if isinstance(node, Items):
            self._fault("MAP-106", node, name, wanted="a path, or keys such as at, each, is, in, out")
            return None
        if "fields" in node.entries or "each" in node.entries or "at" in node.entries:
            return self._block(name, place, node)
        if "is" in node.entries:
            return self._conditional(name, place, node)
        self._known(node, ("in", "out", "when"))
        read = self._end(one) if isinstance(one := node.get("in"), Text) else None
        write = self._end(one) if isinstance(one := node.get("out"), Text) else None
        if read is None and write is None:
            self._fault("MAP-106", node, name, wanted="a path, or keys such as at, each, is, in, out")
            return None
        return self._guarded(Row(field=name, place=place, read=read, write=write), node)

    def _conditional(self, name: str, place: Place, node: Keyed) -> Row | None:
        self._known(node, ("is", "when"))
        path = node.get("is")
        if not isinstance(path, Text) or "when" not in node.entries:
            self._fault("MAP-106", node, name, wanted="is: with a path and when: with a condition")
            return None
        end = self._end(path)
        return self._guarded(Row(field=name, place=place, read=end, write=end), node) if end is not None else None

    def _guarded(self, row: Row, node: Keyed) -> Row | None:
        """The row under the condition that stands beside it, if one does."""
        condition = node.get("when")
        if condition is None:
            return row
        if not isinstance(condition, Text):
            self._fault("MAP-106", condition, row.field, wanted="when: with a condition such as quantity != none")
            return None
        return replace(row, when=condition.value, when_place=self._place(condition))

    def _block(self, name: str, place: Place, node: Keyed) -> Block | None:
        self._known(node, ("at", "each", "fields", "equations", "units"))
        where = [(key, node.entries[key][1]) for key in ("at", "each") if key in node.entries]
        if len(where) > 1:
            self._fault("MAP-106", where[1][1], name, wanted="either at: or each:, not both")
        path = None
        if where and isinstance(where[0][1], Text):
            path = self._path(where[0][1], where[0][1].value.strip(), parse_loop_path)
            if path is None:
                return None
        return Block(
            field=name,
            place=place,
            at=path,
            many=bool(where) and where[0][0] == "each",
            items=self._items(node.get("fields")),
            equations=self._equations(node.get("equations")),
            units=self._units(node.get("units")),
        )

    def _units(self, node: Node | None) -> Units | None:
        if node is None:
            return None
        if not isinstance(node, Keyed):
            self._fault("MAP-106", node, "units", wanted="keys such as quantity, unit, item, table and ours")
            return None
        self._known(node, (*_UNITS, "price"))
        said = {key: self._text(node, key) for key in (*_UNITS, "price")}
        if missing := [key for key in _UNITS if not said[key]]:
            self._fault("MAP-106", node, "units", wanted=f"the keys {', '.join(missing)}")
            return None
        fields = {key: tuple(name.strip() for name in said[key].split(",") if name.strip()) for key in ("quantity", "price")}
        return Units(place=self._place(node), unit=said["unit"], item=said["item"], table=said["table"], ours=said["ours"], **fields)

    def _path(self, node: Text, text: str, read: Callable[[str], Path]) -> Path | None:
        try:
            return read(text)
        except PathTrouble as trouble:
            self._fault("MAP-107", node, text, why=trouble)
            return None

    def _end(self, node: Text) -> End | None:
        found = _END.match(node.value.strip())
        if found is None:
            self._fault("MAP-107", node, node.value, why="a row reads PATH, then via TABLE, then = default")
            return None
        path = self._path(node, found["path"], parse_path)
        return End(path=path, via=found["via"], default=(found["default"] or "").strip() or None) if path else None

    def _equations(self, node: Node | None) -> tuple[Equation, ...]:
        made = []
        for text, (at, value) in self._entries(node).items():
            path = self._path(at, text, parse_path)
            if path is None:
                continue
            if isinstance(value, Text):
                made.append(Equation(path=path, text=value.value, place=self._place(value)))
                continue
            said = {key: one.value for key, (_, one) in value.entries.items() if isinstance(one, Text)} if isinstance(value, Keyed) else {}
            if isinstance(value, Keyed) and "out" in said and said.keys() <= {"in", "out"} and len(said) == len(value.entries):
                place = self._place(value.entries["out"][1])
                made.append(Equation(path=path, text=said["out"], place=place, checked=False, only=said.get("in")))
            else:
                self._fault("MAP-106", value, text, wanted="an expression such as count(lines)")
        return tuple(made)

    def _omit(self, node: Node | None) -> tuple[tuple[str, Place], ...]:
        if node is None:
            return ()
        if not isinstance(node, Items) or not all(isinstance(one, Text) for one in node.values):
            self._fault("MAP-106", node, "omit", wanted="a list of fields and equations")
            return ()
        return tuple((one.value, self._place(one)) for one in node.values if isinstance(one, Text))

    def _tables(self, node: Node | None) -> dict[str, Table]:
        made = {}
        for name, (at, value) in self._entries(node).items():
            if not _WORD.match(name) or not isinstance(value, Keyed):
                self._fault("MAP-106", at, name, wanted="a table of names and codes")
                continue
            made[name] = self._table(name, value)
        return made

    def _table(self, name: str, node: Keyed) -> Table:
        names: dict[str, str] = {}
        codes: dict[str, str] = {}
        for word, (at, value) in node.entries.items():
            if word in ("accept", "other"):
                continue
            if not isinstance(value, Text):
                self._fault("MAP-106", value, word, wanted="one code")
            elif value.value in names:
                self._fault("MAP-201", at, value.value, table=name, first=names[value.value], second=word)
            else:
                names[value.value] = word
                codes[word] = value.value
        for code, (at, value) in self._entries(node.get("accept")).items():
            if not isinstance(value, Text) or value.value not in codes:
                self._fault("MAP-202", at, code, table=name, hint=nearest(value.value if isinstance(value, Text) else "", codes))
            elif code in names:
                self._fault("MAP-201", at, code, table=name, first=names[code], second=value.value)
            else:
                names[code] = value.value
        other = node.get("other")
        keep = isinstance(other, Text) and other.value == "keep"
        if other is not None and not keep:
            self._fault("MAP-106", other, "other", wanted="the word keep")
        if keep and (both := {code for code in names.keys() & codes.keys() if names[code] != code}):
            self._fault("MAP-203", node, ", ".join(sorted(both)), table=name)
        return Table(name=name, names=names, codes=codes, keep=keep)
