"""A layout's YAML to a layout, with every fault's place."""

import codecs
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from edi_gateway.faults import Fault, Faulty, Place
from edi_gateway.flatfile import delivery
from edi_gateway.flatfile.layout import (
    DOCUMENTS,
    RECORDS,
    TOTAL,
    UNREAD,
    Column,
    ControlRecord,
    ControlTotal,
    Dialect,
    Format,
    Layout,
    RecordType,
)
from edi_gateway.marked import Items, Keyed, Node, Text, nearest, parse
from edi_gateway.shape import ElementShape, LoopShape, SegmentShape, Shape

_KEYS = (
    *("layout", "like", "title", "record", "document", "format", "prefixes", "notes", "dialect", "others"),
    *("arrange", "total", "header", "trailer", "records"),
)
_DIALECT = ("delimiter", "quote", "newline", "encoding", "decimal", "date", "headers")
_RECORD = ("name", "segment", "occurs", "required", "notes", "columns", "records")
_CONTROL = ("tag", "counts", "widths")
_COLUMN = ("name", "type", "max", "width", "required", "codes", "example", "notes")
_TYPES = ("AN", "ID", "R", "N0", "DT", "TM")
_NEWLINES = {"lf": "\n", "crlf": "\r\n"}
_DELIMITERS = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What loading a layout gives: the layout, or every fault in its text."""

    layout: Layout | None
    faults: tuple[Fault, ...] = ()

    def must(self) -> Layout:
        """The layout. Errors: Faulty where there is none."""
        if self.layout is None:
            raise Faulty(self.faults)
        return self.layout


Base: TypeAlias = Callable[[str], tuple[str, str] | None]
"""Finds the layout that another is like: its name to its text and file, None where there is none."""


def load_layout(source: str, *, file: str, base: Base | None = None) -> Loaded:
    """The layout of a YAML text. Shape: `base` finds the layout that `like:` names."""
    reader = _Reader(file)
    layout = reader.layout(source, base)
    if reader.faults:
        return Loaded(layout=None, faults=tuple(reader.faults))
    return Loaded(layout=layout)


class _Reader:
    def __init__(self, file: str) -> None:
        self._file = file
        self.faults: list[Fault] = []
        self._records: dict[str, RecordType] = {}
        self._shapes: dict[str, SegmentShape | LoopShape] = {}

    def _fault(self, code: str, node: Node, value: str | None = None, **detail: object) -> None:
        self.faults.append(Fault.of(code, Place(file=self._file, line=node.line, column=node.column), value, **detail))

    def layout(self, source: str, base: Base | None) -> Layout | None:
        parsed = parse(source)
        for problem in parsed.problems:
            place = Place(file=self._file, line=problem.line, column=problem.column)
            self.faults.append(Fault.of("ERP-301", place, f"{problem.trouble}: {problem.words}"))
        if not isinstance(parsed.root, Keyed):
            if not parsed.problems:
                self.faults.append(Fault.of("ERP-301", Place(file=self._file, line=1, column=1), "it holds no layout"))
            return None
        root = parsed.root
        self._known(root, _KEYS)
        name = self._text(root, "layout", required=True)
        format_name = self._text(root, "format") or "csv"
        if format_name not in list(Format):
            self._fault("ERP-303", root.get("format") or root, format_name, key="format", wanted=" or ".join(Format))
            format_name = "csv"
        if root.get("like") is not None:
            return self._like(root, name, Format(format_name), base)
        fixed = format_name in (Format.FIXED, Format.IDOC, Format.IDOC_XML)
        items = self._items(root.get("records"), fixed)
        if not items or not isinstance(items[0], SegmentShape):
            self._fault(
                "ERP-303", root.get("records") or root, "", key="records", wanted="the opening record first, without records under it"
            )
            return None
        shape = Shape(name=f"flat {name}", title=self._text(root, "title") or name, root=LoopShape(tag=name, items=items))
        return Layout(
            name=name,
            title=self._text(root, "title") or name,
            record=self._text(root, "record", required=True),
            document=self._text(root, "document", required=True),
            shape=shape,
            nested=self._nested(root, shape),
            records=dict(self._records),
            format=Format(format_name),
            dialect=self._dialect(root.get("dialect")),
            prefixes=tuple(self._text(root, "prefixes").split()) or (name,),
            notes=self._text(root, "notes"),
            others=self._flag(root, "others"),
            **self._controls(root, Format(format_name), self._total(root)),
        )

    def _nested(self, root: Keyed, shape: Shape) -> Shape | None:
        """The document as maps see it, where the layout says that its records refer to one another."""
        named = self._text(root, "arrange")
        if not named:
            return None
        lacking = delivery.lacking(shape)
        if named != delivery.NAME or lacking:
            wanted = f"{delivery.NAME}, in a layout with {', '.join(lacking)}" if named == delivery.NAME else delivery.NAME
            self._fault("ERP-303", root.get("arrange") or root, named, key="arrange", wanted=wanted)
            return None
        return delivery.nested_shape(shape)

    def _like(self, root: Keyed, name: str, form: Format, base: Base | None) -> Layout | None:
        """The layout that another is like, in another form: the same records and columns, so that the same maps fit."""
        like = self._text(root, "like", required=True)
        found = base(like) if base and like != name else None
        if found is None:
            self._fault("ERP-305", root.get("like") or root, like)
            return None
        loaded = load_layout(found[0], file=found[1])
        if loaded.layout is None:
            self.faults += loaded.faults
            return None
        below = loaded.layout
        self._records = dict(below.records)
        if form is Format.FIXED and not all(column.width for record in below.records.values() for column in record.columns):
            self._fault("ERP-303", root.get("format") or root, like, key="like", wanted="a layout whose columns all have a width")
        return replace(
            below,
            name=name,
            title=self._text(root, "title") or below.title,
            format=form,
            dialect=self._dialect(root.get("dialect")) if root.get("dialect") else below.dialect,
            prefixes=tuple(self._text(root, "prefixes").split()) or (name,),
            notes=self._text(root, "notes"),
            like=like,
            **self._controls(root, form, self._total(root) if root.get("total") else below.total, below),
        )

    def _total(self, root: Keyed) -> ControlTotal | None:
        """The column that `total: LIN.quantity` names."""
        text = self._text(root, "total")
        if not text:
            return None
        tag, _, name = text.partition(".")
        number = self._records[tag].shape.number(name) if tag in self._records else None
        if number is None or self._records[tag].columns[number - 1].shape.type not in ("R", "N0"):
            wanted = "a record and its column that holds numbers, such as LIN.quantity"
            self._fault("ERP-303", root.get("total") or root, text, key="total", wanted=wanted)
            return None
        return ControlTotal(tag=tag, column=name, number=number)

    def _controls(self, root: Keyed, form: Format, total: ControlTotal | None, below: Layout | None = None) -> dict[str, Any]:
        """The file's total, header and trailer. Those of the layout that this one is like hold where both have one form."""
        found: dict[str, Any] = {"total": total}
        for key in ("header", "trailer"):
            inherited = getattr(below, key) if below is not None and below.format is form else None
            node = root.get(key)
            found[key] = inherited if node is None else self._control(key, node, form, total)
        tags = [found[key].tag for key in ("header", "trailer") if found[key] is not None]
        if len(set(tags)) < len(tags):
            self._fault("ERP-304", root.get("trailer") or root, tags[0])
        return found

    def _control(self, key: str, node: Node, form: Format, total: ControlTotal | None) -> ControlRecord | None:
        """A header or trailer. Shape: `{tag: FTR, counts: documents records total}`, with `widths: 6 6 15` where widths are fixed."""
        fixed = form is Format.FIXED
        counts = tuple(self._text(node, "counts").split()) if isinstance(node, Keyed) else ()
        widths = tuple(self._text(node, "widths").split()) if isinstance(node, Keyed) else ()
        names = [name for name in counts if name != UNREAD]
        good = len(set(names)) == len(names) and set(names) <= {DOCUMENTS, RECORDS, TOTAL} and (bool(names) or key == "header")
        measured = len(widths) == (len(counts) if fixed else 0) and all(one.isdecimal() and 0 < int(one) < 1000 for one in widths)
        if not isinstance(node, Keyed) or not good or not measured or form in (Format.IDOC, Format.IDOC_XML):
            words = "{tag: FTR, counts: documents records total" + (", widths: 6 6 15}" if fixed else "}")
            self._fault("ERP-303", node, "", key=key, wanted=f"{words}, in a layout that is no IDoc")
            return None
        self._known(node, _CONTROL)
        if TOTAL in counts and total is None:
            self._fault("ERP-303", node, TOTAL, key="counts", wanted="a total that the layout names (total: LIN.quantity)")
        tag = self._text(node, "tag", required=True)
        if tag in self._records:
            self._fault("ERP-304", node.get("tag") or node, tag)
        return ControlRecord(tag=tag, counts=counts, widths=tuple(map(int, widths)))

    def _known(self, node: Keyed, keys: tuple[str, ...]) -> None:
        for key, (at, _) in node.entries.items():
            if key not in keys:
                self._fault("ERP-302", at, key, hint=nearest(key, keys))

    def _text(self, node: Keyed, key: str, *, required: bool = False) -> str:
        found = node.get(key)
        if isinstance(found, Text) and (found.value or not required):
            return found.value.strip(" \n")
        if found is not None or required:
            self._fault("ERP-303", found or node, "", key=key, wanted="a word or line of text")
        return ""

    def _whole(self, node: Keyed, key: str) -> int:
        text = self._text(node, key)
        if text and not (text.isascii() and text.isdecimal() and len(text) < 10):
            self._fault("ERP-303", node.get(key) or node, text, key=key, wanted="a whole number")
            return 0
        return int(text or 0)

    def _flag(self, node: Keyed, key: str) -> bool:
        text = self._text(node, key)
        if text not in ("", "yes", "no"):
            self._fault("ERP-303", node.get(key) or node, text, key=key, wanted="yes or no")
        return text == "yes"

    def _dialect(self, node: Node | None) -> Dialect:
        if not isinstance(node, Keyed):
            return Dialect()
        self._known(node, _DIALECT)
        said = {key: self._text(node, key) for key in _DIALECT if key != "headers"}
        delimiter = _DELIMITERS.get(said["delimiter"], said["delimiter"]) or ","
        if len(delimiter) != 1 or len(said["quote"]) > 1:
            self._fault("ERP-303", node, delimiter, key="delimiter", wanted="one character, or tab, comma, semicolon, pipe")
        encoding = said["encoding"] or "utf-8"
        try:
            codecs.lookup(encoding)
        except LookupError:
            self._fault("ERP-303", node, encoding, key="encoding", wanted="an encoding such as utf-8, cp1252 or gb18030")
        newline = said["newline"] or "lf"
        if newline not in _NEWLINES:
            self._fault("ERP-303", node, newline, key="newline", wanted="lf or crlf")
        date = said["date"] or "CCYYMMDD"
        if not is_mask(date):
            self._fault("ERP-303", node, date, key="date", wanted="a mask of CCYY or YY, MM and DD, such as CCYY-MM-DD")
        return Dialect(
            delimiter=delimiter,
            quote=said["quote"] or '"',
            newline=_NEWLINES.get(newline, "\n"),
            encoding=encoding,
            decimal=said["decimal"] or ".",
            date=date,
            headers=self._flag(node, "headers"),
        )

    def _items(self, node: Node | None, fixed: bool) -> tuple[SegmentShape | LoopShape, ...]:
        if not isinstance(node, Keyed):
            return ()
        items: list[SegmentShape | LoopShape] = []
        for tag, (at, value) in node.entries.items():
            if isinstance(value, Text) and value.value == "again" and tag in self._shapes:
                items.append(self._shapes[tag])
            elif not isinstance(value, Keyed) or not tag.replace("_", "").isalnum() or not tag.isupper():
                self._fault("ERP-303", at, tag, key=tag, wanted="a record type in capitals with its columns")
            elif tag in self._records:
                self._fault("ERP-304", at, tag)
            else:
                items.append(self._record(tag, value, fixed))
                self._shapes[tag] = items[-1]
        return tuple(items)

    def _record(self, tag: str, node: Keyed, fixed: bool) -> SegmentShape | LoopShape:
        self._known(node, _RECORD)
        columns = self._columns(node.get("columns"), fixed)
        occurs = self._text(node, "occurs") or "many"
        if occurs not in ("one", "many"):
            self._fault("ERP-303", node.get("occurs") or node, occurs, key="occurs", wanted="one or many")
        limit = 1 if occurs == "one" else 0
        requirement = "M" if self._flag(node, "required") else "O"
        nested = node.get("records")
        segment = SegmentShape(
            tag=tag,
            name=self._text(node, "name", required=True),
            elements=tuple(column.shape for column in columns),
            requirement="M" if nested is not None else requirement,
            limit=1 if nested is not None else limit,
        )
        self._records[tag] = RecordType(
            shape=segment, columns=columns, notes=self._text(node, "notes"), external=self._text(node, "segment")
        )
        if nested is None:
            return segment
        return LoopShape(tag=tag, items=(segment, *self._items(nested, fixed)), requirement=requirement, limit=limit)

    def _columns(self, node: Node | None, fixed: bool) -> tuple[Column, ...]:
        if not isinstance(node, Keyed):
            return ()
        columns = []
        for name, (at, value) in node.entries.items():
            if not isinstance(value, Keyed):
                self._fault("ERP-303", at, name, key=name, wanted="a column's keys, such as {name: …, type: AN}")
                continue
            self._known(value, _COLUMN)
            columns.append(self._column(name, value, fixed))
        return tuple(columns)

    def _column(self, name: str, node: Keyed, fixed: bool) -> Column:
        kind = self._text(node, "type") or "AN"
        if kind not in _TYPES:
            self._fault("ERP-303", node.get("type") or node, kind, key="type", wanted="one of " + ", ".join(_TYPES))
        width = self._whole(node, "width")
        if fixed and not width:
            self._fault("ERP-303", node, name, key="width", wanted="a width, as every column of a fixed-width record has")
        return Column(
            shape=ElementShape(
                id=name,
                name=self._text(node, "name", required=True),
                type=kind,
                maximum=self._whole(node, "max") or width,
                requirement="M" if self._flag(node, "required") else "O",
                codes=self._codes(node.get("codes")),
            ),
            example=self._text(node, "example"),
            width=width,
            notes=self._text(node, "notes"),
        )

    def _codes(self, node: Node | None) -> Mapping[str, str]:
        if isinstance(node, Items):
            return {one.value: "" for one in node.values if isinstance(one, Text)}
        if isinstance(node, Keyed):
            return {code: value.value for code, (_, value) in node.entries.items() if isinstance(value, Text)}
        return {}


def is_mask(text: str) -> bool:
    """Whether a date mask has a year, a month and a day, once each, and no other letters."""
    rest = text
    for part in ("CCYY" if "CCYY" in text else "YY", "MM", "DD"):
        if rest.count(part) != 1:
            return False
        rest = rest.replace(part, "")
    return not any(letter.isalnum() for letter in rest)
