"""JSON and JSON Lines: a document is an object of records, `{"HDR": {…}, "LIN": [{…, "LRF": […]}]}`."""

import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from edi_gateway.faults import Fault, Place
from edi_gateway.flatfile.documents import Run, refused
from edi_gateway.flatfile.jsontext import JsonTrouble, parse_json, values_of
from edi_gateway.flatfile.layout import DOCUMENTS, Format, Layout
from edi_gateway.flatfile.named import Controls, NamedReader, NamedRecord, NamedValue
from edi_gateway.flatfile.reading import MAX_LINES, too_many_lines
from edi_gateway.marked import Items, Keyed, Node, Text
from edi_gateway.shape import LoopShape
from edi_gateway.tree import Loop


def read_json(content: bytes, layout: Layout, file: str | None) -> Run:
    """A file's documents: one object, or a list of objects."""
    reader = NamedReader(content, layout, file)
    if (objects := content.count(b"{")) > MAX_LINES:
        return refused(layout, content, file, Fault.of("ERP-139", Place(file=file, line=1, column=1), str(objects), maximum=MAX_LINES))
    try:
        text = content.decode(layout.dialect.encoding).lstrip("\ufeff")
    except UnicodeDecodeError as error:
        return refused(layout, content, file, _undecodable(content, error, content[: error.start].count(b"\n") + 1, layout, file))
    try:
        for node in values_of(text) if text.strip() else ():
            for record in _records(node, layout):
                yield from reader.take(record)
    except JsonTrouble as trouble:
        return refused(layout, content, file, _unparsed(trouble, file))
    return reader.end()


def read_json_lines(content: bytes, layout: Layout, file: str | None) -> Run:
    """A file's documents: one object a line. A line that cannot be read spoils no other."""
    if (long := too_many_lines(content, file)) is not None:
        return refused(layout, content, file, long)
    reader = NamedReader(content, layout, file)
    for line, raw in enumerate(io.BytesIO(content), 1):
        if not raw.strip():
            continue
        try:
            for record in _records(parse_json(raw.decode(layout.dialect.encoding).lstrip("\ufeff").rstrip("\n"), line), layout):
                yield from reader.take(record)
        except UnicodeDecodeError as error:
            reader.pass_over(_undecodable(raw, error, line, layout, file))
        except JsonTrouble as trouble:
            reader.pass_over(_unparsed(trouble, file))
    return reader.end()


def _undecodable(raw: bytes, error: UnicodeDecodeError, line: int, layout: Layout, file: str | None) -> Fault:
    before = raw[raw.rfind(b"\n", 0, error.start) + 1 : error.start].decode(layout.dialect.encoding, "replace")
    bad = raw[error.start : error.start + 1].hex().upper()
    return Fault.of("ERP-102", Place(file=file, line=line, column=len(before) + 1), bad, encoding=layout.dialect.encoding)


def _unparsed(trouble: JsonTrouble, file: str | None) -> Fault:
    return Fault.of("ERP-120", Place(file=file, line=trouble.line, column=trouble.column), str(trouble), format="JSON")


def write_json(trees: Iterable[Loop], layout: Layout, controls: Controls) -> str:
    """The trees as JSON: a list of documents, or with JSON Lines one document a line. Values are texts, so that numbers stay exact.

    A header and a trailer stand in lines of their own; in JSON they and the list are an object.
    """
    documents = [_plain(tree, layout.shape.root, layout) for tree in trees]
    header, trailer = ({one.tag: controls[one.tag]} if one else {} for one in (layout.header, layout.trailer))
    if layout.format is Format.JSONL:
        lines = [one for one in (header, *documents, trailer) if one]
        return "".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) + "\n" for one in lines)
    return json.dumps({**header, DOCUMENTS: documents, **trailer} if controls else documents, ensure_ascii=False, indent=1) + "\n"


def _records(node: Node, layout: Layout) -> Iterator[NamedRecord]:
    """The file's header, documents and trailer: of an object that holds some of them, wherever they stand in it, else the documents."""
    controls = [one.tag for one in layout.controls]
    if not controls or not isinstance(node, Keyed) or not any(name in node.entries for name in (*controls, DOCUMENTS)):
        yield from _documents(node)
        return
    for name, (at, _) in node.entries.items():
        if name not in (*controls, DOCUMENTS):
            raise JsonTrouble(f"{name!r} is neither {DOCUMENTS} nor {' or '.join(controls)}", at.line, at.column)
    for name in (layout.header.tag if layout.header else "", DOCUMENTS, layout.trailer.tag if layout.trailer else ""):
        found = node.get(name)
        if found is None:
            continue
        if name == DOCUMENTS:
            yield from _documents(found)
        elif isinstance(found, Keyed):
            yield _record(name, found)
        else:
            raise JsonTrouble(f"{name} is no record", found.line, found.column)


def _documents(node: Node) -> Iterator[NamedRecord]:
    for one in node.values if isinstance(node, Items) else (node,):
        if not isinstance(one, Keyed):
            raise JsonTrouble("a document is an object of records", one.line, one.column)
        yield _record("document", one)


def _record(tag: str, node: Keyed) -> NamedRecord:
    record = NamedRecord(tag=tag, line=node.line, column=node.column, last_line=node.line)
    for name, (at, value) in node.entries.items():
        if isinstance(value, Text):
            record.values.append(NamedValue(name=name, text=value.value, line=value.line, column=value.column))
            record.last_line = max(record.last_line, value.line)
            continue
        for one in value.values if isinstance(value, Items) else (value,):
            if not isinstance(one, Keyed):
                raise JsonTrouble(f"{name} holds something that is no record", at.line, at.column)
            record.records.append(_record(name, one))
            record.last_line = max(record.last_line, record.records[-1].last_line)
    return record


def _plain(loop: Loop, shape: LoopShape, layout: Layout) -> dict[str, Any]:
    """A loop as an object: once is an object, any number a list."""
    plain: dict[str, Any] = {}
    for item in shape.items:
        if item.tag == shape.tag:
            continue
        found = []
        for child in loop.children:
            if child.tag != item.tag:
                continue
            if isinstance(child, Loop) and isinstance(item, LoopShape):
                first = child.children[0]
                assert not isinstance(first, Loop)
                found.append({**_values(item.tag, list(first), layout), **_plain(child, item, layout)})
            elif not isinstance(child, Loop):
                found.append(_values(item.tag, list(child), layout))
        if found:
            plain[item.tag] = found[0] if item.limit == 1 else found
    return plain


def _values(tag: str, segment: list[Any], layout: Layout) -> dict[str, str]:
    columns = layout.records[tag].columns
    return {column.shape.id: text for column, text in zip(columns, segment[1:], strict=False) if text}
